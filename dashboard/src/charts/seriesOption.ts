import { exactNumber, sharePercent, shortNumber } from "../format/numbers";
import { axisLabel, intervalName } from "../format/time";
import { t } from "../texts";
import type { ChartOption } from "./Chart";
import { lineStyle } from "./lineStyle";
import type { ChartColours } from "./palette";
import { labelledIndexes } from "./timeChartScale";
import { peak, splitAt, type Line, type TimeSeries } from "./timeSeries";
import { tooltipContent, tooltipStyle } from "./tooltip";

/** How series are drawn. */
export interface SeriesChartView {
  shape: "line" | "area" | "stacked" | "columns" | "stacked-columns";
  isLog: boolean;
  /** Whether values are shares, 0 to 1. */
  isShare: boolean;
}

const LINES: SeriesChartView = { shape: "line", isLog: false, isShare: false };

/** What ECharts draws of several series. */
export function seriesOption(
  data: TimeSeries,
  hidden: ReadonlySet<string>,
  view: SeriesChartView = LINES,
  colours: ChartColours,
  width: number,
): ChartOption {
  const shown = data.lines.map((line, index) => ({ line, index })).filter(({ line }) => !hidden.has(line.id));
  const units = [...new Set(shown.map(({ line }) => line.unit ?? ""))].slice(0, 2);
  const named = labelledIndexes(data.starts.map((start) => axisLabel(start, data.interval, data.timezone)), width);
  const isColumns = view.shape === "columns" || view.shape === "stacked-columns";
  const styleOf = ({ unit = "" }: Line): SeriesStyleOptions => ({
    isSingle: data.lines.length === 1,
    axis: Math.max(0, units.indexOf(unit)),
    view,
    colours,
  });
  return {
    grid: { left: 4, right: 16, top: units.length > 1 ? 34 : 22, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      axisPointer: isColumns
        ? { type: "shadow", shadowStyle: { color: colours.text, opacity: 0.05 } }
        : { lineStyle: { color: colours.quiet, type: "dashed" } },
      ...tooltipStyle(colours),
      formatter: (items) => tooltip(data, hidden, view, colours, items),
    },
    xAxis: {
      type: "category",
      boundaryGap: isColumns || data.starts.length === 1,
      data: data.starts,
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: {
        color: colours.quiet,
        margin: 12,
        interval: (index: number) => named.has(index),
        formatter: (start: string) => axisLabel(start, data.interval, data.timezone),
      },
    },
    yAxis: (units.length > 0 ? units : [""]).map((unit, side) => valueAxis(data, view, units.length > 1 ? unit : "", side, colours)),
    series: isColumns
      ? shown.map(({ line, index }) => columnSeries(line, index, data.openIndex, styleOf(line)))
      : shown.flatMap(({ line, index }) => {
          const { complete, inProgress } = splitAt(line, data.openIndex);
          const drawn = lineSeries({ ...line, values: complete }, index, styleOf(line));
          // A point above stacked areas would stand at a value of its own.
          return inProgress && view.shape !== "stacked" ? [drawn, unfinishedSeries(line, inProgress, drawn.yAxisIndex, drawn.color)] : [drawn];
        }),
  };
}

function valueAxis(data: TimeSeries, view: SeriesChartView, unit: string, side: number, colours: ChartColours) {
  // There is nothing between two counts, but there is between two averages.
  const isWhole = !view.isShare && data.lines.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0)));
  const common = {
    name: unit,
    position: side === 0 ? ("left" as const) : ("right" as const),
    nameTextStyle: { color: colours.quiet, align: side === 0 ? ("left" as const) : ("right" as const) },
    splitLine: { show: side === 0, lineStyle: { color: colours.line } },
    axisLabel: { color: colours.quiet, formatter: (value: number) => (view.isShare ? sharePercent(value) : shortNumber(value)) },
  };
  if (view.isLog && !view.isShare) return { ...common, type: "log" as const, logBase: 10, min: 1 };
  return {
    ...common,
    type: "value" as const,
    minInterval: isWhole ? 1 : 0,
    splitNumber: 4,
    ...(view.isShare && view.shape.startsWith("stacked") ? { max: 1 } : {}),
  };
}

interface SeriesStyleOptions {
  isSingle: boolean;
  /** The index of the axis. */
  axis: number;
  view: SeriesChartView;
  colours: ChartColours;
}

/** A logarithmic axis has no zero. */
function onAxis(values: readonly (number | null)[], { isLog, isShare }: SeriesChartView): (number | null)[] {
  return isLog && !isShare ? values.map((value) => (value !== null && value > 0 ? value : null)) : [...values];
}

