import { useMediaQuery } from "@mantine/hooks";
import { useCallback } from "react";
import { shortNumber } from "../format/numbers";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle, type TooltipRow } from "./tooltip";

/** The columns of one colour. */
export interface ColumnSeries {
  label: string;
  values: number[];
  /** The sum of everything without columns of its own. */
  isRest?: boolean;
}

interface ColumnChartProps {
  /** The names under the columns, or groups of columns. */
  names: string[];
  series: ColumnSeries[];
  /** Stack the columns of a group; negative ones go down. */
  stacked?: boolean;
  /** Format the value above each column. */
  above?: (value: number) => string;
  axis?: (value: number) => string;
  /** The end of the axis; missing: above the highest column. */
  max?: number;
  /** Shorten names instead of leaving some out. */
  showsEveryName?: boolean;
  tooltip: (index: number) => { title: string; rows: TooltipRow[] };
  /** Runs when a column is clicked; the page has another way there for keyboards. */
  onColumn?: ((series: number, index: number) => void) | undefined;
  /** What the chart shows, in words. */
  label: string;
}

/** Columns, side by side or stacked. */
export function ColumnChart(props: ColumnChartProps) {
  const { names, series, stacked = false, above, axis = shortNumber, tooltip, label } = props;
  const { max, showsEveryName = false, onColumn } = props;
  const isNarrow = useMediaQuery("(max-width: 75em)");
  const nameWidth = Math.floor((isNarrow ? 280 : 640) / Math.max(1, names.length)) - 6;
  const option = useCallback(
    (colours: ChartColours): ChartOption => ({
      grid: { left: 4, right: 8, top: 24, bottom: 4, outerBoundsMode: "same" },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: colours.text, opacity: 0.05 } },
        ...tooltipStyle(colours),
        formatter: (items) => {
          const first = Array.isArray(items) ? items[0] : items;
          const { title, rows } = tooltip(first?.dataIndex ?? 0);
          return tooltipContent(title, rows);
        },
      },
      xAxis: {
        type: "category",
        data: names,
        axisLine: { lineStyle: { color: colours.line }, onZero: !stacked },
        axisTick: { show: false },
        axisLabel: {
          color: colours.quiet,
          margin: 12,
          ...(showsEveryName ? { interval: 0, width: nameWidth, overflow: "truncate" as const } : { hideOverlap: true }),
        },
      },
      yAxis: {
        type: "value",
        splitNumber: 4,
        ...(max === undefined ? {} : { max, interval: max / 4 }),
        splitLine: { lineStyle: { color: colours.line } },
        axisLabel: { color: colours.quiet, formatter: axis },
      },
      series: series.map(({ label: name, values, isRest = false }, index) => ({
        type: "bar" as const,
        id: String(index),
        name,
        data: values,
        barMaxWidth: 72,
        ...(stacked ? { stack: "all" } : {}),
        itemStyle: { color: seriesStyle(colours, index, isRest).colour, borderRadius: stacked ? 0 : [4, 4, 0, 0] },
        emphasis: { disabled: true },
        ...(above
          ? {
              label: {
                show: true,
                position: "top" as const,
                color: colours.quiet,
                formatter: ({ value }: { value?: unknown }) => above(Number(value)),
              },
              labelLayout: { hideOverlap: true },
            }
          : {}),
      })),
    }),
    [names, series, stacked, above, axis, max, showsEveryName, nameWidth, tooltip],
  );
  return <Chart option={option} height={300} label={label} onColumn={onColumn} />;
}
