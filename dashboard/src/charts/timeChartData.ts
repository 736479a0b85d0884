import type { Interval } from "../format/time";
import type { Unit } from "../format/units";

/** The value of one interval; null where it has not begun. */
export interface TimePoint {
  /** Start of the interval, an ISO instant. */
  start: string;
  value: number | null;
}

/** What the interval in progress is expected to reach by its end. */
export interface Expected {
  value: number;
  low: number;
  high: number;
}

/** The highest value ever, and the start of its interval. */
export interface Peak {
  value: number;
  start: string;
}

/** A note at an instant, such as a release. */
export interface Note {
  id: number;
  at: string;
  text: string;
}

export interface TimeChartData {
  /** What the values count, such as "Users". */
  name: string;
  points: readonly TimePoint[];
  interval: Interval;
  /** IANA name of the project's time zone. */
  timezone: string;
  unit: Unit;
  /** Index of the interval in progress; undefined when all are complete. */
  openFrom?: number | undefined;
  expected?: Expected | null | undefined;
  /** Of the period that the range is compared with, in the order of `points`. */
  previous?: readonly TimePoint[] | undefined;
  /** The high-water mark; without it the highest value shown is marked. */
  peak?: Peak | null | undefined;
  annotations?: readonly Note[] | undefined;
}

/** A note with its number on the chart and the index of its interval. */
export interface Pin extends Note {
  number: number;
  index: number;
}

/** Return the values of complete intervals; the one in progress is drawn apart. */
export function completeValues({ points, openFrom = points.length }: Pick<TimeChartData, "points" | "openFrom">) {
  return points.map(({ value }, index) => (index < openFrom ? value : null));
}

/**
 * Return the line into the interval in progress: from the last complete value to the expected one.
 *
 * What has been counted so far is no result, so it never becomes a fall: without an expected value
 * there is a line only if the count has reached the last value already.
 */
export function openSegment({ points, openFrom, expected }: Pick<TimeChartData, "points" | "openFrom" | "expected">): (number | null)[] | null {
  const last = openFrom === undefined ? undefined : points[openFrom - 1]?.value;
  const soFar = openFrom === undefined ? undefined : points[openFrom]?.value;
  if (last === undefined || last === null || soFar === undefined || soFar === null) return null;
  const target = expected ? Math.max(expected.value, soFar) : soFar;
  if (!expected && target < last) return null;
  return points.map((_, index) => (index + 1 === openFrom ? last : index === openFrom ? target : null));
}

/** Return the notes within the range in order of time, each with its number and interval. */
export function pinsOf({ points, annotations = [] }: Pick<TimeChartData, "points" | "annotations">): Pin[] {
  const starts = points.map(({ start }) => new Date(start).getTime());
  const first = starts[0] ?? Number.POSITIVE_INFINITY;
  return [...annotations]
    .map((note) => ({ note, at: new Date(note.at).getTime() }))
    .filter(({ at }) => at >= first)
    .sort((one, other) => one.at - other.at)
    .map(({ note, at }, index) => ({ ...note, number: index + 1, index: starts.findLastIndex((start) => start <= at) }));
}

/** Return the highest value of the complete intervals; null if there is none above zero. */
export function highest(data: Pick<TimeChartData, "points" | "openFrom">): Peak | null {
  const values = completeValues(data).map((value) => value ?? 0);
  const value = Math.max(0, ...values);
  const start = data.points[values.indexOf(value)]?.start;
  return value > 0 && start !== undefined ? { value, start } : null;
}

/** Return the high-water mark to draw: the record, unless it is so high that it would flatten the line. */
export function peakToDraw(data: TimeChartData): Peak | null {
  const shown = highest(data);
  const record = data.peak ?? shown;
  if (!record) return null;
  const top = Math.max(shown?.value ?? 0, data.expected?.high ?? 0);
  return record.value <= 2 * top ? record : shown;
}
