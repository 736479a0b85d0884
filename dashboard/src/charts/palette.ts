/**
 * Colours of series, in the order they are given out. Neighbours differ in lightness as well as in
 * hue, so that they stay apart for colour-blind eyes and in both colour schemes.
 */
export const SERIES_COLOURS = [
  "#14a394",
  "#f4845f",
  "#4c7fd9",
  "#f2c14e",
  "#9b5fc0",
  "#5fb85b",
  "#d9588f",
  "#3aa5c9",
  "#b3793f",
  "#7a88a8",
];

/** The rest of many small ones. */
export const OTHER_COLOUR = "#98a2ad";

/** A series' colour by its place. */
export function seriesColour(index: number, label: string): string {
  if (label === "Other") return OTHER_COLOUR;
  return SERIES_COLOURS[index % SERIES_COLOURS.length] ?? OTHER_COLOUR;
}
