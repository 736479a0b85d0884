import { highest, peakToDraw, type TimeChartData } from "./timeChartData";

/** Pixels around the plot: pins and the record's label stand above, names of intervals below. */
const SPACE = { top: 26, right: 22, bottom: 28, gap: 10 } as const;
const CHARACTER_WIDTH = 7;
const MIN_LABEL_GAP = 14;
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

/**
 * Choose the intervals that are named, so that no name covers another: the one in progress, the last and the first,
 * then as many between as there is room for, evenly.
 */
export function namedIntervals(names: readonly string[], openFrom: number | undefined, { x }: Pick<Scale, "x">): AxisName[] {
  const last = names.length - 1;
  const widest = Math.max(...names.map(({ length }) => length)) * CHARACTER_WIDTH + MIN_LABEL_GAP;
  const stride = Math.max(1, Math.ceil(widest / Math.max(1, x(1) - x(0))));
  const steps = Math.max(1, Math.floor(last / stride));
  // To the last one, whatever their number: a fixed stride from the first left up to two places without a name before it.
  const even = Array.from({ length: steps + 1 }, (_, step) => Math.round((step * last) / steps));
  const wanted = [...new Set([...(openFrom === undefined ? [] : [openFrom]), last, 0, ...even])];
  const placed: (AxisName & { from: number; to: number })[] = [];
  for (const index of wanted) {
    const width = (names[index]?.length ?? 0) * CHARACTER_WIDTH;
    const begins = index === 0 && last > 0 && x(0) < width / 2;
    const anchor = begins ? "start" : index === last && last > 0 && SPACE.right < width / 2 ? "end" : "middle";
    const from = x(index) - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
    const to = from + width;
    const isFree = placed.every((other) => to + MIN_LABEL_GAP <= other.from || from >= other.to + MIN_LABEL_GAP);
    if (isFree) placed.push({ index, anchor, from, to });
  }
  return placed.sort((one, other) => one.index - other.index).map(({ index, anchor }) => ({ index, anchor }));
}
