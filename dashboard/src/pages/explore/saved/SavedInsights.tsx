import { Button, Group, Menu, Text, TextInput } from "@mantine/core";
import { IconBookmark, IconChevronDown } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import type { Project, SavedInsight } from "../../../api/client";
import { fieldError } from "../../../api/errors";
import { missingPermission } from "../../../api/roles";
import {
  useChangeSavedInsight,
  useDeleteSavedInsight,
  useSavedInsights,
  useSaveInsight,
} from "../../../api/savedInsights";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { FormDialog } from "../../../components/FormDialog";
import { useFormDialog } from "../../../components/useFormDialog";
import { t } from "../../../texts";
import { isInsightKind, type InsightQuery } from "../query/insightQuery";
import { toBody } from "../query/queryBody";
import { insightPath } from "../query/useInsightQuery";

interface SavedInsightsProps {
  project: Project;
  query: InsightQuery;
  /** The id of the insight that the query came from. */
  saved: number | null;
}

/** The project's saved insights, and the buttons that save, update and delete one. */
export function SavedInsights({ project, query, saved }: SavedInsightsProps) {
  const insights = useSavedInsights(project.id);
  const readOnlyReason = missingPermission(project.role, "member");
  const current = insights.data?.find(({ id }) => id === saved);
  return (
    <Group gap="xs">
      <SavedMenu project={project} insights={insights.data} error={insights.error} readOnlyReason={readOnlyReason} />
      {readOnlyReason === null ? <SaveButton project={project} query={query} /> : null}
      {readOnlyReason === null && current ? (
        <CurrentInsight key={current.id} project={project} query={query} insight={current} />
      ) : null}
    </Group>
  );
}

interface SavedMenuProps {
  project: Project;
  insights: SavedInsight[] | undefined;
  error: Error | null;
  readOnlyReason: string | null;
}

function SavedMenu({ project, insights, error, readOnlyReason }: SavedMenuProps) {
  const navigate = useNavigate();
  // Only the kinds that have a page.
  const shown = insights?.flatMap(({ kind, ...insight }) => (isInsightKind(kind) ? [{ ...insight, kind }] : []));
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconBookmark size={14} />} rightSection={<IconChevronDown size={14} />}>
          {t.insights.saved}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        {error ? <Menu.Label>{t.insights.savedNotListed(error.message)}</Menu.Label> : null}
        {shown?.length === 0 ? (
          <Menu.Label>
            {t.insights.noneSaved} {readOnlyReason ?? t.insights.saveHint}
          </Menu.Label>
        ) : null}
        {shown?.map(({ id, name, kind, query }) => (
          <Menu.Item
            key={id}
            style={{ overflowWrap: "anywhere" }}
            onClick={() => void navigate(insightPath(project.id, kind, query, id))}
          >
            {name}
            <Text size="xs" c="dimmed">
              {t.insights.kinds[kind].name}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface QueryProps {
  project: Project;
  query: InsightQuery;
}

function SaveButton({ project, query }: QueryProps) {
  const save = useSaveInsight(project.id);
  const navigate = useNavigate();
  const dialog = useFormDialog({ name: "" }, save);
  const { kind } = query;
  return (
    <>
      <Button size="xs" onClick={dialog.open}>
        {t.common.save}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.insights.saveTitle}
        mutation={save}
        fields={["name"]}
        submitLabel={t.common.save}
        onSubmit={() => {
          const body = toBody(query, true);
          save.mutate(
            { name: dialog.values.name.trim(), kind, query: body },
            {
              onSuccess: ({ id }) => {
                dialog.close();
                void navigate(insightPath(project.id, kind, body, id), { replace: true });
              },
            },
          );
        }}
      >
        <TextInput
          label={t.common.name}
          description={t.insights.saveNameHint(project.name)}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={dialog.values.name}
          error={fieldError(save.error, "name")}
          onChange={(event) => {
            dialog.set("name", event.currentTarget.value);
          }}
        />
      </FormDialog>
    </>
  );
}

/** The buttons that update and delete the saved insight that is open. */
function CurrentInsight({ project, query, insight }: QueryProps & { insight: SavedInsight }) {
  const change = useChangeSavedInsight(project.id, insight.id);
  const remove = useDeleteSavedInsight(project.id, insight.id);
  const navigate = useNavigate();
  const body = toBody(query, true);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={change.isPending}
        onClick={() => {
          change.mutate({ kind: query.kind, query: body });
        }}
      >
        {change.isSuccess ? t.insights.updated : t.insights.update(insight.name.slice(0, 30))}
      </Button>
      <ConfirmButton
        label={t.common.delete}
        ariaLabel={t.insights.deleteOf(insight.name)}
        title={t.insights.deleteTitle(insight.name)}
        action={t.insights.deleteAction}
        mutation={remove}
        onConfirm={(onDone) => {
          remove.mutate(undefined, {
            onSuccess: () => {
              onDone();
              void navigate(insightPath(project.id, query.kind, body), { replace: true });
            },
          });
        }}
      >
        {t.insights.deleteEffect}
      </ConfirmButton>
      {change.error ? (
        <Text size="xs" role="alert" c="var(--tm-down)">
          {t.insights.notUpdated(change.error.message)}
        </Text>
      ) : null}
    </>
  );
}
