import { Anchor, Badge, Button } from "@mantine/core";
import { Link } from "react-router";
import type { Project } from "../../api/requests/client";
import { useCohorts, useDeleteCohort, useRefreshCohort, type Cohort } from "../../api/persons/cohorts";
import { isAtLeast } from "../../api/projects/roles";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { cohortMembersAddress } from "./cohortMembersAddress";
import { cohortRule } from "./cohortQuery";
import { EditCohort, NewCohort } from "./CohortDialog";

/** The cohorts of a project: created, refreshed, changed and deleted. */
export function CohortsSection({ project }: { project: Project }) {
  const cohorts = useCohorts(project.id);
  const mayChange = isAtLeast(project.role, "member");
  const texts = t.people.cohorts;
  return (
    <Panel title={texts.title} actions={mayChange ? <NewCohort project={project} /> : null}>
      <ResourceList label={texts.title} list={cohorts} empty={texts.empty}>
        {(cohort) => <CohortItem key={cohort.id} cohort={cohort} project={project} mayChange={mayChange} />}
      </ResourceList>
    </Panel>
  );
}

interface CohortItemProps {
  cohort: Cohort;
  project: Project;
  mayChange: boolean;
}

function CohortItem({ cohort, project, mayChange }: CohortItemProps) {
  const texts = t.people.cohorts;
  const counted = cohort.counted_at === null ? texts.notCounted : texts.counted(exactTime(cohort.counted_at, project.timezone));
  const notes = [
    t.persons.users(cohort.size),
    counted,
    ...(cohort.query ? [cohortRule(cohort.query)] : []),
    ...(cohort.description ? [cohort.description] : []),
  ];
  return (
    <ResourceListItem
      name={
        <Anchor component={Link} to={cohortMembersAddress(project.id, cohort.id)}>
          {cohort.name}
        </Anchor>
      }
      badges={
        <Badge size="sm" variant="default" tt="none">
          {texts.kinds[cohort.kind]}
        </Badge>
      }
      note={notes.join(" · ")}
      actions={
        mayChange ? (
          <>
            {cohort.kind === "behaviour" ? <Refresh cohort={cohort} project={project} /> : null}
            <EditCohort cohort={cohort} project={project} />
            <Delete cohort={cohort} project={project} />
          </>
        ) : null
      }
    />
  );
}

function Refresh({ cohort, project }: Omit<CohortItemProps, "mayChange">) {
  const refresh = useRefreshCohort(project.id, cohort.id);
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={t.people.cohorts.refreshOf(cohort.name)}
      loading={refresh.isPending}
      color={refresh.error ? "coral" : "tide"}
      onClick={() => {
        refresh.mutate();
      }}
    >
      {t.people.cohorts.refresh}
    </Button>
  );
}

function Delete({ cohort, project }: Omit<CohortItemProps, "mayChange">) {
  const remove = useDeleteCohort(project.id);
  const texts = t.people.cohorts;
  return (
    <Button
      variant="default"
      size="xs"
      color="coral"
      aria-label={texts.deleteOf(cohort.name)}
      onClick={() => {
        remove(cohort);
      }}
    >
      {texts.delete}
    </Button>
  );
}
