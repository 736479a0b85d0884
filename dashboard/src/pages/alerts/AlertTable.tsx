import { ActionIcon, Badge, Group, ScrollArea, Table, Text } from "@mantine/core";
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { usePauseAlert, type Alert } from "../../api/alerts";
import type { Project, SavedInsight } from "../../api/client";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { conditionSentence } from "./conditionSentence";

interface AlertTableProps {
  project: Project;
  alerts: readonly Alert[];
  insights: readonly SavedInsight[];
  canEdit: boolean;
  onEdit: (alert: Alert) => void;
  onDelete: (alert: Alert) => void;
}

const COLOURS = { ok: "tide", firing: "coral", paused: "gray", problem: "coral" } as const;

/** The alerts of a project: what each watches, when it fires, and how it stands. */
export function AlertTable({ project, alerts, insights, canEdit, onEdit, onDelete }: AlertTableProps) {
  const { columns } = t.alerts;
  const pause = usePauseAlert(project.id);
  return (
    <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": t.alerts.title }}>
      <Table verticalSpacing="var(--tm-cell)" captionSide="bottom">
        <Table.Caption ta="left">{t.alerts.count(alerts.length)}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{columns.name}</Table.Th>
            <Table.Th scope="col">{columns.condition}</Table.Th>
            <Table.Th scope="col">{columns.state}</Table.Th>
            <Table.Th scope="col">{columns.evaluated}</Table.Th>
            {canEdit ? <Table.Th aria-label={t.alerts.actions} /> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {alerts.map((alert) => {
            const state = stateOf(alert);
            return (
              <Table.Tr key={alert.id}>
                <Table.Th scope="row" fw={400} miw={180} style={{ overflowWrap: "anywhere" }}>
                  <Text size="sm" fw={550}>
                    {alert.name}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {watchedName(alert, insights)}
                  </Text>
                </Table.Th>
                <Table.Td miw={180}>
                  <Text size="sm">{conditionSentence(alert)}</Text>
                  <Text size="xs" c="dimmed">
                    {t.alerts.everyChoices[alert.every]}
                  </Text>
                </Table.Td>
                <Table.Td miw={110}>
                  <Badge variant="light" tt="none" color={COLOURS[state]}>
                    {t.alerts.states[state]}
                  </Badge>
                  {state === "problem" ? (
                    <Text size="xs" c="dimmed" maw={260}>
                      {alert.problem}
                    </Text>
                  ) : null}
                </Table.Td>
                <Table.Td miw={130}>
                  <Text size="sm">{alert.evaluated_until === null ? t.alerts.never : exactTime(alert.evaluated_until, project.timezone)}</Text>
                </Table.Td>
                {canEdit ? (
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={alert.is_paused ? t.alerts.resumeOf(alert.name) : t.alerts.pauseOf(alert.name)}
                        onClick={() => {
                          pause.mutate({ id: alert.id, isPaused: !alert.is_paused });
                        }}
                      >
                        {alert.is_paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
                      </ActionIcon>
                      <ActionIcon variant="subtle" color="gray" aria-label={t.alerts.editOf(alert.name)} onClick={() => { onEdit(alert); }}>
                        <IconPencil size={16} />
                      </ActionIcon>
                      <ActionIcon variant="subtle" color="gray" aria-label={t.alerts.deleteOf(alert.name)} onClick={() => { onDelete(alert); }}>
                        <IconTrash size={16} />
                      </ActionIcon>
                    </Group>
                  </Table.Td>
                ) : null}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function stateOf(alert: Alert): keyof typeof COLOURS {
  if (alert.is_paused) return "paused";
  if (alert.problem !== "") return "problem";
  return alert.status;
}

function watchedName({ insight_id, watch }: Alert, insights: readonly SavedInsight[]): string {
  if (insight_id === null) return watch.kind in t.alerts.project ? t.alerts.project[watch.kind as keyof typeof t.alerts.project] : watch.kind;
  return insights.find(({ id }) => id === insight_id)?.name ?? t.alerts.insightGone;
}
