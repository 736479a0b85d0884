import { useComputedColorScheme } from "@mantine/core";
import { COLOURS, type ChartColours, type ColourScheme } from "./palette";

/** The current colour scheme, with "auto" resolved. */
export function useScheme(): ColourScheme {
  return useComputedColorScheme("light", { getInitialValueInEffect: false });
}

/** The current chart colours, for what is drawn beside a chart. */
export function useColours(): ChartColours {
  return COLOURS[useScheme()];
}
