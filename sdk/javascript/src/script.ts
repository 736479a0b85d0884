/** The entry of sdk.js, for a script tag. */
import type { Modules } from "./modules.js";
import { install } from "./tidemark.js";

try {
  const script = (document.currentScript ?? document.querySelector("script[data-project]")) as HTMLScriptElement | null;
  // The script's own folder; one that is served under another name has its modules in the usual place.
  const source = script?.src ?? location.href;
  const folder = new URL(/\/sdk(\.min)?\.js(\?|$)/.test(source) ? "modules/" : "/static/sdk/modules/", source);
  install(script, (name) => import(new URL(name + ".js", folder).href) as Promise<Modules[typeof name]>);
} catch {
  // A page must not break because it is measured.
}
