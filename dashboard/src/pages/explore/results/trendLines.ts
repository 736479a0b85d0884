import type { TrendsResult, TrendsSeries } from "../../../api/insights";
import { progressOf, withoutFuture, type Line, type TimeSeries } from "../../../charts/timeSeries";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";

/** Turn a result into the lines of a chart; those of the previous period follow all others. */
export function trendLines(result: TrendsResult, now: number): TimeSeries {
  const starts = result.series[0]?.dates ?? [];
  const { begun, openIndex } = progressOf(starts, result.to, now);
  const lines = result.series.map((series, index): Line => ({
    ...lineOf(series, index),
    values: withoutFuture(series.values, begun),
  }));
  const previous = (result.previous ?? []).map((series, index): Line => {
    const line = lineOf(series, index);
    return {
      ...line,
      id: `previous ${line.id}`,
      label: t.insights.seriesBefore(line.label),
      values: starts.map((_, at) => series.values[at] ?? null),
      previousOf: index,
    };
  });
  return { interval: result.interval, timezone: result.timezone, starts, openIndex, lines: [...lines, ...previous] };
}

function lineOf(series: TrendsSeries, index: number): Omit<Line, "values"> {
  return {
    id: String(index),
    label: seriesName(series),
    isRest: series.is_other === true,
    total: series.total ?? 0,
  };
}

/** Name a series: "purchase (users) · FI". */
export function seriesName({ label, metric, breakdown, is_other: isOther }: TrendsSeries): string {
  // Only series of a breakdown say whether they are all others.
  const value = isOther === undefined ? null : valueName(breakdown, isOther);
  return t.insights.seriesName(label, t.insights.metricNames[metric], value);
}
