import { Button, Progress, Text } from "@mantine/core";
import type { Deletion, Project } from "../../api/client";
import { useDeletedProjects, useDeletion, useRestoreProject } from "../../api/projects";
import { isAtLeast } from "../../api/roles";
import { Panel } from "../../components/Panel";
import { ErrorAlert } from "../../components/ErrorAlert";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";

/** Projects that were deleted and are not gone yet; nothing where there are none. */
export function DeletedProjects() {
  const projects = useDeletedProjects();
  if (projects.error) {
    return (
      <ErrorAlert
        title="Deleted projects could not be listed"
        error={projects.error}
        retry={() => void projects.refetch()}
      />
    );
  }
  if (!projects.data || projects.data.length === 0) return null;
  return (
    <Panel title="Deleted">
      <ResourceList label="Deleted projects" list={projects} empty="">
        {(project) => <DeletedProject key={project.id} project={project} />}
      </ResourceList>
    </Panel>
  );
}

function DeletedProject({ project }: { project: Project }) {
  const deletion = useDeletion(project);
  const restore = useRestoreProject(project.id);
  const planned = deletion.data;
  const isOwner = isAtLeast(project.role, "owner");
  const isUnderWay = Boolean(planned?.started_at);
  return (
    <ResourceListItem
      name={project.name}
      note={
        <>
          {project.deleted_at ? `Deleted ${exactTime(project.deleted_at, project.timezone)}` : "Deleted"}
          {planned && !isUnderWay
            ? ` · can be restored until ${exactTime(planned.purge_after, project.timezone)}`
            : null}
          {isOwner ? null : " · an owner of it can restore it within 7 days"}
          {deletion.error ? ` · how far it is could not be told: ${deletion.error.message}` : null}
          {restore.error ? (
            <Text span role="alert" size="xs" c="var(--tm-down)" display="block">
              Not restored: {restore.error.message}
            </Text>
          ) : null}
        </>
      }
      actions={
        isOwner && !isUnderWay ? (
          <Button
            size="xs"
            variant="light"
            loading={restore.isPending}
            aria-label={`Restore ${project.name}`}
            onClick={() => {
              restore.mutate();
            }}
          >
            Restore
          </Button>
        ) : null
      }
    >
      {planned && isUnderWay ? <HowFar planned={planned} /> : null}
    </ResourceListItem>
  );
}

/** Once the data goes there is no way back; this is how far it is. */
function HowFar({ planned }: { planned: Deletion }) {
  const percent = planned.total > 0 ? Math.round((planned.done / planned.total) * 100) : 0;
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        Its data is being deleted: step {exactNumber(planned.done)} of {exactNumber(planned.total)},{" "}
        {exactNumber(planned.rows)} rows so far. It can no longer be restored.
      </Text>
      <Progress value={percent} aria-label={`Deletion of ${planned.name}`} />
    </div>
  );
}
