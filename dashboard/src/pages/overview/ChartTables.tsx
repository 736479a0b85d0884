import type { TopEvents } from "../../api/client";
import type { Share } from "./shares";
import type { Timeline } from "../../charts/timeSeries";
import { DataTable } from "../../components/DataTable";
import { exactNumber, sharePercent } from "../../format/numbers";
import { intervalName } from "../../format/time";

/** Newest interval first; those that have not begun are left out. */
export function TimelineTable({ data }: { data: Timeline }) {
  const rows = data.starts
    .map((start, bucket) => ({ start, values: data.lines.map((line) => line.values[bucket] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .map(({ start, values }) => ({
      key: start,
      cells: [
        intervalName(start, data.interval, data.timezone),
        ...values.map((value) => (value === null ? "" : exactNumber(value))),
      ],
    }));
  return (
    <DataTable
      caption={`Events by interval, times in ${data.timezone}`}
      columns={["Begins", ...data.lines.map((line) => line.label)]}
      rows={rows.reverse()}
    />
  );
}

/** Every name that was asked for, not only those with a bar. */
export function TopEventsTable({ items }: { items: TopEvents["items"] }) {
  return (
    <DataTable
      caption="Events by name"
      columns={["Event", "Count", "Share"]}
      rows={items.map(({ event_name: name, count, share }) => ({
        key: name,
        cells: [name, exactNumber(count), sharePercent(share)],
      }))}
    />
  );
}

export function SharesTable({ parts }: { parts: Share[] }) {
  return (
    <DataTable
      caption="Share of all events"
      columns={["Event", "Share", "Count"]}
      rows={parts.map(({ name, count, share, isRest }) => ({
        key: isRest ? "rest" : `name ${name}`,
        cells: [name, sharePercent(share), exactNumber(count)],
      }))}
    />
  );
}
