import { useMediaQuery } from "@mantine/hooks";
import { useCallback } from "react";
import { shortNumber } from "../format/numbers";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle, type TooltipRow } from "./tooltip";

/** ColumnChart of one colour. */
export interface ColumnSeries {
  label: string;
  values: number[];
  /** The sum of all values that have no columns of their own. */
  isRest?: boolean;
}

interface ColumnChartProps {
  /** What stands under each column, or group of columns. */
  names: string[];
  series: ColumnSeries[];
  /** One upon the other, those below zero downwards. */
  stacked?: boolean;
  /** What stands above a column. */
  above?: (value: number) => string;
  axis?: (value: number) => string;
  /** Where the axis ends; missing: above the highest column. */
  most?: number;
  /** Shortens names rather than leaving some out. */
  showsEveryName?: boolean;
  tooltip: (place: number) => { title: string; rows: TooltipRow[] };
  /** What is shown, in words. */
  label: string;
}

/** ColumnChart side by side or one upon the other. */
export function ColumnChart(props: ColumnChartProps) {
  const { names, series, stacked = false, above, axis = shortNumber, tooltip, label } = props;
  const { most, showsEveryName = false } = props;
  const isNarrow = useMediaQuery("(max-width: 75em)");
  const nameWidth = Math.floor((isNarrow ? 280 : 640) / Math.max(1, names.length)) - 6;
  const option = useCallback(
    (colours: ChartColours): ChartOption => ({
      grid: { left: 4, right: 8, top: 24, bottom: 4, outerBoundsMode: "same" },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: colours.text, opacity: 0.05 } },
        ...tooltipStyle(colours),
        formatter: (hovered) => {
          const first = Array.isArray(hovered) ? hovered[0] : hovered;
          const { title, rows } = tooltip(first?.dataIndex ?? 0);
          return tooltipContent(title, rows);
        },
      },
      xAxis: {
        type: "category",
        data: names,
        axisLine: { lineStyle: { color: colours.line }, onZero: !stacked },
        axisTick: { show: false },
        axisLabel: { color: colours.quiet, margin: 12, ...(showsEveryName ? { interval: 0, width: nameWidth, overflow: "truncate" as const } : { hideOverlap: true }) },
      },
      yAxis: {
        type: "value",
        splitNumber: 4,
        ...(most === undefined ? {} : { max: most, interval: most / 4 }),
        splitLine: { lineStyle: { color: colours.line } },
        axisLabel: { color: colours.quiet, formatter: axis },
      },
      series: series.map(({ label: name, values, isRest = false }, place) => ({
        type: "bar" as const,
        id: String(place),
        name,
        data: values,
        barMaxWidth: 72,
        ...(stacked ? { stack: "all" } : {}),
        itemStyle: { color: seriesStyle(colours, place, isRest).colour, borderRadius: stacked ? 0 : [4, 4, 0, 0] },
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
    [names, series, stacked, above, axis, most, showsEveryName, nameWidth, tooltip],
  );
  return <Chart option={option} height={300} label={label} />;
}
