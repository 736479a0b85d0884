import { useCallback, useMemo } from "react";
import { axisLabel, intervalName } from "../format/time";
import { exactValue, shortValue } from "../format/units";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import type { ChartColours } from "./palette";
import type { TimeChartProps } from "./TimeChart";
import { completeValues, openSegment, peakToDraw, pinsOf, type TimeChartData } from "./timeChartData";
import { tooltipContent, tooltipStyle, type TooltipRow } from "./tooltip";

/** Draws a `TimeChart`; loaded with ECharts. */
export function TimeChartCanvas({ label, height = 280, onPoint, ...props }: TimeChartProps) {
  // The properties are new objects at every render; what is drawn changes with their content only.
  const content = JSON.stringify(props);
  const data = useMemo(() => JSON.parse(content) as TimeChartData, [content]);
  const option = useCallback((colours: ChartColours) => chartOption(data, colours), [data]);
  return <Chart option={option} height={height} label={label} onPoint={onPoint} />;
}

function chartOption(data: TimeChartData, colours: ChartColours): ChartOption {
  return {
    grid: { left: 4, right: 16, top: 26, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      axisPointer: { lineStyle: { color: colours.quiet, type: "dashed" } },
      ...tooltipStyle(colours),
      formatter: (items) => tooltip(data, colours, items),
    },
    xAxis: {
      type: "category",
      boundaryGap: data.points.length === 1,
      data: data.points.map(({ start }) => start),
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: {
        color: colours.quiet,
        margin: 12,
        hideOverlap: true,
        showMinLabel: true,
        showMaxLabel: true,
        alignMinLabel: "left",
        alignMaxLabel: "right",
        rich: { open: { color: colours.series[0] ?? colours.text, fontWeight: 650 } },
        formatter: (start: string, index: number) =>
          index === data.openFrom ? `{open|${t.charts.openInterval[data.interval]}}` : axisLabel(start, data.interval, data.timezone),
      },
    },
    yAxis: {
      type: "value",
      min: 0,
      minInterval: data.unit === "count" && data.points.every(({ value }) => Number.isInteger(value ?? 0)) ? 1 : 0,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.quiet, formatter: (value: number) => shortValue(value, data.unit) },
    },
    series: [...previousSeries(data, colours), mainSeries(data, colours), ...openSeries(data, colours), roomSeries(data)],
  };
}

const base = { type: "line" as const, emphasis: { disabled: true }, symbol: "none" };

function mainSeries(data: TimeChartData, colours: ChartColours) {
  const colour = colours.series[0] ?? colours.text;
  const values = completeValues(data);
  return {
    ...base,
    id: "values",
    name: data.name,
    data: values,
    // A value without neighbours would be a line without length.
    showSymbol: values.filter((value) => value !== null).length === 1,
    symbol: "circle",
    symbolSize: 7,
    color: colour,
    lineStyle: { width: 2.25 },
    areaStyle: { color: fading(colour) },
    markLine: { silent: true, animation: false, symbol: "none", data: [...peakMark(data, colours), ...pinMarks(data, colours)] },
  };
}

/** The line's colour below it, fading towards the axis. */
function fading(colour: string) {
  const colorStops = [
    { offset: 0, color: `${colour}40` },
    { offset: 1, color: `${colour}08` },
  ];
  return { type: "linear" as const, x: 0, y: 0, x2: 0, y2: 1, colorStops };
}

function previousSeries({ previous, points }: TimeChartData, colours: ChartColours) {
  if (!previous?.length) return [];
  return [
    {
      ...base,
      id: "previous",
      data: points.map((_, index) => previous[index]?.value ?? null),
      color: colours.quiet,
      lineStyle: { width: 1.5, type: [1.5, 4] },
      z: 1,
    },
  ];
}

