import type { TimeSeries } from "../charts/timeSeries";
import { exactNumber } from "../format/numbers";
import { intervalName } from "../format/time";
import { t } from "../texts";
import { DataTable } from "./DataTable";

/** The lines of a chart over time as a table, newest interval first, without intervals that have not begun. */
export function TimeSeriesTable({ data, caption }: { data: TimeSeries; caption: string }) {
  const rows = data.starts
    .map((start, index) => ({ start, values: data.lines.map((line) => line.values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .map(({ start, values }) => ({
      key: start,
      cells: [
        intervalName(start, data.interval, data.timezone),
        ...values.map((value) => (value === null ? t.common.none : exactNumber(value))),
      ],
    }));
  return (
    <DataTable
      caption={caption}
      columns={[t.insights.start, ...data.lines.map(({ label }) => label)]}
      rows={rows.reverse()}
    />
  );
}
