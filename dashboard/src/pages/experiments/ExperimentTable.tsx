import { Anchor, Badge, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import type { Experiment } from "../../api/flags/experiments";
import { ResourceTable, RowActions } from "../../components/tables/ResourceTable";
import { Cell, Row, RowHeading } from "../../components/tables/StackedTable";
import { useNow } from "../../components/time/useNow";
import { dayName } from "../../format/time";
import { t } from "../../texts";
import { STATUS_COLOURS, statusName, statusOf } from "./experimentStatus";

interface ExperimentTableProps {
  project: Project;
  experiments: readonly Experiment[];
  canEdit: boolean;
  onEdit: (experiment: Experiment) => void;
  onDelete: (experiment: Experiment) => void;
}

/** The experiments of a project, and how each stands. */
export function ExperimentTable({ project, experiments, canEdit, onEdit, onDelete }: ExperimentTableProps) {
  const { columns } = t.experiments;
  const now = useNow();
  return (
    <ResourceTable
      label={t.experiments.title}
      caption={t.experiments.count(experiments.length)}
      columns={[columns.name, columns.status, columns.metric, columns.began]}
      actions={canEdit ? t.experiments.actions : undefined}
    >
      {experiments.map((one) => (
        <Row key={one.id}>
          <RowHeading miw={180} style={{ overflowWrap: "anywhere" }}>
            <Anchor component={Link} to={projectAddress(project.id, `/experiments/${one.id}`)} size="sm" fw={550}>
              {one.name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {t.experiments.onFlag(one.flag_key)}
            </Text>
          </RowHeading>
          <Cell miw={130} label={columns.status}>
            <Badge variant="light" tt="none" color={STATUS_COLOURS[statusOf(one, now)]} maw={220}>
              {statusName(one, now)}
            </Badge>
          </Cell>
          <Cell miw={130} label={columns.metric} style={{ overflowWrap: "anywhere" }}>
            <Text size="sm">{(one.metrics.find(({ role }) => role === "primary") ?? one.metrics[0])?.name}</Text>
          </Cell>
          <Cell miw={110} label={columns.began}>
            <Text size="sm">{dayName(one.starts_at, project.timezone)}</Text>
          </Cell>
          {canEdit ? (
            <RowActions
              editLabel={t.experiments.editOf(one.name)}
              deleteLabel={t.experiments.deleteOf(one.name)}
              onEdit={() => { onEdit(one); }}
              onDelete={() => { onDelete(one); }}
            />
          ) : null}
        </Row>
      ))}
    </ResourceTable>
  );
}
