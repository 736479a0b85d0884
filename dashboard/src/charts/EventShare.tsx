import { useCallback } from "react";
import type { TopEvents } from "../api/client";
import { exactNumber } from "../format";
import { Chart, type ChartColours, type ChartOption } from "./Chart";
import { escapeHtml } from "./escape";
import { seriesColour } from "./palette";

const MOST_SLICES = 6;

/** What part of all events each name has; small ones are summed up. */
export function EventShare({ data }: { data: TopEvents }) {
  const option = useCallback(
    (colours: ChartColours): ChartOption => ({
      tooltip: {
        backgroundColor: colours.surface,
        borderColor: colours.line,
        textStyle: { color: colours.text },
        formatter: (item) => {
          const slice = Array.isArray(item) ? item[0] : item;
          return `${escapeHtml(slice?.name ?? "")}: <b>${exactNumber(Number(slice?.value))}</b> (${slice?.percent ?? 0} %)`;
        },
      },
      legend: {
        type: "scroll",
        bottom: 0,
        textStyle: { color: colours.quiet },
        formatter: (name) => (name.length > 24 ? `${name.slice(0, 23)}…` : name),
      },
      series: [
        {
          type: "pie",
          radius: ["52%", "78%"],
          center: ["50%", "44%"],
          padAngle: 1.5,
          itemStyle: { borderRadius: 4 },
          label: { show: false },
          data: slices(data),
        },
      ],
    }),
    [data],
  );
  return <Chart option={option} height={300} label="Share of each event name" />;
}

function slices(data: TopEvents) {
  const shown = data.items.slice(0, MOST_SLICES);
  const rest = data.total_events - shown.reduce((sum, item) => sum + item.count, 0);
  const named = shown.map((item) => ({ name: item.event_name, value: item.count }));
  return [...named, ...(rest > 0 ? [{ name: "Other", value: rest }] : [])].map((slice, index) => ({
    ...slice,
    itemStyle: { color: seriesColour(index, slice.name) },
  }));
}
