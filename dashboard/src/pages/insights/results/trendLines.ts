import type { TrendsAnswer, TrendSeries } from "../../../api/insights";
import type { Line, Timeline } from "../../../charts/timeSeries";
import { METRICS } from "../insightQuery";

/** What the server calls the values that have no line of their own. */
const OTHER = "Other";

/** The lines of an answer; those of the time before follow all others. The future is empty, not zero. */
export function trendLines(answer: TrendsAnswer, now: number): Timeline {
  const starts = answer.series[0]?.dates ?? [];
  const begun = starts.filter((start) => new Date(start).getTime() <= now).length;
  const isOpen = begun > 0 && new Date(answer.to).getTime() > now;
  const isSplit = answer.series.some(({ breakdown }) => breakdown !== null);
  const lines = answer.series.map((series, place): Line => {
    const values = series.values.map((value, bucket) => (bucket < begun || (value ?? 0) > 0 ? value : null));
    return { ...named(series, place, isSplit), values };
  });
  const before = (answer.previous ?? []).map((series, place): Line => {
    const { id, label, isRest, total } = named(series, place, isSplit);
    const values = starts.map((_, bucket) => series.values[bucket] ?? null);
    return { id: `before ${id}`, label: `${label}, before`, isRest, total, values, beforeOf: place };
  });
  return {
    interval: answer.interval,
    timezone: answer.timezone,
    starts,
    openBucket: isOpen ? begun - 1 : -1,
    lines: [...lines, ...before],
  };
}

function named(series: TrendSeries, place: number, isSplit: boolean) {
  return {
    id: `${place}`,
    label: seriesName(series),
    isRest: isSplit && series.breakdown === OTHER,
    total: series.total ?? 0,
  };
}

/** "purchase, persons · FI": what is counted, and of which value. */
export function seriesName({ label, metric, breakdown }: TrendSeries): string {
  const counted = metric === "count" ? "" : METRICS.find(({ value }) => value === metric)?.label.toLowerCase();
  return [counted ? `${label} (${counted.replace(/ of$/, "")})` : label, breakdown].filter((part) => part !== null).join(" · ");
}
