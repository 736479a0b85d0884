import { useAddressSet } from "./useAddressState";

/** Which lines of the chart are hidden, by their ids. The address holds them. */
export function useSeriesToggle() {
  const [hidden, setHidden] = useAddressSet("hidden");
  return {
    hidden,
    toggle: (id: string) => {
      const next = new Set(hidden);
      if (!next.delete(id)) next.add(id);
      setHidden(next);
    },
  };
}
