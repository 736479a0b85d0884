import type { Timeseries } from "../../api/client";
import { progressOf, withoutFuture, type TimeSeries } from "../../charts/timeSeries";
import { valueName } from "../../format/valueName";

/** Turn a report into the lines of a chart. `now` in milliseconds since 1970. */
export function timeline(data: Timeseries, now: number): TimeSeries {
  const starts = data.series[0]?.dates ?? [];
  const { begun, openIndex } = progressOf(starts, data.to, now);
  return {
    interval: data.interval,
    timezone: data.timezone,
    starts,
    openIndex,
    lines: data.series.map(({ label, is_other: isOther, values, total }, index) => ({
      id: `${index}:${label ?? ""}`,
      label: valueName(label, isOther),
      isRest: isOther,
      total,
      values: withoutFuture(values, begun),
    })),
  };
}