/** The interval in progress: a dashed line to the expected value, its range, and the count so far. */
function openSeries(data: TimeChartData, colours: ChartColours) {
  const { openFrom, expected, points } = data;
  if (openFrom === undefined) return [];
  const colour = colours.series[0] ?? colours.text;
  const segment = openSegment(data);
  const line = { ...base, id: "open", data: segment ?? [], color: colour, lineStyle: { width: 2, type: [5, 4] } };
  const soFar = {
    ...base,
    id: "so-far",
    data: points.map(({ value }, index) => (index === openFrom ? value : null)),
    color: colour,
    symbol: "emptyCircle",
    symbolSize: 9,
    showSymbol: true,
    showAllSymbol: true,
    z: 5,
    ...(expected ? { markLine: rangeMark(openFrom, expected, colour) } : {}),
  };
  return [line, soFar];
}

/** The range that the interval in progress is expected to end in, as a thick upright line. */
function rangeMark(index: number, { low, high }: { low: number; high: number }, colour: string) {
  return {
    silent: true,
    animation: false,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: colour, opacity: 0.28, width: 9, cap: "round" as const, type: "solid" as const },
    data: [[{ coord: [index, low] }, { coord: [index, high] }] as [{ coord: number[] }, { coord: number[] }]],
  };
}

/** An invisible point that makes the axis reach what only marks would show. */
function roomSeries(data: TimeChartData) {
  const top = Math.max(peakToDraw(data)?.value ?? 0, data.expected?.high ?? 0);
  return { ...base, id: "room", data: [top], lineStyle: { opacity: 0 }, silent: true };
}

/** The high-water mark: a dashed line at the record. */
function peakMark(data: TimeChartData, colours: ChartColours) {
  const mark = peakToDraw(data);
  if (!mark) return [];
  return [
    {
      yAxis: mark.value,
      lineStyle: { color: colours.mark, type: [6, 4] as number[], width: 1.25 },
      label: {
        position: "insideStartTop" as const,
        color: colours.mark,
        fontWeight: 600,
        formatter: t.charts.peakOn(shortValue(mark.value, data.unit), axisLabel(mark.start, data.interval, data.timezone)),
      },
    },
  ];
}

function pinMarks(data: TimeChartData, colours: ChartColours) {
  return pinsOf(data).map(({ number, index }) => ({
    xAxis: index,
    lineStyle: { color: colours.quiet, type: [2, 3] as number[], width: 1 },
    label: {
      position: "end" as const,
      formatter: String(number),
      color: colours.text,
      fontSize: 11,
      backgroundColor: colours.surface,
      borderColor: colours.quiet,
      borderWidth: 1,
      borderRadius: 9,
      padding: [2, 5] as [number, number],
    },
  }));
}

function tooltip(data: TimeChartData, colours: ChartColours, items: unknown): HTMLElement {
  const first: unknown = Array.isArray(items) ? items[0] : items;
  const index = typeof first === "object" && first !== null && "dataIndex" in first ? Number(first.dataIndex) : 0;
  const name = (start: string) => intervalName(start, data.interval, data.timezone);
  const exact = (value: number | null | undefined) => (value === null || value === undefined ? t.common.none : exactValue(value, data.unit));
  const isOpen = index === data.openFrom;
  const point = data.points[index];
  const rows: TooltipRow[] = [
    { label: isOpen ? t.charts.soFar(data.name) : data.name, value: exact(point?.value), colour: colours.series[0] ?? colours.text },
  ];
  if (isOpen && data.expected) {
    const { value, low, high } = data.expected;
    rows.push({ label: t.charts.expected, value: t.charts.expectedValue(exact(value), exact(low), exact(high)) });
  }
  const before = data.previous?.[index];
  if (before) rows.push({ label: name(before.start), value: exact(before.value), colour: colours.quiet });
  const notes = pinsOf(data).filter((pin) => pin.index === index).map(({ number, text }) => t.charts.pin(number, text));
  return tooltipContent(name(point?.start ?? ""), rows, [...(isOpen ? [t.charts.inProgress] : []), ...notes].join("\n") || undefined);
}
