import { Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { SystemJob } from "../../api/requests/client";
import { useJobs, type JobFilter, type JobQueue } from "../../api/operations/jobs";
import { useSystem } from "../../api/operations/system";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { useAddressState } from "../../components/page/useAddressState";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import { JobActions } from "./JobActions";
import { JobTable } from "./JobTable";
import { SchedulePanel } from "./SchedulePanel";
import { queueName } from "./systemProblems";

const texts = t.jobs;
const STATUSES = Object.keys(texts.statuses) as SystemJob["status"][];
const QUEUES: readonly JobQueue[] = ["system", "deletions", "exports", "deliveries"];

/** The jobs of all queues: look, retry, remove; and what the schedule queues. */
export function JobsSection() {
  const [named, setStatus] = useAddressState("status");
  const [queue, setQueue] = useAddressState("queue");
  const status = STATUSES.find((one) => one === named) ?? "failed";
  const filter = { status, queue: QUEUES.find((one) => one === queue) ?? null };
  const counts = useCounts(filter.queue);
  return (
    <Stack gap="md">
      <Panel title={texts.title}>
        <Text size="sm" c="dimmed" mb="sm">
          {texts.note}
        </Text>
        <Group mb="md" gap="sm">
          <SegmentedControl
            aria-label={texts.status}
            size="xs"
            value={status}
            data={STATUSES.map((value) => ({ value, label: counts ? texts.counted(texts.statuses[value], exactNumber(counts[value])) : texts.statuses[value] }))}
            onChange={(chosen) => {
              setStatus(chosen === "failed" ? "" : chosen);
            }}
          />
          <Select
            aria-label={texts.queue}
            size="xs"
            w={150}
            clearable
            clearButtonProps={{ "aria-label": texts.anyQueue }}
            placeholder={texts.anyQueue}
            value={filter.queue}
            data={QUEUES.map((value) => ({ value, label: queueName(value) }))}
            onChange={(chosen) => {
              setQueue(chosen ?? "");
            }}
          />
        </Group>
        {/* Another filter, another choice. */}
        <Found key={JSON.stringify(filter)} filter={filter} />
      </Panel>
      <SchedulePanel />
    </Stack>
  );
}

/** How many jobs there are of each state, in one queue or (null) in all; null: unknown. */
function useCounts(queue: string | null): Record<SystemJob["status"], number> | null {
  const queues = useSystem().data?.queues?.filter((one) => queue === null || one.queue === queue);
  if (!queues) return null;
  const sum = (status: SystemJob["status"]) => queues.reduce((total, one) => total + one[status], 0);
  return { failed: sum("failed"), queued: sum("queued"), running: sum("running") };
}

function Found({ filter }: { filter: JobFilter }) {
  const list = useJobs(filter);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  if (list.data === undefined) {
    return list.error ? <FailedState error={list.error} retry={() => void list.refetch()} /> : <ListSkeleton />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  return (
    <>
      {list.error ? <ErrorAlert title={t.errors.outdatedList} error={list.error} retry={() => void list.refetch()} /> : null}
      {filter.status === "running" ? null : (
        <JobActions
          status={filter.status}
          ids={items.map(({ id }) => id).filter((id) => chosen.has(id))}
          hasJobs={items.length > 0}
          onDone={() => {
            setChosen(new Set());
          }}
        />
      )}
      {items.length === 0 ? (
        <EmptyState title={texts.empty[filter.status]} />
      ) : (
        <>
          <JobTable items={items} status={filter.status} chosen={chosen} onChoose={setChosen} />
          <Text size="xs" c="dimmed" mt="xs">
            {texts.count(items.length, exactNumber(list.data.pages[0]?.total ?? 0))}
          </Text>
          <LoadMoreButton label={texts.showMore} list={list} />
        </>
      )}
    </>
  );
}