function columnSeries(line: Line, index: number, openIndex: number, { axis, view, colours }: SeriesStyleOptions) {
  const { colour } = lineStyle(colours, line, index);
  const isPrevious = line.previousOf !== undefined;
  return {
    type: "bar" as const,
    id: line.id,
    name: line.label,
    yAxisIndex: axis,
    // The interval in progress still grows: its column is hollow.
    data: onAxis(line.values, view).map((value, at) =>
      at === openIndex && !isPrevious
        ? { value, itemStyle: { color: `${colour}40`, borderColor: colour, borderType: "dashed" as const, borderWidth: 1 } }
        : { value },
    ),
    color: colour,
    barMaxWidth: 40,
    ...(view.shape === "stacked-columns" ? { stack: isPrevious ? "previous" : "all" } : {}),
    itemStyle: { color: colour, opacity: isPrevious ? 0.4 : 1, borderRadius: view.shape === "columns" ? [3, 3, 0, 0] : 0 },
    emphasis: { disabled: true },
  };
}

/** The interval in progress: a hollow point, because its value still grows, and the way up to it, dashed. */
function unfinishedSeries(line: Line, inProgress: (number | null)[], axis: number, colour: string) {
  const last = inProgress.findLastIndex((value) => value !== null);
  return {
    type: "line" as const,
    id: `${line.id}~`,
    name: line.label,
    yAxisIndex: axis,
    data: inProgress.map((value, index) => ({ value, symbol: index === last ? "emptyCircle" : "none" })),
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: 8,
    color: colour,
    lineStyle: { width: 2, type: [2, 4], opacity: 0.7 },
    emphasis: { disabled: true },
  };
}

function lineSeries(line: Line, index: number, { isSingle, axis, view, colours }: SeriesStyleOptions) {
  const { colour, dashed } = lineStyle(colours, line, index);
  const isPrevious = line.previousOf !== undefined;
  const isFilled = (isSingle || view.shape !== "line") && !isPrevious;
  return {
    type: "line" as const,
    id: line.id,
    name: line.label,
    yAxisIndex: axis,
    data: onAxis(line.values, view),
    // A value without neighbours would be a line without length.
    showSymbol: line.values.filter((value) => value !== null).length === 1,
    symbol: "circle",
    symbolSize: 7,
    color: colour,
    lineStyle: { width: view.shape === "stacked" ? 1 : 2, type: dashed ? ("dashed" as const) : ("solid" as const) },
    emphasis: { disabled: true },
    ...(view.shape === "stacked" && !isPrevious ? { stack: "all", areaStyle: { color: colour, opacity: 0.55 } } : {}),
    ...(isFilled && view.shape !== "stacked" ? { areaStyle: { color: areaGradient(colour) } } : {}),
    ...(isSingle && view.shape === "line" && !view.isLog ? { markLine: peakLine(line, view, colours) } : {}),
  };
}

/** The line's colour below it, fading towards the axis. */
function areaGradient(colour: string) {
  return {
    type: "linear" as const,
    x: 0,
    y: 0,
    x2: 0,
    y2: 1,
    colorStops: [
      { offset: 0, color: `${colour}59` },
      { offset: 1, color: `${colour}0a` },
    ],
  };
}

/** The tidemark: a dashed line at the peak. */
function peakLine(line: Line, view: SeriesChartView, colours: ChartColours) {
  const highest = peak(line);
  return {
    silent: true,
    animation: false,
    symbol: "none",
    lineStyle: { color: colours.mark, type: "dashed" as const, width: 1.5 },
    label: {
      position: "insideStartTop" as const,
      color: colours.mark,
      backgroundColor: colours.surface,
      borderRadius: 4,
      padding: [2, 6] as [number, number],
      fontWeight: 600,
      formatter: highest ? t.charts.peak(view.isShare ? sharePercent(highest.value) : shortNumber(highest.value)) : "",
    },
    data: highest ? [{ yAxis: highest.value }] : [],
  };
}

function tooltip(data: TimeSeries, hidden: ReadonlySet<string>, view: SeriesChartView, colours: ChartColours, items: unknown): HTMLElement {
  const first: unknown = Array.isArray(items) ? items[0] : items;
  const index = typeof first === "object" && first !== null && "dataIndex" in first ? Number(first.dataIndex) : 0;
  const format = view.isShare ? sharePercent : exactNumber;
  const rows = data.lines
    .map((line, lineIndex) => ({ line, colour: lineStyle(colours, line, lineIndex).colour }))
    .filter(({ line }) => !hidden.has(line.id))
    .map(({ line, colour }) => ({ label: tooltipLabel(line, index, data), value: line.values[index] ?? null, colour }))
    .sort((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity))
    .map(({ label, value, colour }) => ({ label, value: value === null ? t.common.none : format(value), colour }));
  return tooltipContent(
    intervalName(data.starts[index] ?? "", data.interval, data.timezone),
    rows,
    index === data.openIndex ? t.charts.inProgress : undefined,
  );
}

/** The line's name; that of a previous period with the date of its own interval. */
function tooltipLabel(line: Line, index: number, { interval, timezone }: TimeSeries): string {
  const date = line.dates?.[index];
  return date === undefined ? line.label : t.charts.onDate(line.label, intervalName(date, interval, timezone));
}
