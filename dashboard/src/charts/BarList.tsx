import { useCallback } from "react";
import { exactNumber, sharePercent, shortNumber } from "../format/numbers";
import { t } from "../texts";
import { Chart, type ChartOption } from "./Chart";
import { seriesStyle, type ChartColours } from "./palette";
import { tooltipContent, tooltipStyle } from "./tooltip";

export interface Bar {
  label: string;
  value: number;
  /** The part of the whole, 0 to 1. */
  share: number;
}

interface BarListProps {
  /** Longest first. */
  bars: Bar[];
  /** What the values are, such as "Events". */
  valueName: string;
  /** What the chart shows, in words. */
  label: string;
}

const BAR_HEIGHT = 30;

/** Horizontal bars, one below the other. */
export function BarList({ bars, valueName, label }: BarListProps) {
  const option = useCallback((colours: ChartColours) => chartOption(bars, valueName, colours), [bars, valueName]);
  const values = bars.map((bar) => `${bar.label} ${exactNumber(bar.value)}`).join(", ");
  return <Chart option={option} height={Math.max(2, bars.length) * BAR_HEIGHT} label={t.charts.summary(label, values)} />;
}

function chartOption(bars: Bar[], valueName: string, colours: ChartColours): ChartOption {
  return {
    grid: { left: 0, right: 56, top: 0, bottom: 0, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: colours.text, opacity: 0.05 } },
      ...tooltipStyle(colours),
      formatter: (items) => tooltip(bars[(Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0], valueName),
    },
    xAxis: { type: "value", show: false, max: "dataMax" },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: colours.text, width: 140, overflow: "truncate", margin: 12 },
    },
    series: [
      {
        type: "bar",
        id: "bars",
        barWidth: 14,
        data: bars.map(({ value }) => value),
        itemStyle: { color: seriesStyle(colours, 0).colour, borderRadius: [2, 7, 7, 2] },
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

function tooltip(bar: Bar | undefined, valueName: string): HTMLElement {
  if (!bar) return tooltipContent("", []);
  return tooltipContent(bar.label, [
    { label: valueName, value: exactNumber(bar.value) },
    { label: t.charts.share, value: sharePercent(bar.share) },
  ]);
}
