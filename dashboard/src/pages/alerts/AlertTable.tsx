import { ActionIcon, Badge, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { usePauseAlert, type Alert } from "../../api/alerts/alerts";
import type { Project, SavedInsight } from "../../api/requests/client";
import { ResourceTable, RowActions } from "../../components/tables/ResourceTable";
import { Cell, Row, RowHeading } from "../../components/tables/StackedTable";
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

const COLOURS = { ok: "tide", firing: "coral", paused: "gray", problem: "coral", unchecked: "gray" } as const;

/** The alerts of a project: what each watches, when it fires, and how it stands. */
export function AlertTable({ project, alerts, insights, canEdit, onEdit, onDelete }: AlertTableProps) {
  const { columns } = t.alerts;
  const pause = usePauseAlert(project.id);
  return (
    <ResourceTable
      label={t.alerts.title}
      caption={t.alerts.count(alerts.length)}
      columns={[columns.name, columns.condition, columns.state, columns.evaluated]}
      actions={canEdit ? t.alerts.actions : undefined}
    >
      {alerts.map((alert) => {
        const state = stateOf(alert);
        return (
          <Row key={alert.id}>
            <RowHeading miw={180} style={{ overflowWrap: "anywhere" }}>
              <Text size="sm" fw={550}>
                {alert.name}
              </Text>
              <Text size="xs" c="dimmed">
                {watchedName(alert, insights)}
              </Text>
            </RowHeading>
            <Cell miw={180} label={columns.condition}>
              <div>
                <Text size="sm">{conditionSentence(alert)}</Text>
                <Text size="xs" c="dimmed">
                  {t.alerts.everyChoices[alert.every]}
                </Text>
              </div>
            </Cell>
            <Cell miw={110} label={columns.state}>
              <div>
                <Badge variant="light" tt="none" color={COLOURS[state]}>
                  {t.alerts.states[state]}
                </Badge>
                {state === "problem" ? (
                  <Text size="xs" c="dimmed" maw={260}>
                    {alert.problem}
                  </Text>
                ) : null}
              </div>
            </Cell>
            <Cell miw={130} label={columns.evaluated}>
              <Text size="sm">{alert.evaluated_until === null ? t.alerts.never : exactTime(alert.evaluated_until, project.timezone)}</Text>
            </Cell>
            {canEdit ? (
              <RowActions
                editLabel={t.alerts.editOf(alert.name)}
                deleteLabel={t.alerts.deleteOf(alert.name)}
                onEdit={() => { onEdit(alert); }}
                onDelete={() => { onDelete(alert); }}
              >
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
              </RowActions>
            ) : null}
          </Row>
        );
      })}
    </ResourceTable>
  );
}

function stateOf(alert: Alert): keyof typeof COLOURS {
  if (alert.is_paused) return "paused";
  if (alert.problem !== "") return "problem";
  return alert.status === "ok" && alert.evaluated_until === null ? "unchecked" : alert.status;
}

function watchedName({ insight_id, watch }: Alert, insights: readonly SavedInsight[]): string {
  if (insight_id === null) return watch.kind in t.alerts.project ? t.alerts.project[watch.kind as keyof typeof t.alerts.project] : watch.kind;
  return insights.find(({ id }) => id === insight_id)?.name ?? t.alerts.insightGone;
}
