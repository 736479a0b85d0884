import { useAddressSet } from "../page/useAddressState";

/** Which lines of the chart are hidden, by their ids. The address holds them. */
export function useSeriesToggle() {
  const [hidden, toggle] = useAddressSet("hidden");
  return { hidden, toggle };
}
