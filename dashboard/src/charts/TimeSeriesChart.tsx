import { useCallback } from "react";
import { exactNumber, shortNumber } from "../format/numbers";
import { axisLabel, intervalName } from "../format/time";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import { lineStyle } from "./lineStyle";
import type { ChartColours } from "./palette";
import { peak, splitAt, type Line, type TimeSeries } from "./timeSeries";
import { tooltipContent, tooltipStyle } from "./tooltip";

interface TimeSeriesChartProps {
  data: TimeSeries;
  /** Ids of the lines not to draw. */
  hidden: ReadonlySet<string>;
  /** What the chart shows, in words. */
  label: string;
}

/** Lines over time. A single line is filled, and its peak is marked. */
export function TimeSeriesChart({ data, hidden, label }: TimeSeriesChartProps) {
  const option = useCallback((colours: ChartColours) => chartOption(data, hidden, colours), [data, hidden]);
  return <Chart option={option} height={300} label={label} />;
}

function chartOption(data: TimeSeries, hidden: ReadonlySet<string>, colours: ChartColours): ChartOption {
  const isSingle = data.lines.length === 1;
  return {
    grid: { left: 4, right: 16, top: 22, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      axisPointer: { lineStyle: { color: colours.quiet, type: "dashed" } },
      ...tooltipStyle(colours),
      formatter: (items) => tooltip(data, hidden, colours, items),
    },
    xAxis: {
      type: "category",
      boundaryGap: data.starts.length === 1,
      data: data.starts,
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: {
        color: colours.quiet,
        margin: 12,
        hideOverlap: true,
        formatter: (start: string) => axisLabel(start, data.interval, data.timezone),
      },
    },
    yAxis: {
      type: "value",
      // There is nothing between two counts, but there is between two averages.
      minInterval: data.lines.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0))) ? 1 : 0,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.quiet, formatter: (value: number) => shortNumber(value) },
    },
    series: data.lines.flatMap((line, index) => {
      if (hidden.has(line.id)) return [];
      const { complete, inProgress } = splitAt(line, data.openIndex);
      const drawn = lineSeries({ ...line, values: complete }, index, isSingle, colours);
      return inProgress ? [drawn, unfinishedSeries(line, inProgress, drawn.color)] : [drawn];
    }),
  };
}

/** The line into the interval in progress: dashed, to a hollow point, because its value still grows. */
function unfinishedSeries(line: Line, values: (number | null)[], colour: string) {
  return {
    type: "line" as const,
    id: `${line.id}~`,
    name: line.label,
    data: values.map((value, index) => ({ value, symbol: index === lastIndex(values) ? "emptyCircle" : "none" })),
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: 8,
    color: colour,
    lineStyle: { width: 2, type: [2, 4], opacity: 0.7 },
    emphasis: { disabled: true },
  };
}

function lastIndex(values: readonly (number | null)[]): number {
  return values.findLastIndex((value) => value !== null);
}

function lineSeries(line: Line, index: number, isSingle: boolean, colours: ChartColours) {
  const { colour, dashed } = lineStyle(colours, line, index);
  return {
    type: "line" as const,
    id: line.id,
    name: line.label,
    data: line.values,
    // A value without neighbours would be a line without length.
    showSymbol: line.values.filter((value) => value !== null).length === 1,
    symbol: "circle",
    symbolSize: 7,
    color: colour,
    lineStyle: { width: 2, type: dashed ? ("dashed" as const) : ("solid" as const) },
    emphasis: { disabled: true },
    ...(isSingle ? { areaStyle: { color: areaGradient(colour) }, markLine: peakLine(line, colours) } : {}),
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
function peakLine(line: Line, colours: ChartColours) {
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
      formatter: highest ? t.charts.peak(shortNumber(highest.value)) : "",
    },
    data: highest ? [{ yAxis: highest.value }] : [],
  };
}

function tooltip(data: TimeSeries, hidden: ReadonlySet<string>, colours: ChartColours, items: unknown): HTMLElement {
  const first: unknown = Array.isArray(items) ? items[0] : items;
  const index = typeof first === "object" && first !== null && "dataIndex" in first ? Number(first.dataIndex) : 0;
  const rows = data.lines
    .map((line, lineIndex) => ({ line, colour: lineStyle(colours, line, lineIndex).colour }))
    .filter(({ line }) => !hidden.has(line.id))
    .map(({ line, colour }) => ({ label: line.label, value: line.values[index] ?? null, colour }))
    .sort((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity))
    .map(({ label, value, colour }) => ({ label, value: value === null ? t.common.none : exactNumber(value), colour }));
  return tooltipContent(
    intervalName(data.starts[index] ?? "", data.interval, data.timezone),
    rows,
    index === data.openIndex ? t.charts.inProgress : undefined,
  );
}
