import type { Timeseries } from "../api/client";

export interface Line {
  /** Unique, also where an event is itself called "Other". */
  id: string;
  label: string;
  /** The sum of all names without a line of their own. */
  isRest: boolean;
  /** One per bucket; null where the bucket has not begun. */
  values: (number | null)[];
  total: number;
  /** The place of the line whose earlier time this is: it looks like that one, dashed. */
  beforeOf?: number;
}

export interface Timeline {
  interval: Timeseries["interval"];
  timezone: string;
  /** Starts of the buckets, ISO instants. */
  starts: string[];
  lines: Line[];
  /** The place of the bucket that is still filling; -1 when all are complete. */
  openBucket: number;
}

/** How many names have a line of their own before the rest is summed up. */
const MOST_NAMED = 10;

/** A time series as it is drawn: the future is empty, not zero. `now` in milliseconds since 1970. */
export function timeline(data: Timeseries, now: number): Timeline {
  const starts = data.series[0]?.dates ?? [];
  const begun = starts.filter((start) => new Date(start).getTime() <= now).length;
  const isOpen = begun > 0 && new Date(data.to).getTime() > now;
  return {
    interval: data.interval,
    timezone: data.timezone,
    starts,
    openBucket: isOpen ? begun - 1 : -1,
    lines: data.series.map(({ label, values, total }, place) => ({
      id: `${place}:${label}`,
      label: place < MOST_NAMED ? label : "All others",
      isRest: place >= MOST_NAMED,
      total,
      // An event sent ahead of its time is still shown.
      values: values.map((value, bucket) => (bucket < begun || value > 0 ? value : null)),
    })),
  };
}

/** The highest value and where it stands, of one line; null while there is none. */
export function peak({ values }: Pick<Line, "values">): { value: number; bucket: number } | null {
  const value = Math.max(0, ...values.map((one) => one ?? 0));
  return value > 0 ? { value, bucket: values.indexOf(value) } : null;
}
