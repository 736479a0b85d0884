import { Anchor, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Goal, GoalReport } from "../../api/insights/goals";
import { Sparkline } from "../../charts/Sparkline";
import { ResourceTable, RowActions } from "../../components/tables/ResourceTable";
import { Cell, Row, RowHeading } from "../../components/tables/StackedTable";
import { GoalDoor } from "../../features/figures/GoalDoor";
import { exactNumber, sharePercent, signedPercent } from "../../format/numbers";
import { reportParameters } from "../../report/reportState";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./GoalsPage.module.css";

interface GoalTableProps {
  projectId: number;
  goals: readonly Goal[];
  /** Their conversions, once they are there. */
  report: GoalReport | undefined;
  canEdit: boolean;
  onEdit: (goal: Goal) => void;
  onDelete: (goal: Goal) => void;
}

/** The goals with their conversions. A goal's name leads to the Web page with its conversion column. */
export function GoalTable({ projectId, goals, report, canEdit, onEdit, onDelete }: GoalTableProps) {
  const hasValues = goals.some(({ value_property }) => value_property !== null);
  return (
    <ResourceTable
      label={t.goals.title}
      caption={report && t.goals.list(exactNumber(report.visitors))}
      columns={[t.goals.goal, t.goals.visitors, t.goals.rate, t.goals.conversions, ...(hasValues ? [t.goals.value] : []), t.goals.change, t.goals.trend]}
      actions={canEdit ? t.goals.actions : undefined}
      hasFigures
    >
      {goals.map((goal) => (
        <GoalRow key={goal.id} {...{ projectId, goal, report, canEdit, hasValues, onEdit, onDelete }} />
      ))}
    </ResourceTable>
  );
}

type GoalRowProps = Omit<GoalTableProps, "goals"> & { goal: Goal; hasValues: boolean };

function GoalRow({ projectId, goal, report, canEdit, hasValues, onEdit, onDelete }: GoalRowProps) {
  const [parameters] = useSearchParams();
  const { body } = useReport();
  const found = report?.items.find(({ id }) => id === goal.id);
  const query = reportParameters(parameters);
  query.set("goal", String(goal.id));
  return (
    <Row>
      <RowHeading miw={180} style={{ overflowWrap: "anywhere" }}>
        <Anchor component={Link} to={`${projectAddress(projectId, "/web")}?${query.toString()}`} aria-label={t.goals.openInWeb(goal.name)} fw={550} size="sm">
          {goal.name}
        </Anchor>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {goal.page === null ? t.goals.onEvent(goal.event ?? "") : t.goals.onPage(goal.page)}
        </Text>
      </RowHeading>
      <Figure
        label={t.goals.visitors}
        value={
          found?.visitors ? (
            <GoalDoor goal={goal} body={body}>
              {exactNumber(found.visitors)}
            </GoalDoor>
          ) : (
            found && exactNumber(0)
          )
        }
      />
      <Figure label={t.goals.rate} value={found && sharePercent(found.rate)} />
      <Figure label={t.goals.conversions} value={found && exactNumber(found.conversions)} />
      {hasValues ? <Figure label={t.goals.value} value={found && (found.value === null ? t.common.none : exactNumber(found.value))} /> : null}
      <Figure label={t.goals.change} value={found && (found.change === null ? t.common.none : signedPercent(found.change))} />
      <Cell label={t.goals.trend}>
        <div className={classes.trend}>{found ? <Sparkline values={found.series} height={30} /> : null}</div>
      </Cell>
      {canEdit ? (
        <RowActions
          editLabel={t.goals.editOf(goal.name)}
          deleteLabel={t.goals.deleteOf(goal.name)}
          onEdit={() => { onEdit(goal); }}
          onDelete={() => { onDelete(goal); }}
        />
      ) : null}
    </Row>
  );
}

function Figure({ label, value }: { label: string; value: ReactNode }) {
  return (
    <Cell label={label} ta="right">
      {value}
    </Cell>
  );
}
