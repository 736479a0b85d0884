import { Button, Group, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconChevronDown } from "@tabler/icons-react";
import { useRef, useState, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import type { Project } from "../../api/client";
import { fieldError } from "../../api/errors";
import { KINDS, type Kind } from "../../api/insights";
import { missingPermission } from "../../api/roles";
import {
  useChangeSavedInsight,
  useDeleteSavedInsight,
  useSavedInsights,
  useSaveInsight,
  type SavedInsight,
} from "../../api/savedInsights";
import { ConfirmButton } from "../../components/ConfirmButton";
import { FormErrorAlert, useFocusOnError } from "../../components/FormErrorAlert";
import { KIND_LABELS } from "./kinds";
import { toBody, type InsightQuery } from "./insightQuery";
import { insightPath } from "./useInsightQuery";

interface SavedInsightsProps {
  project: Project;
  kind: Kind;
  question: InsightQuery;
  /** The number of the insight that this question came from. */
  saved: number | null;
}

/** What the project keeps, and keeping what is asked now. */
export function SavedInsights({ project, kind, question, saved }: SavedInsightsProps) {
  const insights = useSavedInsights(project.id);
  const locked = missingPermission(project.role, "member");
  const current = insights.data?.find(({ id }) => id === saved);
  return (
    <Group gap="xs">
      <List project={project} insights={insights.data} error={insights.error} />
      {locked === null ? <Save project={project} kind={kind} question={question} /> : null}
      {locked === null && current ? (
        <Current key={current.id} project={project} kind={kind} question={question} insight={current} />
      ) : null}
    </Group>
  );
}

interface ListProps {
  project: Project;
  insights: SavedInsight[] | undefined;
  error: Error | null;
}

function List({ project, insights, error }: ListProps) {
  const navigate = useNavigate();
  const locked = missingPermission(project.role, "member");
  // Kinds that this page does not show are left to what does.
  const shown = insights?.flatMap((insight) => {
    const kind = KINDS.find((one) => one === insight.kind);
    return kind ? [{ ...insight, kind }] : [];
  });
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconBookmark size={14} />} rightSection={<IconChevronDown size={14} />}>
          Saved
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        {error ? <Menu.Label>They could not be listed: {error.message}</Menu.Label> : null}
        {shown?.length === 0 ? (
          <Menu.Label>{locked === null ? "None yet. Save keeps a question for everybody here." : `None yet. ${locked}`}</Menu.Label>
        ) : null}
        {shown?.map(({ id, name, kind, query }) => (
          <Menu.Item
            key={id}
            style={{ overflowWrap: "anywhere" }}
            onClick={() => void navigate(insightPath(project.id, kind, query, id))}
          >
            {name}
            <Text size="xs" c="dimmed">
              {KIND_LABELS[kind].name}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type KeepProps = Omit<SavedInsightsProps, "saved">;

function Save({ project, kind, question }: KeepProps) {
  const [opened, { open, close }] = useDisclosure();
  const [name, setName] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const save = useSaveInsight(project.id);
  const navigate = useNavigate();
  useFocusOnError(form, save.error);
  const leave = () => {
    close();
    setName("");
    save.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const query = toBody(kind, question, true);
    save.mutate(
      { name: name.trim(), kind, query },
      {
        onSuccess: ({ id }) => {
          leave();
          void navigate(insightPath(project.id, kind, query, id), { replace: true });
        },
      },
    );
  };
  return (
    <>
      <Button size="xs" onClick={open}>
        Save
      </Button>
      <Modal opened={opened} onClose={leave} title="Save this insight">
        <form onSubmit={submit} ref={form}>
          <Stack>
            <FormErrorAlert error={save.error} fields={["name"]} />
            <TextInput
              label="Name"
              description={`Everybody in ${project.name} sees it`}
              required
              withAsterisk={false}
              maxLength={200}
              data-autofocus
              value={name}
              error={fieldError(save.error, "name")}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={leave}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isPending}>
                Save it
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** What can be done with the saved insight that is open. */
function Current({ project, kind, question, insight }: KeepProps & { insight: SavedInsight }) {
  const change = useChangeSavedInsight(project.id, insight.id);
  const remove = useDeleteSavedInsight(project.id, insight.id);
  const navigate = useNavigate();
  const body = toBody(kind, question, true);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={change.isPending}
        onClick={() => {
          change.mutate({ kind, query: body });
        }}
      >
        {change.isSuccess ? "Updated" : `Update “${insight.name.slice(0, 30)}”`}
      </Button>
      <ConfirmButton
        label="Delete"
        ariaLabel={`Delete ${insight.name}`}
        title={`Delete ${insight.name}?`}
        action="Delete it"
        keep="Keep it"
        change={remove}
        onConfirm={(done) => {
          remove.mutate(undefined, {
            onSuccess: () => {
              done();
              void navigate(insightPath(project.id, kind, body), { replace: true });
            },
          });
        }}
      >
        The saved question goes, for everybody. Events and counts stay.
      </ConfirmButton>
      {change.error ? (
        <Text size="xs" role="alert" c="var(--tm-down)">
          Not updated: {change.error.message}
        </Text>
      ) : null}
    </>
  );
}
