import { useCallback } from "react";
import type { TopEvents } from "../api/client";
import { exactNumber, sharePercent, shortNumber } from "../format/numbers";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

type Items = TopEvents["items"];

const BAR_HEIGHT = 30;

/** The most frequent events, longest bar on top. */
export function BarList({ items, label = "Most frequent events" }: { items: Items; label?: string }) {
  const option = useCallback((colours: ChartColours) => chartOption(items, colours), [items]);
  const spoken = items.map((item) => `${item.event_name} ${exactNumber(item.count)}`).join(", ");
  return (
    <Chart option={option} height={Math.max(2, items.length) * BAR_HEIGHT} label={`${label}: ${spoken}`} />
  );
}

function chartOption(items: Items, colours: ChartColours): ChartOption {
  const colour = seriesStyle(colours, 0).colour;
  return {
    grid: { left: 0, right: 56, top: 0, bottom: 0, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: colours.text, opacity: 0.05 } },
      ...tooltipStyle(colours),
      formatter: (hovered) => tooltip(items, Array.isArray(hovered) ? hovered[0]?.dataIndex : hovered.dataIndex),
    },
    xAxis: { type: "value", show: false, max: "dataMax" },
    yAxis: {
      type: "category",
      inverse: true,
      data: items.map((item) => item.event_name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: colours.text, width: 140, overflow: "truncate", margin: 12 },
    },
    series: [
      {
        type: "bar",
        id: "events",
        barWidth: 14,
        data: items.map((item) => item.count),
        itemStyle: { color: colour, borderRadius: [2, 7, 7, 2] },
        label: {
          show: true,
          position: "right",
          color: colours.quiet,
          formatter: ({ value }) => shortNumber(Number(value)),
        },
      },
    ],
  };
}

function tooltip(items: Items, place = 0): HTMLElement {
  const item = items[place];
  if (!item) return tooltipContent("", []);
  return tooltipContent(item.event_name, [
    { label: "Events", value: exactNumber(item.count) },
    { label: "Share of all", value: sharePercent(item.share) },
  ]);
}
