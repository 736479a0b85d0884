/** React 18 and newer. */
import tidemark, { type FlagValue, type Options, type Tidemark } from "@tidemark/browser";
import { useEffect, useState } from "react";
import { startOnce, watchFlag } from "./page.js";

/** Return the page's Tidemark; with options, in the app's outermost component, start it. */
export function useTidemark(options?: Options): Tidemark {
  useEffect(() => {
    if (options) startOnce(options);
  }, [options]);
  return tidemark;
}

/** Return the value of a feature flag, and render again when it changes; `undefined` until it is known. */
export function useFlag(key: string): FlagValue | undefined {
  const [value, setValue] = useState<FlagValue>();
  useEffect(() => watchFlag(key, setValue), [key]);
  return value;
}
