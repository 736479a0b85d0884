import { useCallback } from "react";
import { Chart, type ChartOption } from "./Chart";
import type { ChartColours } from "./palette";
import { seriesOption, type SeriesChartView } from "./seriesOption";
import type { TimeSeries } from "./timeSeries";

interface TimeSeriesChartProps {
  data: TimeSeries;
  /** Ids of the lines not to draw. */
  hidden: ReadonlySet<string>;
  view?: SeriesChartView;
  /** What the chart shows, in words. */
  label: string;
  /** In pixels. */
  height?: number;
}

/** Several series over time, as lines, areas or columns. A single line is filled, and its peak is marked. */
export function TimeSeriesChart({ data, hidden, view, label, height = 300 }: TimeSeriesChartProps) {
  const option = useCallback((colours: ChartColours, width: number): ChartOption => seriesOption(data, hidden, view, colours, width), [data, hidden, view]);
  return <Chart option={option} height={height} label={label} />;
}
