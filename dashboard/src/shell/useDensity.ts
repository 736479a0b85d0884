import { useLocalStorage } from "@mantine/hooks";
import { useLayoutEffect } from "react";

export type Density = "comfortable" | "compact";

/** How much space rows and panels have, as chosen in this browser; `global.css` has the spaces of each. */
export function useDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useLocalStorage<Density>({
    key: "tidemark-density",
    defaultValue: "comfortable",
    // Otherwise the page would be drawn comfortable first.
    getInitialValueInEffect: false,
  });
  useLayoutEffect(() => {
    document.documentElement.dataset["density"] = density;
  }, [density]);
  return [density, setDensity];
}
