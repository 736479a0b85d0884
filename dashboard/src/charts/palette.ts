/**
 * The colours of charts, by colour scheme.
 *
 * The series colours were searched for numerically: at least 3:1 against the surface, and every two
 * of them at least 0.08 apart in OKLab as seen by normal, protanope, deuteranope and tritanope
 * eyes. Colour is never the only difference: legends, tables and dashes say the same.
 */
export interface ChartColours {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  /** The line at the peak. */
  mark: string;
  /** The series that sums up all others. */
  rest: string;
  series: readonly string[];
}

export type ColourScheme = "light" | "dark";

export const COLOURS: Record<ColourScheme, ChartColours> = {
  light: {
    text: "#12242b",
    quiet: "#55676f",
    line: "#e3eaeb",
    surface: "#ffffff",
    mark: "#d65a2b",
    rest: "#8b9aa1",
    series: ["#0b7f78", "#e0662f", "#6c4eb7", "#559db2", "#8b1f23", "#9a71eb", "#544370", "#b44610"],
  },
  dark: {
    text: "#dbe6e9",
    quiet: "#93a5ac",
    line: "#22313a",
    surface: "#131d23",
    mark: "#f0845a",
    rest: "#6d8089",
    series: ["#2ec4b0", "#ff8f63", "#918acd", "#bff068", "#a35f7e", "#7eedef", "#6667d9", "#737c02"],
  },
};

/** How a series differs from others: by colour, and beyond the palette also by dashes. */
export interface SeriesStyle {
  colour: string;
  dashed: boolean;
}

/** The style of the series at an index; `isRest`: of the one that sums up all others. */
export function seriesStyle(colours: ChartColours, index: number, isRest = false): SeriesStyle {
  if (isRest) return { colour: colours.rest, dashed: true };
  const { series } = colours;
  return { colour: series[index % series.length] ?? colours.rest, dashed: index >= series.length };
}
