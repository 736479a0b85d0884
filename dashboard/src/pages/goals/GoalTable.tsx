import { Anchor, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Goal, GoalReport } from "../../api/insights/goals";
import { Sparkline } from "../../charts/Sparkline";
import { ResourceTable, RowActions } from "../../components/tables/ResourceTable";
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
    <Table.Tr>
      <Table.Th scope="row" fw={400} miw={{ base: 116, xs: 180 }}>
        <Anchor component={Link} to={`${projectAddress(projectId, "/web")}?${query.toString()}`} aria-label={t.goals.openInWeb(goal.name)} fw={550} size="sm">
          {goal.name}
        </Anchor>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {goal.page === null ? t.goals.onEvent(goal.event ?? "") : t.goals.onPage(goal.page)}
        </Text>
      </Table.Th>
      <Figure
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
      <Figure value={found && sharePercent(found.rate)} />
      <Figure value={found && exactNumber(found.conversions)} />
      {hasValues ? <Figure value={found && (found.value === null ? t.common.none : exactNumber(found.value))} /> : null}
      <Figure value={found && (found.change === null ? t.common.none : signedPercent(found.change))} />
      <Table.Td>
        <div className={classes.trend}>{found ? <Sparkline values={found.series} height={30} /> : null}</div>
      </Table.Td>
      {canEdit ? (
        <RowActions
          editLabel={t.goals.editOf(goal.name)}
          deleteLabel={t.goals.deleteOf(goal.name)}
          onEdit={() => { onEdit(goal); }}
          onDelete={() => { onDelete(goal); }}
        />
      ) : null}
    </Table.Tr>
  );
}

function Figure({ value }: { value: ReactNode }) {
  return <Table.Td ta="right">{value}</Table.Td>;
}
