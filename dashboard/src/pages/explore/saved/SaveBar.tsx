import { Badge, Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconChevronDown, IconCopyPlus, IconDeviceFloppy } from "@tabler/icons-react";
import type { Project, SavedInsight } from "../../../api/requests/client";
import { missingPermission } from "../../../api/projects/roles";
import { useChangeSavedInsight, useSaveInsight, type InsightFields } from "../../../api/insights/savedInsights";
import { useUnsavedChanges } from "../../../components/forms/unsavedChanges";
import { useFormDialog } from "../../../components/forms/useFormDialog";
import { AddToDashboard } from "../../../features/dashboards/AddToDashboard";
import { useShortcut } from "../../../report/useShortcut";
import { t } from "../../../texts";
import type { InsightQuery } from "../query/insightQuery";
import { toBody } from "../query/queryBody";
import { sentence } from "../query/sentence";
import { useOpenInsight } from "../query/useInsightQuery";
import type { View } from "../query/view";
import { isEdited, openInsight } from "./editing";
import { InsightDialog } from "./InsightDialog";
import { InsightMenu } from "./InsightMenu";
import { ShareButton } from "./ShareButton";

const MAX_NAME_LENGTH = 200;

/** An insight as it is saved when it is put on a dashboard. */
function unsaved(query: InsightQuery, view: View): InsightFields {
  return { name: sentence(query).slice(0, MAX_NAME_LENGTH), description: "", kind: query.kind, query: toBody(query, true), view };
}

interface SaveBarProps {
  project: Project;
  query: InsightQuery;
  view: View;
  /** The saved insight that the query came from. */
  insight: SavedInsight | undefined;
  /** Whether it came from one, which may be on its way still. */
  isSaved: boolean;
}

/** Whether the insight is saved as it is shown, and the buttons that save, share, copy and delete it. */
export function SaveBar({ project, query, view, insight, isSaved }: SaveBarProps) {
  const readOnlyReason = missingPermission(project.role, "member");
  const isChanged = insight !== undefined && isEdited(insight, query, view);
  useUnsavedChanges(isChanged && readOnlyReason === null);
  return (
    <Group gap="xs">
      {isChanged ? (
        <Badge variant="light" color="coral" tt="none" fw={550}>
          {t.explore.edited}
        </Badge>
      ) : null}
      {readOnlyReason === null ? (
        <SaveButtons project={project} query={query} view={view} insight={insight} isChanged={isChanged} />
      ) : (
        <Tooltip label={readOnlyReason} multiline maw={280}>
          <Button size="xs" aria-disabled="true" data-disabled aria-description={readOnlyReason}>
            {t.common.save}
          </Button>
        </Tooltip>
      )}
      {readOnlyReason === null && (insight || !isSaved) ? <AddToDashboard key={`dashboard ${insight?.id ?? ""}`} project={project} insight={insight ?? unsaved(query, view)} /> : null}
      <ShareButton />
      {insight && readOnlyReason === null ? <InsightMenu key={insight.id} project={project} insight={insight} query={query} view={view} /> : null}
    </Group>
  );
}

function SaveButtons({ project, query, view, insight, isChanged }: Omit<SaveBarProps, "isSaved"> & { isChanged: boolean }) {
  const save = useSaveInsight(project.id);
  const change = useChangeSavedInsight(project.id, insight?.id ?? 0);
  const open = useOpenInsight(project.id);
  const suggested = insight ? t.explore.copyName(insight.name) : sentence(query);
  const dialog = useFormDialog({ name: suggested.slice(0, MAX_NAME_LENGTH), description: insight?.description ?? "" }, save);
  const { kind } = query;
  const body = toBody(query, true);
  const update = () => {
    change.mutate({ kind, query: body, view });
  };
  useShortcut("s", insight === undefined ? dialog.open : isChanged ? update : null);
  const revert = () => {
    const saved = insight && openInsight(insight);
    if (saved) open(saved.kind, saved.body, insight.id, saved.view);
  };
  return (
    <>
      {change.error ? (
        <Badge variant="light" color="red" tt="none" role="alert" maw={280} title={change.error.message}>
          {t.insights.notUpdated(change.error.message)}
        </Badge>
      ) : null}
      <Button.Group>
        <Button size="xs" loading={change.isPending} disabled={insight !== undefined && !isChanged} aria-keyshortcuts="S" onClick={insight ? update : dialog.open}>
          {insight && !isChanged ? t.common.saved : t.common.save}
        </Button>
        {insight ? (
          <Menu position="bottom-end" width={220}>
            <Menu.Target>
              <Button size="xs" px={8} aria-label={t.explore.moreSaving} style={{ borderLeft: "1px solid rgb(255 255 255 / 30%)" }}>
                <IconChevronDown size={14} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconDeviceFloppy size={15} />} disabled={!isChanged} onClick={update}>
                {t.common.save}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopyPlus size={15} />} onClick={dialog.open}>
                {t.explore.saveAs}
              </Menu.Item>
              <Menu.Item leftSection={<IconArrowBackUp size={15} />} disabled={!isChanged} onClick={revert}>
                {t.explore.revert}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </Button.Group>
      <InsightDialog
        title={t.insights.saveTitle}
        project={project.name}
        dialog={dialog}
        mutation={save}
        onSubmit={(names) => {
          save.mutate(
            { ...names, kind, query: body, view },
            {
              onSuccess: ({ id }) => {
                dialog.close();
                open(kind, body, id, view, true);
              },
            },
          );
        }}
      />
    </>
  );
}
