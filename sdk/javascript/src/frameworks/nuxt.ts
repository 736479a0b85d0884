/** Nuxt 3 and newer: `export default defineNuxtPlugin(tidemarkPlugin({ project: "pk_…" }))` in `plugins/tidemark.client.ts`. */
import tidemark, { type Options, type Tidemark } from "@tidemark/browser";
import type { App } from "vue";
import { createTidemarkPlugin } from "./vue.js";

export { useFlag, useTidemark } from "./vue.js";

/** Make a plugin that starts Tidemark and provides it as `$tidemark`. */
export function tidemarkPlugin(options: Options): (nuxt: { vueApp: App }) => { provide: { tidemark: Tidemark } } {
  return ({ vueApp }) => {
    vueApp.use(createTidemarkPlugin(options));
    return { provide: { tidemark } };
  };
}
