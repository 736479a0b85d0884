import type { TimePoint } from "../../charts/timeChartData";

interface Line {
  /** Start of the interval. */
  date: string;
  value: number;
}

/** The points of a chart, and which of them is of the interval in progress. */
export function timePoints(lines: readonly Line[], answer: { as_of: string; to: string }): { points: TimePoint[]; openFrom: number | undefined } {
  const now = new Date(answer.as_of).getTime();
  const hasBegun = (start: string) => new Date(start).getTime() <= now;
  const points = lines.map(({ date, value }) => ({ start: date, value: hasBegun(date) ? value : null }));
  const isOpen = new Date(answer.to).getTime() > now;
  const openFrom = isOpen ? points.findLastIndex(({ start }) => hasBegun(start)) : -1;
  return { points, openFrom: openFrom < 0 ? undefined : openFrom };
}
