import { Anchor, Group } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useGoalReport, useGoals, type GoalReport } from "../../api/insights/goals";
import { EmptyState } from "../../components/states/EmptyState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { RankList } from "../../components/tables/RankList";
import { ReportContent } from "../../components/figures/ReportContent";
import { GoalDoor } from "../../features/figures/GoalDoor";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { useGoalColumn } from "./goalColumn";
import { useWebQuery } from "./useWebQuery";

/** The goals with their visitors and rates; a click adds a goal's conversions to all lists, or removes them. */
export function GoalList({ project }: { project: Project }) {
  const { query } = useWebQuery();
  const report = useGoalReport(project.id, { ...query, compare: "none" });
  const { search } = useLocation();
  const page = `${projectAddress(project.id, "/goals")}${search}`;
  return (
    <ReportContent result={report} zone={project.timezone} skeleton={<ListSkeleton />}>
      {(shown) => (shown.items.length === 0 ? <NoGoals page={page} /> : <Goals project={project} report={shown} page={page} />)}
    </ReportContent>
  );
}

function NoGoals({ page }: { page: string }) {
  return (
    <EmptyState
      title={t.goals.none}
      note={t.goals.noneHint}
      action={
        <Anchor component={Link} to={page} size="sm">
          {t.goals.create}
        </Anchor>
      }
    />
  );
}

function Goals({ project, report, page }: { project: Project; report: GoalReport; page: string }) {
  const { body } = useReport();
  const goals = useGoals(project.id).data;
  const goal = useGoalColumn();
  const ranked = [...report.items].sort((one, other) => other.visitors - one.visitors);
  return (
    <>
      <RankList
        label={t.web.goals}
        rows={ranked.map(({ id, name, visitors, rate }) => ({
          value: String(id),
          label: name,
          count: visitors,
          share: rate,
          isChosen: id === goal.id,
        }))}
        actionName={(row) => t.web.showConversions(row.label)}
        door={({ value, count }, text) => (
          <GoalDoor goal={count > 0 ? goals?.find(({ id }) => String(id) === value) : undefined} body={body}>
            {text}
          </GoalDoor>
        )}
        onFilter={({ value }) => {
          goal.choose(Number(value) === goal.id ? null : Number(value));
        }}
      />
      <Group mt={8} gap="md">
        <Anchor component={Link} to={page} size="sm">
          {t.web.allGoals}
        </Anchor>
        {goal.id === null ? null : (
          <Anchor
            component="button"
            size="sm"
            onClick={() => {
              goal.choose(null);
            }}
          >
            {t.web.clearGoal}
          </Anchor>
        )}
      </Group>
    </>
  );
}
