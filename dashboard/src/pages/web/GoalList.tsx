import { Anchor, Group } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/client";
import { useGoalReport, type GoalReport } from "../../api/goals";
import { EmptyState } from "../../components/EmptyState";
import { ListSkeleton } from "../../components/ListSkeleton";
import { RankList } from "../../components/RankList";
import { ReportContent } from "../../components/ReportContent";
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
      {(shown) => (shown.items.length === 0 ? <NoGoals page={page} /> : <Goals report={shown} page={page} />)}
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

function Goals({ report, page }: { report: GoalReport; page: string }) {
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
