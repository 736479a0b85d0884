import type { VisitorTrends } from "../../api/reports/divisions";
import { withoutFuture, type TimeSeries } from "../../charts/timeSeries";
import { dayIn } from "../../format/time";
import { t } from "../../texts";

/** Visitors by day as lines of a chart: all of them, the identified and the anonymous. */
export function trendSeries({ labels, timezone, as_of: asOf, total, authenticated, anonymous }: VisitorTrends): TimeSeries {
  const today = dayIn(timezone, new Date(asOf));
  const begun = labels.filter((day) => day <= today).length;
  const { metrics } = t.communities;
  const line = (id: string, label: string, values: number[]) => ({
    id,
    label,
    isRest: false,
    values: withoutFuture(values, begun),
    // Visitors of several days are not the sum of each day's.
    total: 0,
  });
  return {
    interval: "day",
    // The labels are days of the project already.
    timezone: "UTC",
    starts: labels.map((day) => `${day}T00:00:00Z`),
    lines: [
      line("total", metrics.total.name, total),
      line("identified", metrics.identified.name, authenticated),
      line("anonymous", metrics.anonymous.name, anonymous),
    ],
    openIndex: labels.indexOf(today),
  };
}
