import type { Interval } from "../format/time";

/** One line of a chart over time. */
export interface Line {
  /** Unique, even if two lines have the same label. */
  id: string;
  label: string;
  /** The sum of everything without a line of its own. */
  isRest: boolean;
  /** One per interval; null where the interval has not begun. */
  values: (number | null)[];
  total: number;
  /** The index of the line whose previous period this is: it has that line's colour, dashed. */
  previousOf?: number;
  /** Of a previous period: starts of its own intervals. */
  dates?: readonly string[];
  /** The colour, as an index into the palette; beyond it also dashed. Missing: the index of the line. */
  slot?: number;
  /** What its values are, such as "Users". Lines of different units have an axis each. */
  unit?: string;
}

export interface TimeSeries {
  interval: Interval;
  timezone: string;
  /** Starts of the intervals, ISO instants. */
  starts: string[];
  lines: Line[];
  /** The index of the interval that is in progress; -1 when all are complete. */
  openIndex: number;
}

/**
 * Find the intervals that have begun.
 *
 * @param end the end of the range, an ISO instant.
 * @param now in milliseconds since 1970.
 * @returns how many have begun, and the index of the one in progress; -1 when all are complete.
 */
export function progressOf(starts: readonly string[], end: string, now: number): { begun: number; openIndex: number } {
  const begun = starts.filter((start) => new Date(start).getTime() <= now).length;
  return { begun, openIndex: begun > 0 && new Date(end).getTime() > now ? begun - 1 : -1 };
}

/** Replace the zeros of intervals that have not begun with null. Other values are shown even of the future. */
export function withoutFuture(values: readonly (number | null)[], begun: number): (number | null)[] {
  return values.map((value, index) => (index < begun || (value ?? 0) > 0 ? value : null));
}

/**
 * Part the values of a line into those of complete intervals and the way into the one in progress.
 *
 * A value that still grows is no fall: it is drawn apart, with a way up to it and none down. The line of a previous period is complete.
 */
export function splitAt(
  { values, previousOf }: Pick<Line, "values" | "previousOf">,
  openIndex: number,
): { complete: (number | null)[]; inProgress: (number | null)[] | null } {
  if (openIndex < 1 || previousOf !== undefined) return { complete: [...values], inProgress: null };
  const isFall = (values[openIndex - 1] ?? 0) > (values[openIndex] ?? 0);
  return {
    complete: values.map((value, index) => (index < openIndex ? value : null)),
    inProgress: values.map((value, index) => (index === openIndex || (index === openIndex - 1 && !isFall) ? value : null)),
  };
}

/** Return the highest value of a line and its index; null if there is none above zero. */
export function peak({ values }: Pick<Line, "values">): { value: number; index: number } | null {
  const value = Math.max(0, ...values.map((one) => one ?? 0));
  return value > 0 ? { value, index: values.indexOf(value) } : null;
}
