import { useState } from "react";

/** Which lines of a chart are hidden, by their ids. */
export function useSeriesToggle() {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  return {
    hidden,
    toggle: (id: string) => {
      const next = new Set(hidden);
      if (!next.delete(id)) next.add(id);
      setHidden(next);
    },
    showAll: () => {
      setHidden(new Set());
    },
  };
}
