import type { TopEvents } from "../../api/client";
import type { Slice } from "../../charts/DonutChart";
import { DataTable } from "../../components/DataTable";
import { exactNumber, sharePercent } from "../../format/numbers";
import { t } from "../../texts";

/** Every event name of the report, not only those with a bar. */
export function TopEventsTable({ items }: { items: TopEvents["items"] }) {
  return (
    <DataTable
      caption={t.overview.eventsByName}
      columns={[t.overview.event, t.overview.count, t.overview.share]}
      rows={items.map(({ event_name: name, count, share }) => ({
        key: name,
        cells: [name, exactNumber(count), sharePercent(share)],
      }))}
    />
  );
}

export function SharesTable({ slices }: { slices: Slice[] }) {
  return (
    <DataTable
      caption={t.overview.shareOfAll}
      columns={[t.overview.event, t.overview.share, t.overview.count]}
      rows={slices.map(({ label, value, share }, index) => ({
        key: String(index),
        cells: [label, sharePercent(share), exactNumber(value)],
      }))}
    />
  );
}
