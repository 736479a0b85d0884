import { Button, Stack, Text } from "@mantine/core";
import { IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { useDeleteGoal, useGoalReport, useGoals, type Goal } from "../../api/insights/goals";
import { missingPermission } from "../../api/projects/roles";
import { useShownResult } from "../../api/cache/useShownResult";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { PermissionNote } from "../../components/states/PermissionNote";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { rangeName } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { GoalDialog } from "./GoalDialog";
import { GoalTable } from "./GoalTable";
import classes from "./GoalsPage.module.css";

/** What visitors should do, and how many do. */
export function GoalsPage() {
  return <ProjectPage>{(project) => <Goals project={project} />}</ProjectPage>;
}

function Goals({ project }: { project: Project }) {
  const { query, interval, compare } = useReport();
  const goals = useGoals(project.id);
  // Without a choice, the change is that from the period before.
  const asked = { ...query, compare: compare === "none" ? ("previous_period" as const) : compare, ...(interval === null ? {} : { interval }) };
  const report = useGoalReport(project.id, asked, goals.data);
  const { shown, isOutdated } = useShownResult(report);
  const [edited, setEdited] = useState<Goal | "new" | null>(null);
  const remove = useDeleteGoal(project.id);
  const readOnlyReason = missingPermission(project.role, "member");
  const error = goals.error ?? report.error;
  const create = () => {
    setEdited("new");
  };
  return (
    <>
      <PageTitle
        title={t.goals.title}
        tab={t.goals.tab(project.name)}
        note={shown ? rangeName(shown.from, shown.to, shown.timezone) : undefined}
        actions={
          <ReportBar
            project={project}
            hide={["interval"]}
            actions={
              readOnlyReason === null ? (
                <Button variant="filled" size="xs" leftSection={<IconPlus size={15} />} onClick={create}>
                  {t.goals.new}
                </Button>
              ) : null
            }
          />
        }
      />
      <Stack gap="var(--tm-gap)">
        {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
        {error ? (
          <ErrorAlert
            title={t.goals.notLoaded}
            error={error}
            retry={() => {
              void goals.refetch();
              void report.refetch();
            }}
          />
        ) : null}
        {!goals.data && !error ? <LoadingSkeleton height={220} radius="lg" aria-busy="true" /> : null}
        {goals.data?.length === 0 ? <Empty onCreate={readOnlyReason === null ? create : null} /> : null}
        {goals.data && goals.data.length > 0 ? (
          <div className={classes.panel} data-outdated={isOutdated} aria-busy={isOutdated}>
            <GoalTable
              projectId={project.id}
              goals={goals.data}
              report={shown}
              canEdit={readOnlyReason === null}
              onEdit={setEdited}
              onDelete={remove}
            />
          </div>
        ) : null}
      </Stack>
      {edited === null ? null : (
        <GoalDialog
          projectId={project.id}
          goal={edited === "new" ? null : edited}
          onClose={() => {
            setEdited(null);
          }}
        />
      )}
    </>
  );
}

function Empty({ onCreate }: { onCreate: (() => void) | null }) {
  return (
    <div className={classes.panel}>
      <Stack align="center" py="xl" gap="xs">
        <IconTargetArrow size={32} stroke={1.5} aria-hidden="true" />
        <Text fw={600}>{t.goals.none}</Text>
        <Text size="sm" c="dimmed" ta="center" maw={420}>
          {t.goals.noneHint}
        </Text>
        {onCreate ? (
          <Button variant="filled" mt="xs" leftSection={<IconPlus size={16} />} onClick={onCreate}>
            {t.goals.create}
          </Button>
        ) : null}
      </Stack>
    </div>
  );
}
