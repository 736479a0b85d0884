/** Vue 3. */
import tidemark, { type FlagValue, type Options, type Tidemark } from "@tidemark/browser";
import { onScopeDispose, readonly, shallowRef, type App, type Plugin, type Ref } from "vue";
import { startOnce, watchFlag } from "./page.js";

/** Make a plugin: `app.use(createTidemarkPlugin({ project: "pk_…" }))`. Templates have `$tidemark`. */
export function createTidemarkPlugin(options: Options): Plugin<[]> {
  return {
    install(app: App) {
      startOnce(options);
      app.config.globalProperties.$tidemark ??= tidemark;
    },
  };
}

/** Return the page's Tidemark. */
export function useTidemark(): Tidemark {
  return tidemark;
}

/** Return the value of a feature flag, which follows changes; `undefined` until it is known. */
export function useFlag(key: string): Readonly<Ref<FlagValue | undefined>> {
  const value = shallowRef<FlagValue>();
  onScopeDispose(watchFlag(key, (current) => {
    value.value = current;
  }));
  return readonly(value);
}
