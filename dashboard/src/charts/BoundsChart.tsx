import { useCallback } from "react";
import { exactTime } from "../format/time";
import { axisValue, exactValue, type Unit } from "../format/units";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { labelledIndexes } from "./timeChartScale";
import { tooltipContent, tooltipStyle } from "./tooltip";

/** Values over time, with the bounds of each; null: there is none. Lists of equal length. */
export interface BoundedValues {
  at: readonly string[];
  value: readonly (number | null)[];
  low: readonly (number | null)[];
  high: readonly (number | null)[];
}

interface BoundsChartProps {
  data: BoundedValues;
  /** The names of the lines. */
  names: { value: string; low: string; high: string };
  unit: Unit;
  timezone: string;
  /** What the chart shows, in words. */
  label: string;
}

/** A line over many instants, and dashed above and below it the bounds that it should stay within. */
export function BoundsChart({ data, names, unit, timezone, label }: BoundsChartProps) {
  const option = useCallback(
    (colours: ChartColours, width: number): ChartOption => {
      const { colour } = seriesStyle(colours, 0);
      const dayOf = (at: string) => exactTime(at, timezone).split(",")[0] ?? "";
      const named = labelledIndexes(data.at.map(dayOf), width);
      const bound = (id: "low" | "high") => ({
        ...common(id, data[id]),
        color: colours.mark,
        lineStyle: { width: 1, type: "dashed" as const },
      });
      return {
        grid: { left: 4, right: 16, top: 16, bottom: 4, outerBoundsMode: "same" },
        tooltip: {
          trigger: "axis",
          axisPointer: { lineStyle: { color: colours.quiet, type: "dashed" } },
          ...tooltipStyle(colours),
          formatter: (items) => tooltip((Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0),
        },
        xAxis: {
          type: "category",
          boundaryGap: false,
          data: [...data.at],
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: {
            color: colours.quiet,
            margin: 12,
            interval: (index: number) => named.has(index),
            formatter: dayOf,
          },
        },
        yAxis: {
          type: "value",
          splitNumber: 3,
          splitLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.quiet, formatter: (value: number) => axisValue(value, unit) },
        },
        series: [{ ...common("value", data.value), color: colour, lineStyle: { width: 1.5 } }, bound("low"), bound("high")],
      };

      function tooltip(index: number): HTMLElement {
        const lines = (["value", "low", "high"] as const).flatMap((name) => {
          const value = data[name][index];
          return value === null || value === undefined ? [] : [{ label: names[name], value: exactValue(value, unit) }];
        });
        return tooltipContent(exactTime(data.at[index] ?? "", timezone), lines);
      }
    },
    [data, names, unit, timezone],
  );
  return <Chart option={option} height={200} label={label} />;
}

function common(id: string, values: readonly (number | null)[]) {
  return { type: "line" as const, id, data: [...values], showSymbol: values.length <= 31, symbolSize: 4, emphasis: { disabled: true } };
}
