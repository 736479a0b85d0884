import { Text } from "@mantine/core";
import { useCallback } from "react";
import { exactNumber, sharePercent, shortNumber } from "../format/numbers";
import { Chart, type ChartOption } from "./Chart";
import classes from "./DonutChart.module.css";
import { seriesStyle, type ChartColours } from "./palette";
import type { Share } from "../pages/overview/shares";
import { tooltipContent, tooltipStyle } from "./tooltip";
import { useColours } from "./useColours";

/** What part of all events each name has: a ring, and beside it the same as a list. */
export function DonutChart({ data, total }: { data: Share[]; total: number }) {
  const colours = useColours();
  const option = useCallback((current: ChartColours) => chartOption(data, current), [data]);
  return (
    <div className={classes.share}>
      <div className={classes.ring}>
        <Chart option={option} height={200} label={`Share of each event name, of ${exactNumber(total)} events`} />
        <div className={classes.middle} aria-hidden="true">
          <Text fz={22} fw={620} lh={1.1} className="tm-figures">
            {shortNumber(total)}
          </Text>
          <Text fz="xs" c="dimmed">
            {total === 1 ? "event" : "events"}
          </Text>
        </div>
      </div>
      <ul className={classes.names}>
        {data.map(({ name, share, isRest }, place) => (
          <li key={isRest ? "rest" : `name ${name}`} className={classes.entry}>
            <span className={classes.dot} style={{ background: seriesStyle(colours, place, isRest).colour }} />
            <span className={classes.name} title={name}>
              {name}
            </span>
            <span className={classes.percent}>{sharePercent(share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function chartOption(data: Share[], colours: ChartColours): ChartOption {
  return {
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (hovered) => tooltip(data[(Array.isArray(hovered) ? hovered[0] : hovered)?.dataIndex ?? 0]),
    },
    series: [
      {
        type: "pie",
        id: "share",
        radius: ["68%", "94%"],
        center: ["50%", "50%"],
        label: { show: false },
        emphasis: { scaleSize: 3 },
        itemStyle: { borderColor: colours.surface, borderWidth: 2 },
        data: data.map(({ name, count, isRest }, place) => ({
          name,
          value: count,
          itemStyle: { color: seriesStyle(colours, place, isRest).colour },
        })),
      },
    ],
  };
}

function tooltip(part?: Share): HTMLElement {
  if (!part) return tooltipContent("", []);
  return tooltipContent(part.name, [
    { label: "Events", value: exactNumber(part.count) },
    { label: "Share of all", value: sharePercent(part.share) },
  ]);
}
