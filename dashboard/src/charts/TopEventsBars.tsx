import { useCallback } from "react";
import type { TopEvents } from "../api/client";
import { exactNumber, shortNumber } from "../format";
import { Chart, type ChartColours, type ChartOption } from "./Chart";
import { escapeHtml } from "./escape";
import { seriesColour } from "./palette";

/** The most frequent events, longest bar on top. */
export function TopEventsBars({ items }: { items: TopEvents["items"] }) {
  const option = useCallback(
    (colours: ChartColours): ChartOption => ({
      grid: { left: 8, right: 56, top: 4, bottom: 4, outerBoundsMode: "same" },
      tooltip: {
        backgroundColor: colours.surface,
        borderColor: colours.line,
        textStyle: { color: colours.text },
        formatter: (item) => {
          const bar = Array.isArray(item) ? item[0] : item;
          return `${escapeHtml(bar?.name ?? "")}: <b>${exactNumber(Number(bar?.value))}</b>`;
        },
      },
      xAxis: { type: "value", show: false },
      yAxis: {
        type: "category",
        inverse: true,
        data: items.map((item) => item.event_name),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: colours.text, width: 150, overflow: "truncate" },
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 20,
          data: items.map((item, index) => ({
            value: item.count,
            itemStyle: { color: seriesColour(index, item.event_name), borderRadius: [0, 4, 4, 0] },
          })),
          label: {
            show: true,
            position: "right",
            color: colours.quiet,
            formatter: ({ value }) => shortNumber(Number(value)),
          },
        },
      ],
    }),
    [items],
  );
  const spoken = items.map((item) => `${item.event_name} ${exactNumber(item.count)}`).join(", ");
  return (
    <Chart option={option} height={Math.max(120, items.length * 32)} label={`Most frequent events: ${spoken}`} />
  );
}
