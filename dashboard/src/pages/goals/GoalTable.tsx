import { ActionIcon, Anchor, Group, ScrollArea, Table, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Goal, GoalReport } from "../../api/goals";
import { Sparkline } from "../../charts/Sparkline";
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
    <ScrollArea type="auto" scrollbarSize={8} viewportProps={{ tabIndex: 0, role: "group", "aria-label": t.goals.title }}>
      <Table className="tm-figures" verticalSpacing="var(--tm-cell)" captionSide="bottom">
        {report ? <Table.Caption ta="left">{t.goals.list(exactNumber(report.visitors))}</Table.Caption> : null}
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.goals.goal}</Table.Th>
            <Table.Th ta="right">{t.goals.visitors}</Table.Th>
            <Table.Th ta="right">{t.goals.rate}</Table.Th>
            <Table.Th ta="right">{t.goals.conversions}</Table.Th>
            {hasValues ? <Table.Th ta="right">{t.goals.value}</Table.Th> : null}
            <Table.Th ta="right">{t.goals.change}</Table.Th>
            <Table.Th>{t.goals.trend}</Table.Th>
            {canEdit ? <Table.Th aria-label={t.goals.actions} /> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {goals.map((goal) => (
            <GoalRow key={goal.id} {...{ projectId, goal, report, canEdit, hasValues, onEdit, onDelete }} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
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
      <Table.Th scope="row" fw={400} miw={180}>
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
        <Table.Td>
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <ActionIcon variant="subtle" color="gray" aria-label={t.goals.editOf(goal.name)} onClick={() => { onEdit(goal); }}>
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={t.goals.deleteOf(goal.name)} onClick={() => { onDelete(goal); }}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Table.Td>
      ) : null}
    </Table.Tr>
  );
}

function Figure({ value }: { value: ReactNode }) {
  return <Table.Td ta="right">{value}</Table.Td>;
}
