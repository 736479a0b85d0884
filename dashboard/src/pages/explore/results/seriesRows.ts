import type { TrendsResult } from "../../../api/insights/insights";
import type { TimeSeries } from "../../../charts/timeSeries";

export const SORT_COLUMNS = ["name", "total", "average", "last", "change"] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** A series as a row of the table. */
export interface SeriesRow {
  /** Of the line. */
  index: number;
  name: string;
  /** Of the whole range: users who came in several intervals count once. */
  total: number | null;
  /** Of the complete intervals. */
  average: number | null;
  /** The newest complete interval. */
  last: number | null;
  /** In percent: against the previous period; without one, of the last complete interval against the one before. */
  change: number | null;
}

/** The rows of the series of a result, without those of the previous period. */
export function seriesRows(data: TimeSeries, { series, previous }: Pick<TrendsResult, "series" | "previous">): SeriesRow[] {
  return series.map(({ total }, index): SeriesRow => {
    const line = data.lines[index];
    const values = line?.values.filter((value, at) => value !== null && at !== data.openIndex) ?? [];
    const last = values.at(-1) ?? null;
    return {
      index,
      name: line?.label ?? "",
      total,
      average: values.length === 0 ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length,
      last,
      change: previous ? percentChange(total, previous[index]?.total ?? null) : percentChange(last, values.at(-2) ?? null),
    };
  });
}

/** The change in percent, to a tenth; null, if there is nothing to compare with. A fall from a negative value is one. */
export function percentChange(now: number | null, before: number | null): number | null {
  if (now === null || before === null || before === 0) return null;
  return Math.round(((now - before) / Math.abs(before)) * 1_000) / 10;
}

/** Sort rows by a column; rows without a figure come last. Without a column they stay as the server ordered them. */
export function sortRows(rows: readonly SeriesRow[], column: SortColumn | undefined, isDescending: boolean): SeriesRow[] {
  if (column === undefined) return [...rows];
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [left, right] = [one[column], other[column]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (typeof left === "string" ? left.localeCompare(String(right)) : left - Number(right));
  });
}
