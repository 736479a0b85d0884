/** The entry of tidemark.mjs and tidemark.cjs, for use with `import` and `require`. */
import type { Load } from "./modules.js";
import { createTidemark as create, type Tidemark } from "./tidemark.js";

export type { Call, Methods, Options, Persistence, Properties, Stats, Tidemark } from "./tidemark.js";
export type { Flags, FlagValue, FlagValues } from "./modules/flags.js";
export type { ModuleName, Started } from "./modules.js";

// Each address is written out, because a bundler finds the files by it.
const files: { [Name in Parameters<Load>[0]]: () => Promise<unknown> } = {
  autocapture: () => import("./modules/autocapture.js"),
  delivery: () => import("./modules/delivery.js"),
  engagement: () => import("./modules/engagement.js"),
  flags: () => import("./modules/flags.js"),
  forms: () => import("./modules/forms.js"),
  links: () => import("./modules/links.js"),
  messages: () => import("./modules/messages.js"),
  vitals: () => import("./modules/vitals.js"),
};

const load = (async (name: keyof typeof files) => files[name]()) as Load;

/** Create a Tidemark of its own that waits for `init`. */
export function createTidemark(): Tidemark {
  return create(load);
}

/** The page's Tidemark. Call its `init` first. */
const tidemark = createTidemark();
export default tidemark;
