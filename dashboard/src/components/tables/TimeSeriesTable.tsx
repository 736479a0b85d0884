import type { ReactNode } from "react";
import type { TimeSeries } from "../../charts/timeSeries";
import { exactNumber } from "../../format/numbers";
import { intervalName } from "../../format/time";
import { t } from "../../texts";
import { DataTable } from "./DataTable";

interface TimeSeriesTableProps {
  data: TimeSeries;
  caption: string;
  /** Wraps the figure of a line in an interval, for example into a `Door`. */
  figure?: (line: number, interval: number, text: string) => ReactNode;
}

/** The lines of a chart over time as a table, newest interval first, without intervals that have not begun. */
export function TimeSeriesTable({ data, caption, figure = (_line, _interval, text) => text }: TimeSeriesTableProps) {
  const rows = data.starts
    .map((start, index) => ({ start, index, values: data.lines.map((line) => line.values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .map(({ start, index, values }) => ({
      key: start,
      cells: [
        intervalName(start, data.interval, data.timezone),
        ...values.map((value, line) => (value === null ? t.common.none : value === 0 ? exactNumber(0) : figure(line, index, exactNumber(value)))),
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
