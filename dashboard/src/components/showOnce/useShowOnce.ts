import { createContext, useContext } from "react";

/** Something that the server answers one time only. */
export interface ShownOnce {
  title: string;
  /** That it is not shown again, and what to do when it is lost. */
  warning: string;
  values: readonly { label: string; value: string }[];
  /** Offers the values as a text file of this name. */
  fileName?: string;
}

export const ShowOnceContext = createContext<(shown: ShownOnce) => void>(() => {
  throw new Error("There is no ShowOnceProvider around this.");
});

/** Shows something that cannot be asked for again, until the person says that they have it. */
export function useShowOnce(): (shown: ShownOnce) => void {
  return useContext(ShowOnceContext);
}
