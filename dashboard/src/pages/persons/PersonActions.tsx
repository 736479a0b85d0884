import { ActionIcon, Alert, Button, Group, Loader, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconDownload, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { fetchPersonExport, isDone, usePersonJob, useStartPersonJob, type PersonJob } from "../../api/persons/persons";
import { useApiMutation } from "../../api/cache/useApiMutation";
import { ConfirmDialog } from "../../components/forms/ConfirmDialog";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { saveFile } from "../../components/download/saveFile";
import { t } from "../../texts";

interface PersonActionsProps {
  project: Project;
  personId: number;
  name: string;
}

/** What the law gives a person a right to: everything about them as a file, and its deletion. */
export function PersonActions({ project, personId, name }: PersonActionsProps) {
  const [jobId, setJobId] = useState<string | null>(null);
  const [isAsking, { open, close }] = useDisclosure();
  const exporting = useStartPersonJob(project.id, personId, "export");
  const deleting = useStartPersonJob(project.id, personId, "delete");
  const watch = {
    onSuccess: (job: PersonJob) => {
      setJobId(job.job_id);
      close();
    },
  };
  const texts = t.people.profile;
  const job = usePersonJob(project.id, jobId);
  const isBusy = exporting.isPending || (job.data !== undefined && !isDone(job.data));
  return (
    <Group gap="sm">
      {exporting.error ? <ErrorAlert error={exporting.error} /> : null}
      {job.error ? <ErrorAlert error={job.error} retry={() => void job.refetch()} /> : null}
      {job.data ? <JobState project={project} job={job.data} name={name} /> : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={texts.menu} disabled={isBusy}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconDownload size={16} stroke={1.7} />}
            onClick={() => {
              exporting.mutate(undefined, watch);
            }}
          >
            {texts.export}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} stroke={1.7} />} c="var(--mantine-color-error)" onClick={open}>
            {texts.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={isAsking}
        onClose={() => {
          close();
          deleting.reset();
        }}
        title={texts.deleteTitle}
        action={texts.deleteAction}
        mutation={deleting}
        onConfirm={() => {
          deleting.mutate(undefined, watch);
        }}
      >
        {texts.deleteNote}
      </ConfirmDialog>
    </Group>
  );
}

function JobState({ project, job, name }: { project: Project; job: PersonJob; name: string }) {
  const download = useApiMutation(() => fetchPersonExport(project.id, job.job_id), {
    onDone: (file) => {
      saveFile(file, `${name}.jsonl.gz`);
    },
  });
  if (job.kind === "undo_merge") return null;
  const texts = t.people.profile;
  return (
    <Alert role="status" color={job.status === "failed" ? "coral" : "tide"} p="xs">
      <Group gap="xs">
        {isDone(job) ? null : <Loader size={14} />}
        {texts.jobs[job.kind][job.status]} {job.deleted ? texts.deleted(job.deleted.events) : null}
        {job.kind === "export" && job.status === "finished" ? (
          <Button
            size="compact-xs"
            variant="default"
            loading={download.isPending}
            onClick={() => {
              download.mutate();
            }}
          >
            {texts.download}
          </Button>
        ) : null}
        {download.error ? <ErrorAlert error={download.error} /> : null}
      </Group>
    </Alert>
  );
}
