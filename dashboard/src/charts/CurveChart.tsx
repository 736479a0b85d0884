import { useCallback } from "react";
import { exactNumber, sharePercent } from "../format/numbers";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

export interface CurvePoint {
  name: string;
  /** 0 to 1. */
  share: number;
  /** Of how many users; null: not said. */
  users: number | null;
}

interface CurveChartProps {
  points: CurvePoint[];
  /** What the chart shows, in words. */
  label: string;
}

/** A line of shares over names that are no times, such as the days since the first visit. */
export function CurveChart({ points, label }: CurveChartProps) {
  // The points are made anew with every drawing of the page; only others are drawn.
  const text = JSON.stringify(points);
  const option = useCallback(
    (colours: ChartColours): ChartOption => {
      const { colour } = seriesStyle(colours, 0);
      const drawn = JSON.parse(text) as CurvePoint[];
      const names = drawn.map(({ name }) => name);
      return {
        grid: { left: 4, right: 16, top: 16, bottom: 4, outerBoundsMode: "same" },
        tooltip: {
          trigger: "axis",
          axisPointer: { lineStyle: { color: colours.quiet, type: "dashed" } },
          ...tooltipStyle(colours),
          formatter: (items) => {
            const index = (Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0;
            return tooltip(drawn[index]);
          },
        },
        xAxis: {
          type: "category",
          boundaryGap: names.length === 1,
          data: names,
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { color: colours.quiet, margin: 12, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" },
        },
        yAxis: {
          type: "value",
          min: 0,
          splitNumber: 4,
          splitLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.quiet, formatter: (value: number) => sharePercent(value) },
        },
        series: [
          {
            type: "line",
            id: "shares",
            data: drawn.map(({ share }) => share),
            symbol: "circle",
            symbolSize: 6,
            showSymbol: names.length <= 31,
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

function tooltip(point: CurvePoint | undefined): HTMLElement {
  if (!point) return tooltipContent("", []);
  const { share: shareName, users: usersName } = t.insights.retention;
  const users = point.users === null ? [] : [{ label: usersName, value: exactNumber(point.users) }];
  return tooltipContent(point.name, [{ label: shareName, value: sharePercent(point.share) }, ...users]);
}
