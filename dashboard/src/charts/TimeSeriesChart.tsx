import { useCallback } from "react";
import { exactNumber, shortNumber } from "../format/numbers";
import { axisLabel, intervalName } from "../format/time";
import { Chart, type ChartOption } from "./Chart";
import { lineStyle } from "./lineStyle";
import type { ChartColours } from "./palette";
import { peak, type Line, type Timeline } from "./timeSeries";
import { tooltipContent, tooltipStyle } from "./tooltip";

interface TimeSeriesChartProps {
  data: Timeline;
  /** Ids of the lines not to draw. */
  hidden: ReadonlySet<string>;
  /** What is shown, in words; missing: how many events there are. */
  label?: string;
}

/** Lines over time. A single one is filled, and a mark shows how high it rose. */
export function TimeSeriesChart({ data, hidden, label }: TimeSeriesChartProps) {
  const option = useCallback((colours: ChartColours) => chartOption(data, hidden, colours), [data, hidden]);
  const total = data.lines.reduce((sum, line) => sum + line.total, 0);
  return <Chart option={option} height={300} label={label ?? `Events over time: ${exactNumber(total)} in all`} />;
}

function chartOption(data: Timeline, hidden: ReadonlySet<string>, colours: ChartColours): ChartOption {
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
      // Between two counts there is nothing; between two averages there is.
      minInterval: data.lines.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0))) ? 1 : 0,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.quiet, formatter: (value: number) => shortNumber(value) },
    },
    series: data.lines.flatMap((line, place) =>
      hidden.has(line.id) ? [] : [lineSeries(line, place, isSingle, colours)],
    ),
  };
}

function lineSeries(line: Line, place: number, isSingle: boolean, colours: ChartColours) {
  const { colour, dashed } = lineStyle(colours, line, place);
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

/** Deep at the surface, clear at the ground. */
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

/** The tidemark: how high the water came. */
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
      formatter: highest ? `High water ${shortNumber(highest.value)}` : "",
    },
    data: highest ? [{ yAxis: highest.value }] : [],
  };
}

function tooltip(data: Timeline, hidden: ReadonlySet<string>, colours: ChartColours, items: unknown): HTMLElement {
  const first: unknown = Array.isArray(items) ? items[0] : items;
  const bucket =
    typeof first === "object" && first !== null && "dataIndex" in first ? Number(first.dataIndex) : 0;
  const rows = data.lines
    .map((line, place) => ({ line, colour: lineStyle(colours, line, place).colour }))
    .filter(({ line }) => !hidden.has(line.id))
    .map(({ line, colour }) => ({ label: line.label, count: line.values[bucket] ?? null, colour }))
    .sort((one, other) => (other.count ?? -Infinity) - (one.count ?? -Infinity))
    .map(({ label, count, colour }) => ({ label, value: count === null ? "–" : exactNumber(count), colour }));
  return tooltipContent(
    intervalName(data.starts[bucket] ?? "", data.interval, data.timezone),
    rows,
    bucket === data.openBucket ? "Still counting" : undefined,
  );
}
