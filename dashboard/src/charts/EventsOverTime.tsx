import { useCallback } from "react";
import type { Timeseries } from "../api/client";
import { bucketLabel, exactNumber } from "../format";
import { Chart, type ChartColours, type ChartOption } from "./Chart";
import { escapeHtml } from "./escape";
import { seriesColour } from "./palette";

interface TooltipItem {
  seriesName?: string;
  value?: unknown;
  color?: unknown;
  name?: string;
}

/** Lines over time; a single one is filled. */
export function EventsOverTime({ data }: { data: Timeseries }) {
  const option = useCallback(
    (colours: ChartColours): ChartOption => {
      const single = data.series.length === 1;
      return {
        grid: { left: 8, right: 12, top: single ? 16 : 44, bottom: 4, outerBoundsMode: "same" },
        legend: { show: !single, type: "scroll", top: 0, left: 0, textStyle: { color: colours.quiet } },
        tooltip: {
          trigger: "axis",
          backgroundColor: colours.surface,
          borderColor: colours.line,
          textStyle: { color: colours.text },
          formatter: (items) => tooltip(items as TooltipItem[]),
        },
        xAxis: {
          type: "category",
          boundaryGap: false,
          data: (data.series[0]?.dates ?? []).map((date) => bucketLabel(date, data.interval, data.timezone)),
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { color: colours.quiet, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          minInterval: 1,
          splitLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.quiet },
        },
        series: data.series.map((series, index) => ({
          type: "line",
          name: series.label,
          data: series.values,
          showSymbol: series.values.length === 1,
          lineStyle: { width: 2 },
          color: seriesColour(index, series.label),
          ...(single ? { areaStyle: { opacity: 0.14 } } : {}),
        })),
      };
    },
    [data],
  );
  const total = data.series.reduce((sum, series) => sum + series.total, 0);
  return <Chart option={option} height={300} label={`Events over time: ${exactNumber(total)} in all`} />;
}

function tooltip(items: TooltipItem[]): string {
  const rows = [...items]
    .sort((one, other) => Number(other.value) - Number(one.value))
    .map(
      (item) =>
        `<div style="display:flex;gap:12px;justify-content:space-between"><span><span style="color:${String(item.color)}">●</span> ` +
        `${escapeHtml(item.seriesName ?? "")}</span><b>${exactNumber(Number(item.value))}</b></div>`,
    );
  return `<div style="margin-bottom:4px">${escapeHtml(items[0]?.name ?? "")}</div>${rows.join("")}`;
}
