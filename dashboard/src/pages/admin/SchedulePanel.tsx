import { Skeleton, Text } from "@mantine/core";
import { useSchedule } from "../../api/operations/jobs";
import { DataTable } from "../../components/tables/DataTable";
import { Panel } from "../../components/page/Panel";
import { ReportContent } from "../../components/figures/ReportContent";
import { useNow } from "../../components/time/useNow";
import { duration } from "../../format/duration";
import { ago } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { taskName } from "./JobTable";

const texts = t.jobs;
type Entry = NonNullable<ReturnType<typeof useSchedule>["data"]>[number];

/** The jobs that are queued by themselves, when they are next, and how they ended last. */
export function SchedulePanel() {
  const schedule = useSchedule();
  return (
    <Panel title={texts.schedule}>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.scheduleNote}
      </Text>
      <ReportContent result={schedule} zone={browserZone()} failedTitle={texts.scheduleNotLoaded} skeleton={<Skeleton height={260} />}>
        {(items) => <Entries items={items} />}
      </ReportContent>
    </Panel>
  );
}

function Entries({ items }: { items: readonly Entry[] }) {
  const now = useNow();
  return (
    <DataTable
      caption={texts.schedule}
      isTitled
      columns={texts.scheduleColumns}
      rows={items.map((entry) => ({
        key: entry.job,
        cells: [taskName(entry.job), entry.cron, texts.in(duration(Math.max(0, (new Date(entry.next_at).getTime() - now) / 1_000))), lastRun(entry, now)],
      }))}
    />
  );
}

function lastRun({ status, ended_at: endedAt }: Entry, now: number): string {
  if (status === "running") return texts.runsNow;
  if (status === "queued") return texts.waitsNow;
  if (status === null || endedAt === null) return texts.notRun;
  return status === "failed" ? texts.failed(ago(endedAt, now)) : texts.ended(ago(endedAt, now));
}
