import { useCallback } from "react";
import { exactNumber } from "../format/numbers";
import { axisValue, exactValue, type Unit } from "../format/units";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { labelledIndexes } from "./timeChartScale";
import { tooltipContent, tooltipStyle } from "./tooltip";

export interface CurvePoint {
  name: string;
  value: number;
  /** Of how many users; null: not said. */
  users: number | null;
}

interface CurveChartProps {
  points: CurvePoint[];
  unit: Unit;
  /** What the values are, and what the users of a point are, for its tooltip. */
  names: { value: string; users: string };
  /** What the chart shows, in words. */
  label: string;
}

/** A line over names that are no times, such as the days since the first visit. */
export function CurveChart({ points, unit, names: texts, label }: CurveChartProps) {
  // They are made anew with every drawing of the page; only others are drawn.
  const text = JSON.stringify({ points, unit, texts });
  const option = useCallback(
    (colours: ChartColours, width: number): ChartOption => {
      const { colour } = seriesStyle(colours, 0);
      const { points: drawn, unit: of, texts: said } = JSON.parse(text) as { points: CurvePoint[]; unit: Unit; texts: CurveChartProps["names"] };
      const names = drawn.map(({ name }) => name);
      const named = labelledIndexes(names, width);
      return {
        grid: { left: 4, right: 16, top: 16, bottom: 4, outerBoundsMode: "same" },
        tooltip: {
          trigger: "axis",
          axisPointer: { lineStyle: { color: colours.quiet, type: "dashed" } },
          ...tooltipStyle(colours),
          formatter: (items) => {
            const index = (Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0;
            return tooltip(drawn[index], of, said);
          },
        },
        xAxis: {
          type: "category",
          boundaryGap: names.length === 1,
          data: names,
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { color: colours.quiet, margin: 12, interval: (index: number) => named.has(index) },
        },
        yAxis: {
          type: "value",
          min: 0,
          splitNumber: 4,
          splitLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.quiet, formatter: (value: number) => axisValue(value, of) },
        },
        series: [
          {
            type: "line",
            id: "curve",
            data: drawn.map(({ value }) => value),
            symbol: "circle",
            symbolSize: 6,
            showSymbol: names.length <= 31,
            showAllSymbol: true,
            color: colour,
            lineStyle: { width: 2 },
            areaStyle: { color: colour, opacity: 0.12 },
            emphasis: { disabled: true },
          },
        ],
      };
    },
    [text],
  );
  return <Chart option={option} height={240} label={label} />;
}

function tooltip(point: CurvePoint | undefined, unit: Unit, names: CurveChartProps["names"]): HTMLElement {
  if (!point) return tooltipContent("", []);
  const users = point.users === null ? [] : [{ label: names.users, value: exactNumber(point.users) }];
  return tooltipContent(point.name, [{ label: names.value, value: exactValue(point.value, unit) }, ...users]);
}
