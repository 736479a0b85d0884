import { highest, peakToDraw, type TimeChartData } from "./timeChartData";

/** Pixels around the plot: pins and the record's label stand above, names of intervals below. */
const SPACE = { top: 26, right: 22, bottom: 28, gap: 10 } as const;
const CHARACTER_WIDTH = 7;
const MIN_LABEL_GAP = 14;
/** About what the values beside an axis of ECharts and its margins take. */
const VALUES_WIDTH = 72;
const SPLITS = 4;

/** Where values and intervals are on a chart, in pixels. */
export interface Scale {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Values with a line across, from zero up. */
  ticks: number[];
  x: (index: number) => number;
  y: (value: number) => number;
}

/** Return round values from zero to at least `max`, about four apart. Between whole values there are no others. */
export function roundTicks(max: number, isWhole: boolean): number[] {
  const rough = (max > 0 ? max : 1) / SPLITS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough && !(isWhole && (one * power) % 1 > 0)) ?? 10;
  const step = Math.max(isWhole ? 1 : 0, factor * power);
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Place a chart of a width and height; `name` formats the values beside its lines. */
export function scaleOf(data: TimeChartData, width: number, height: number, name: (value: number) => string): Scale {
  const { points, previous = [], expected, openFrom } = data;
  const values = [...points, ...previous].map(({ value }) => value ?? 0);
  const max = Math.max(highest({ points, openFrom })?.value ?? 0, peakToDraw(data)?.value ?? 0, expected?.high ?? 0, ...values);
  const ticks = roundTicks(max, data.unit === "count" && points.every(({ value }) => Number.isInteger(value ?? 0)));
  const left = Math.max(...ticks.map((tick) => name(tick).length)) * CHARACTER_WIDTH + SPACE.gap;
  const [right, bottom] = [Math.max(left + 1, width - SPACE.right), height - SPACE.bottom];
  const step = (right - left) / Math.max(1, points.length - 1);
  const top = ticks.at(-1) ?? 1;
  return {
    left,
    right,
    top: SPACE.top,
    bottom,
    ticks,
    x: (index) => (points.length === 1 ? (left + right) / 2 : left + index * step),
    y: (value) => bottom - (value / top) * (bottom - SPACE.top),
  };
}

/** Return the path through values, interrupted where there is none. */
export function linePath(values: readonly (number | null)[], { x, y }: Pick<Scale, "x" | "y">): string {
  return values
    .map((value, index) => {
      if (value === null) return "";
      const begins = index === 0 || values[index - 1] === null;
      return `${begins ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
}

/** Return the paths around the areas between values and the axis. */
export function areaPath(values: readonly (number | null)[], scale: Pick<Scale, "x" | "y" | "bottom">): string {
  const runs: string[] = [];
  let start = 0;
  values.forEach((value, index) => {
    if (value === null) return;
    if (index === 0 || values[index - 1] === null) start = index;
    const isLast = index === values.length - 1 || values[index + 1] === null;
    if (!isLast || start === index) return;
    const part = values.map((one, at) => (at >= start && at <= index ? one : null));
    const ground = scale.bottom;
    runs.push(`${linePath(part, scale)}L${scale.x(index).toFixed(1)} ${ground}L${scale.x(start).toFixed(1)} ${ground}Z`);
  });
  return runs.join("");
}

/** The name of an interval below the axis, and on which side of its place it stands. */
export interface AxisName {
  index: number;
  anchor: "start" | "middle" | "end";
}

/** Every so many from one index to both ends, from 0 to `last`. */
function evenly(from: number, last: number, stride: number): number[] {
  const first = from % stride;
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, step) => first + step * stride);
}

/** How many places names that stand `step` pixels apart are from one another, so that none covers the next. */
function strideOf(names: readonly string[], step: number): number {
  const widest = Math.max(...names.map(({ length }) => length)) * CHARACTER_WIDTH + MIN_LABEL_GAP;
  return Math.max(1, Math.ceil(widest / Math.max(1, step)));
}

/** Choose the places of an axis of ECharts that are named: evenly, the last among them. Its names stand in the middle of their places. */
export function labelledIndexes(names: readonly string[], chartWidth: number): ReadonlySet<number> {
  const last = names.length - 1;
  return new Set(last < 0 ? [] : evenly(last, last, strideOf(names, (chartWidth - VALUES_WIDTH) / Math.max(1, last))));
}

/**
 * Choose the intervals that are named, so that no name covers another: the one in progress, or the last, and from it
 * every so many as there is room for; the ends where they are free.
 */
export function namedIntervals(names: readonly string[], openFrom: number | undefined, { x }: Pick<Scale, "x">): AxisName[] {
  const last = names.length - 1;
  const from = openFrom ?? last;
  // Nearest to it first: its name may be longer than the others.
  const even = evenly(from, last, strideOf(names, x(1) - x(0))).sort((one, other) => Math.abs(one - from) - Math.abs(other - from));
  const wanted = [...new Set([...even, last, 0])];
  const placed: (AxisName & { left: number; right: number })[] = [];
  for (const index of wanted) {
    const width = (names[index]?.length ?? 0) * CHARACTER_WIDTH;
    const begins = index === 0 && last > 0 && x(0) < width / 2;
    const anchor = begins ? "start" : index === last && last > 0 && SPACE.right < width / 2 ? "end" : "middle";
    const left = x(index) - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
    const right = left + width;
    const isFree = placed.every((other) => right + MIN_LABEL_GAP <= other.left || left >= other.right + MIN_LABEL_GAP);
    if (isFree) placed.push({ index, anchor, left, right });
  }
  return placed.sort((one, other) => one.index - other.index).map(({ index, anchor }) => ({ index, anchor }));
}
