import { Button, Progress, Text } from "@mantine/core";
import type { Deletion, Project } from "../../api/requests/client";
import { useDeletedProjects, useDeletion, useRestoreProject } from "../../api/projects/projects";
import { isAtLeast } from "../../api/projects/roles";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { t } from "../../texts";

/** Deleted projects whose data is not gone yet; nothing if there are none. */
export function DeletedProjects() {
  const projects = useDeletedProjects();
  if (projects.error) {
    return (
      <ErrorAlert title={t.projects.deletedNotListed} error={projects.error} retry={() => void projects.refetch()} />
    );
  }
  if (!projects.data || projects.data.length === 0) return null;
  return (
    <Panel title={t.projects.deleted}>
      <ResourceList label={t.projects.deletedList} list={projects} empty="">
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
  const hasStarted = Boolean(planned?.started_at);
  const notes = [
    project.deleted_at ? t.projects.deletedAt(exactTime(project.deleted_at, project.timezone)) : t.projects.deleted,
    ...(planned && !hasStarted ? [t.projects.restorableUntil(exactTime(planned.purge_after, project.timezone))] : []),
    ...(isOwner ? [] : [t.projects.restorableByOwner]),
    ...(deletion.error ? [t.projects.progressUnknown(deletion.error.message)] : []),
  ];
  return (
    <ResourceListItem
      name={project.name}
      note={
        <>
          {notes.join(" · ")}
          {restore.error ? (
            <Text span role="alert" size="xs" c="var(--tm-down)" display="block">
              {t.projects.notRestored(restore.error.message)}
            </Text>
          ) : null}
        </>
      }
      actions={
        isOwner && !hasStarted ? (
          <Button
            size="xs"
            variant="light"
            loading={restore.isPending}
            aria-label={t.projects.restoreOf(project.name)}
            onClick={() => {
              restore.mutate();
            }}
          >
            {t.projects.restore}
          </Button>
        ) : null
      }
    >
      {planned && hasStarted ? <DeletionProgress deletion={planned} /> : null}
    </ResourceListItem>
  );
}

/** The progress of a deletion that can no longer be undone. */
function DeletionProgress({ deletion: { name, done, total, rows } }: { deletion: Deletion }) {
  const percent = total > 0 ? Math.round((done / total) * 100) : 0;
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {t.projects.deleting(done, total, rows)}
      </Text>
      <Progress value={percent} aria-label={t.projects.deletionOf(name)} />
    </div>
  );
}
