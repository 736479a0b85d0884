import { Stack, Text } from "@mantine/core";
import type { SystemJob } from "../../api/requests/client";
import { DataTable } from "../../components/tables/DataTable";
import { useNow } from "../../components/time/useNow";
import { duration } from "../../format/duration";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { ChoiceTable } from "./ChoiceTable";
import { queueName } from "./systemProblems";

const texts = t.jobs;

/** What a job does, in words; a task that this page does not know yet by its own name. */
export function taskName(job: string): string {
  return texts.tasks[job] ?? job;
}

interface JobTableProps {
  items: readonly SystemJob[];
  status: SystemJob["status"];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** A list of jobs of one state; those that run cannot be chosen. */
export function JobTable({ items, status, chosen, onChoose }: JobTableProps) {
  const now = useNow();
  if (status === "running") {
    return (
      <DataTable
        caption={texts.title}
        columns={texts.columns.running}
        rows={items.map((job) => ({ key: job.id, cells: [nameOf(job), projectOf(job), queueName(job.queue), age(job, now), progressOf(job)] }))}
      />
    );
  }
  const rows = items.map((job) => ({
    key: job.id,
    name: nameOf(job),
    cells: [
      <JobName job={job} />,
      projectOf(job),
      <Age job={job} now={now} />,
      ...(status === "failed" ? [<Text size="xs" lineClamp={3} title={job.error ?? ""}>{job.error}</Text>] : []),
    ],
  }));
  return <ChoiceTable label={texts.title} columns={texts.columns[status]} rows={rows} chosen={chosen} onChoose={onChoose} />;
}

function nameOf({ job, days }: SystemJob): string {
  return days === null ? taskName(job) : `${taskName(job)}: ${days}`;
}

function projectOf({ project, project_id: id }: SystemJob): string {
  return project ?? (id === null ? texts.noProject : t.system.deletedProject(id));
}

function age({ since }: SystemJob, now: number): string {
  return since === null ? t.common.none : duration(Math.max(0, (now - new Date(since).getTime()) / 1_000));
}

function JobName({ job }: { job: SystemJob }) {
  return (
    <>
      {nameOf(job)}
      <Text size="xs" c="dimmed" fw={400}>
        {texts.inQueue(queueName(job.queue))}
      </Text>
    </>
  );
}

function Age({ job, now }: { job: SystemJob; now: number }) {
  return (
    <Stack gap={0} className="tm-figures">
      {job.status === "failed" && job.since !== null ? t.time.ago(age(job, now)) : age(job, now)}
      {job.since === null ? null : (
        <Text size="xs" c="dimmed">
          {exactTime(job.since, browserZone())}
        </Text>
      )}
    </Stack>
  );
}

function progressOf({ progress }: SystemJob): string {
  return progress === null ? t.common.none : texts.progress(exactNumber(progress.done), exactNumber(progress.total), progress.what);
}
