import { createContext, useContext } from "react";

/** A secret that the server sends only once. */
export interface ShownOnce {
  title: string;
  /** What to do when it is lost. */
  warning: string;
  values: readonly { label: string; value: string }[];
  /** The name of a text file to offer the values in. */
  fileName?: string;
}

export const ShowOnceContext = createContext<(shown: ShownOnce) => void>(() => {
  throw new Error("useShowOnce needs a ShowOnceProvider around it.");
});

/** Show a secret that cannot be fetched again, until the person confirms that they have copied it. */
export function useShowOnce(): (shown: ShownOnce) => void {
  return useContext(ShowOnceContext);
}
