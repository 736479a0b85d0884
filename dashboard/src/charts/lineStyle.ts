import { seriesStyle, type ChartColours, type SeriesStyle } from "./palette";
import type { Line } from "./timeSeries";

/** The style of the line at an index. */
export function lineStyle(colours: ChartColours, line: Line, index: number): SeriesStyle {
  if (line.previousOf === undefined) return seriesStyle(colours, index, line.isRest);
  return { colour: seriesStyle(colours, line.previousOf, line.isRest).colour, dashed: true };
}
