import { Anchor, Button, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { hashKey } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project, SavedInsight } from "../../api/requests/client";
import { useAddInsight, useDashboards, type Dashboard } from "../../api/insights/dashboards";
import { useSavedInsights, useSaveInsight, type InsightFields } from "../../api/insights/savedInsights";
import { FormDialog } from "../../components/forms/FormDialog";
import { t } from "../../texts";

interface AddToDashboardProps {
  project: Project;
  /** A saved insight, or one that is saved when it is added. */
  insight: SavedInsight | InsightFields;
}

/** The button that puts an insight on a dashboard, or on a new one. */
export function AddToDashboard({ project, insight }: AddToDashboardProps) {
  const [opened, { open, close }] = useDisclosure();
  const [added, setAdded] = useState<Dashboard | null>(null);
  return (
    <>
      {added ? (
        <Text size="sm" role="status">
          <Anchor component={Link} size="sm" to={boardAddress(project.id, added, insight.query)}>
            {t.dashboards.addedTo(added.name)}
          </Anchor>
        </Text>
      ) : null}
      <Button variant="default" size="xs" leftSection={<IconLayoutDashboard size={15} />} onClick={open}>
        {t.dashboards.addTo}
      </Button>
      {opened ? (
        <ChooseDashboard
          project={project}
          insight={insight}
          onClose={close}
          onAdded={(dashboard) => {
            setAdded(dashboard);
            close();
          }}
        />
      ) : null}
    </>
  );
}

interface ChooseDashboardProps extends AddToDashboardProps {
  onClose: () => void;
  onAdded: (dashboard: Dashboard) => void;
}

function ChooseDashboard({ project, insight, onClose, onAdded }: ChooseDashboardProps) {
  const dashboards = useDashboards(project.id).data ?? [];
  const add = useAddInsight(project.id);
  const save = useSaveInsight(project.id);
  const known = useSavedInsights(project.id).data?.find((one) => isSame(one, insight));
  const [name, setName] = useState("");
  const isPending = save.isPending || add.isPending;
  const addTo = async (dashboard: Dashboard | string) => {
    // Saved once, even if the dashboard refuses it at first, and for every dashboard that it is put on.
    const { id } = "id" in insight ? insight : (save.data ?? known ?? (await save.mutateAsync(insight)));
    onAdded(await add.mutateAsync({ id, dashboard }));
  };
  const start = (dashboard: Dashboard | string) => {
    // The dialog shows what the server refuses.
    addTo(dashboard).catch(() => undefined);
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t.dashboards.addToTitle(insight.name)}
      mutation={{ isPending, error: save.error ?? add.error }}
      submitLabel={t.dashboards.add}
      isReady={name.trim() !== ""}
      onSubmit={() => {
        start(name.trim());
      }}
    >
      {dashboards.length > 0 ? (
        <ScrollArea.Autosize mah={260} type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": t.dashboards.title }}>
          <Stack gap={6}>
            {dashboards.map((one) => (
              <Button
                key={one.id}
                variant="default"
                justify="flex-start"
                leftSection={<IconLayoutDashboard size={15} />}
                disabled={isPending}
                title={one.name}
                onClick={() => {
                  start(one);
                }}
              >
                {one.name}
              </Button>
            ))}
          </Stack>
        </ScrollArea.Autosize>
      ) : null}
      <TextInput
        label={dashboards.length === 0 ? t.dashboards.firstName : t.dashboards.newName}
        value={name}
        maxLength={200}
        data-autofocus
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}

/** Whether an insight is saved already, as it would be saved again. */
function isSame(saved: SavedInsight, { name, kind, query, view }: InsightFields): boolean {
  return saved.name === name && hashKey([saved.kind, saved.query, saved.view]) === hashKey([kind, query, view]);
}

/** The address of a dashboard for the dates of a query: a dashboard has dates of its own otherwise. */
function boardAddress(projectId: number, { id }: Dashboard, query: Record<string, unknown>): string {
  const range = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    ["period", "from", "to"].includes(name) && typeof value === "string" ? [[name, value]] : [],
  );
  const page = projectAddress(projectId, `/dashboards/${String(id)}`);
  return range.length === 0 ? page : `${page}?${new URLSearchParams(range).toString()}`;
}
