import { seriesStyle, type ChartColours, type SeriesStyle } from "./palette";
import type { Line } from "./timeSeries";

/** The style of the line at an index. */
export function lineStyle(colours: ChartColours, line: Line, index: number): SeriesStyle {
  const slot = line.slot ?? line.previousOf ?? index;
  const style = seriesStyle(colours, slot, line.isRest);
  return line.previousOf === undefined ? style : { colour: style.colour, dashed: true };
}
