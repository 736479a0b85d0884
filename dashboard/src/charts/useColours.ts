import { useComputedColorScheme } from "@mantine/core";
import { COLOURS, type ChartColours, type ColourScheme } from "./palette";

/** The colour scheme in force, with "auto" resolved. */
export function useScheme(): ColourScheme {
  return useComputedColorScheme("light", { getInitialValueInEffect: false });
}

/** The chart colours in force, for what is drawn beside a chart. */
export function useColours(): ChartColours {
  return COLOURS[useScheme()];
}
