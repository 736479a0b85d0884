import type { TrendsResult, TrendsSeries } from "../../../api/insights/insights";
import { progressOf, withoutFuture, type Line, type TimeSeries } from "../../../charts/timeSeries";
import { valueSlots } from "../../../charts/valueColours";
import { t } from "../../../texts";
import { nameOfValue } from "./nameOfValue";
import { needsProperty, type TrendsQuery } from "../query/insightQuery";
import { eventText } from "../query/sentence";

/** Turn a result into the lines of a chart; those of the dates that are compared with follow all others. */
export function trendLines(result: TrendsResult, query: TrendsQuery, now: number): TimeSeries {
  const starts = result.series[0]?.dates ?? [];
  const { begun, openIndex } = progressOf(starts, result.to, now);
  const slots = slotsOf(result.series);
  const lines = result.series.map((series, index): Line => ({
    ...lineOf(series, index, query, slots[index]),
    values: withoutFuture(series.values, begun),
  }));
  const previous = (result.previous ?? []).map((series, index): Line => {
    const line = lineOf(series, index, query, slots[index]);
    return {
      ...line,
      id: `previous ${line.id}`,
      label: t.insights.seriesBefore(line.label, query.compare),
      values: starts.map((_, at) => series.values[at] ?? null),
      dates: series.dates,
      previousOf: index,
    };
  });
  return { interval: result.interval, timezone: result.timezone, starts, openIndex, lines: [...lines, ...previous] };
}

/** The colours of series: in order, or by the values of a breakdown. */
function slotsOf(series: readonly TrendsSeries[]): number[] {
  const isBrokenDown = series.some(({ is_other: isOther }) => isOther !== undefined);
  if (!isBrokenDown) return series.map((_, index) => index);
  const names = new Set(series.map(({ label, metric }) => `${label} ${metric}`));
  // Several series of one value differ by their names.
  return valueSlots(series.map(({ breakdown, label, metric }) => JSON.stringify(names.size > 1 ? [breakdown, label, metric] : breakdown)));
}

function lineOf(series: TrendsSeries, index: number, query: TrendsQuery, slot = index): Omit<Line, "values"> {
  return {
    id: String(index),
    label: seriesName(series, index, query),
    isRest: series.is_other === true,
    total: series.total ?? 0,
    slot,
    unit: unitOf(series, propertyOf(index, query)),
  };
}

/** The property that a series is calculated from. A breakdown has the series of each value one after the other. */
function propertyOf(index: number, { series }: TrendsQuery): string | null {
  const selector = series[index % Math.max(1, series.length)];
  return selector && needsProperty(selector.metric) ? selector.property : null;
}

/** What the values of a series are: series of one unit share an axis. */
function unitOf({ metric }: TrendsSeries, property: string | null): string {
  if (metric === "formula") return t.explore.formula;
  return property === null ? t.insights.metrics[metric] : property;
}

/** Name a series: "purchase: sum of amount · FI". */
export function seriesName(series: TrendsSeries, index: number, query: TrendsQuery): string {
  const { label, event, metric, breakdown, is_other: isOther } = series;
  // Only series of a breakdown say whether they are all others.
  const value = isOther === undefined ? null : nameOfValue(query.breakdown, breakdown, isOther);
  // With one series that is broken down, its name is in the title already.
  const isOnly = value !== null && query.series.length === 1 && query.formula === "";
  const selector = query.series[index % Math.max(1, query.series.length)];
  // What the server calls any event is English.
  const name = event === null && metric !== "formula" && selector ? eventText(selector) : label;
  return isOnly ? value : t.explore.seriesName(name, t.insights.metricNames[metric], propertyOf(index, query), null, value);
}
