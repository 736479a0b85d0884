import type { Timeseries } from "../../api/client";
import { progressOf, withoutFuture, type TimeSeries } from "../../charts/timeSeries";
import { t } from "../../texts";

/** How many event names have a line of their own; the server sums up the others as one more series. */
const MAX_NAMED = 10;

/** Turn a report into the lines of a chart. `now` in milliseconds since 1970. */
export function timeline(data: Timeseries, now: number): TimeSeries {
  const starts = data.series[0]?.dates ?? [];
  const { begun, openIndex } = progressOf(starts, data.to, now);
  return {
    interval: data.interval,
    timezone: data.timezone,
    starts,
    openIndex,
    lines: data.series.map(({ label, values, total }, index) => ({
      id: `${index}:${label}`,
      label: index < MAX_NAMED ? label : t.overview.allOthers,
      isRest: index >= MAX_NAMED,
      total,
      values: withoutFuture(values, begun),
    })),
  };
}
