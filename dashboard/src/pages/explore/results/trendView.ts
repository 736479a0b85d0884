import type { Metric, TrendsSeries } from "../../../api/insights/insights";
import type { Line, TimeSeries } from "../../../charts/timeSeries";
import { choiceOf, TRENDS_CHARTS, type TrendsChart, type View } from "../query/view";

/** The metrics whose values of several intervals or series can be added up. Of users that would count some twice. */
const ADDITIVE: readonly (Metric | "formula")[] = ["count", "sum"];

/** How a result of trends is shown. */
export interface TrendView {
  chart: TrendsChart;
  isLog: boolean;
  isCumulative: boolean;
  isShare: boolean;
}

export function canAddUp(series: readonly Pick<TrendsSeries, "metric">[]): boolean {
  return series.every(({ metric }) => ADDITIVE.includes(metric));
}

/** Whether shares of the sum of all lines make sense: more than one, of one unit. */
export function canShare(data: TimeSeries): boolean {
  const lines = data.lines.filter(({ previousOf }) => previousOf === undefined);
  return lines.length > 1 && new Set(lines.map(({ unit }) => unit)).size === 1;
}

/** Read the options of trends; those that this result does not allow are off. */
export function trendView(view: View, series: readonly Pick<TrendsSeries, "metric">[], data: TimeSeries): TrendView {
  const isCumulative = view.cumulative === "1" && canAddUp(series);
  return {
    chart: choiceOf(TRENDS_CHARTS, view.chart),
    isCumulative,
    isLog: view.scale === "log",
    isShare: view.values === "percent" && canShare(data),
  };
}

/** Add up the values of each line, or turn them into shares of the sum of the lines shown. */
export function applyView(data: TimeSeries, { isCumulative, isShare }: TrendView, hidden: ReadonlySet<string>): TimeSeries {
  const added = isCumulative ? { ...data, lines: data.lines.map(addUp) } : data;
  return isShare ? toShares(added, hidden) : added;
}

function addUp(line: Line): Line {
  let sum = 0;
  return { ...line, values: line.values.map((value) => (value === null ? null : (sum += value))) };
}

function toShares(data: TimeSeries, hidden: ReadonlySet<string>): TimeSeries {
  const sums = (isPrevious: boolean) =>
    data.starts.map((_, index) =>
      data.lines
        .filter(({ id, previousOf }) => !hidden.has(id) && (previousOf !== undefined) === isPrevious)
        .reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    );
  const now = sums(false);
  const before = sums(true);
  const share = (value: number | null, sum = 0) => (value === null || sum === 0 ? null : value / sum);
  return {
    ...data,
    lines: data.lines.map((line) => ({
      ...line,
      values: line.values.map((value, index) => share(value, (line.previousOf === undefined ? now : before)[index])),
    })),
  };
}
