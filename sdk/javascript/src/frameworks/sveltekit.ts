/** SvelteKit: `startTidemark({ project: "pk_…" })` in `src/hooks.client.ts`. */
import { readable, type Readable } from "svelte/store";
import type { FlagValue } from "@tidemark/browser";
import { watchFlag } from "./page.js";

export { startOnce as startTidemark } from "./page.js";

/** Return a store with the value of a feature flag, `$flag`, which follows changes; `undefined` until it is known. */
export function flag(key: string): Readable<FlagValue | undefined> {
  return readable<FlagValue | undefined>(undefined, (set) => watchFlag(key, set));
}
