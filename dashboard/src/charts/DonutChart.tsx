import { Text } from "@mantine/core";
import { useCallback } from "react";
import { exactNumber, sharePercent, shortNumber } from "../format/numbers";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import classes from "./DonutChart.module.css";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";
import { useColours } from "./useColours";

/** A part of a whole. */
export interface Slice {
  label: string;
  value: number;
  /** 0 to 1. */
  share: number;
  /** The sum of everything without a slice of its own. */
  isRest: boolean;
}

interface DonutChartProps {
  slices: Slice[];
  total: number;
  /** What the total counts, such as "events". */
  unit: string;
  /** What the values are, such as "Events". */
  valueName: string;
  /** What the chart shows, in words. */
  label: string;
}

/** The parts of a whole as a ring, and beside it as a list. */
export function DonutChart({ slices, total, unit, valueName, label }: DonutChartProps) {
  const colours = useColours();
  const option = useCallback((current: ChartColours) => chartOption(slices, valueName, current), [slices, valueName]);
  return (
    <div className={classes.share}>
      <div className={classes.ring}>
        <Chart option={option} height={200} label={label} />
        <div className={classes.middle} aria-hidden="true">
          <Text fz={22} fw={620} lh={1.1} className="tm-figures">
            {shortNumber(total)}
          </Text>
          <Text fz="xs" c="dimmed">
            {unit}
          </Text>
        </div>
      </div>
      <ul className={classes.names}>
        {slices.map(({ label: name, share, isRest }, index) => (
          <li key={index} className={classes.entry}>
            <span className={classes.dot} style={{ background: seriesStyle(colours, index, isRest).colour }} />
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

function chartOption(slices: Slice[], valueName: string, colours: ChartColours): ChartOption {
  return {
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (items) => tooltip(slices[(Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0], valueName),
    },
    series: [
      {
        type: "pie",
        id: "slices",
        radius: ["68%", "94%"],
        center: ["50%", "50%"],
        label: { show: false },
        emphasis: { scaleSize: 3 },
        itemStyle: { borderColor: colours.surface, borderWidth: 2 },
        data: slices.map(({ label, value, isRest }, index) => ({
          name: label,
          value,
          itemStyle: { color: seriesStyle(colours, index, isRest).colour },
        })),
      },
    ],
  };
}

function tooltip(slice: Slice | undefined, valueName: string): HTMLElement {
  if (!slice) return tooltipContent("", []);
  return tooltipContent(slice.label, [
    { label: valueName, value: exactNumber(slice.value) },
    { label: t.charts.share, value: sharePercent(slice.share) },
  ]);
}
