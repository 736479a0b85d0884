import { seriesStyle, type ChartColours, type SeriesStyle } from "./palette";
import type { Line } from "./timeSeries";

/** How the line at a place is told from the others. */
export function lineStyle(colours: ChartColours, line: Line, place: number): SeriesStyle {
  if (line.beforeOf === undefined) return seriesStyle(colours, place, line.isRest);
  return { colour: seriesStyle(colours, line.beforeOf, line.isRest).colour, dashed: true };
}
