import type { WebMetric, WebReport } from "../../api/reports/web";
import type { TimePoint } from "../../charts/timeChartData";
import type { Unit } from "../../format/units";

/** The figures of the Web page in their order, what they are counted in, and whether more is good. */
export const WEB_METRICS: Record<WebMetric, { unit: Unit; good: "up" | "down" }> = {
  visitors: { unit: "count", good: "up" },
  visits: { unit: "count", good: "up" },
  page_views: { unit: "count", good: "up" },
  views_per_visit: { unit: "count", good: "up" },
  bounce_rate: { unit: "share", good: "down" },
  visit_seconds: { unit: "seconds", good: "up" },
};

/** Read the metric of an address; visitors unless it names another. */
export function metricOf(text: string): WebMetric {
  return (Object.keys(WEB_METRICS) as WebMetric[]).find((one) => one === text) ?? "visitors";
}

/** The points of a metric, and which of them is of the interval in progress. */
export function chartOf(report: WebReport, metric: WebMetric): { points: TimePoint[]; openFrom: number | undefined; previous: TimePoint[] | undefined } {
  const now = new Date(report.as_of).getTime();
  const hasBegun = (start: string) => new Date(start).getTime() <= now;
  const points = report.series.map(({ date, metrics }) => ({ start: date, value: hasBegun(date) ? metrics[metric] : null }));
  const isOpen = new Date(report.to).getTime() > now;
  const openFrom = isOpen ? points.findLastIndex(({ start }) => hasBegun(start)) : -1;
  const previous = report.previous?.series.map((one, index) =>
    one ? { start: one.date, value: one.metrics[metric] } : { start: points[index]?.start ?? "", value: null },
  );
  return { points, openFrom: openFrom < 0 ? undefined : openFrom, previous };
}
