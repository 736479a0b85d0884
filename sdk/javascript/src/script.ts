/** The entry of sdk.js, for a script tag. */
import type { Modules } from "./modules.js";
import { install } from "./tidemark.js";

try {
  const script = (document.currentScript ?? document.querySelector("script[data-project]")) as HTMLScriptElement | null;
  // Beside the script; one that is served under another name, such as /m/in.js, has them under that name.
  const source = (script?.src ?? location.href).replace(/\?.*/, "");
  const folder = source.replace(/\/sdk(\.min)?\.js$/, "/modules") + "/";
  let failures = 0;
  install(script, (name) =>
    // Browsers remember that an address could not be imported.
    import(folder + name + ".js" + (failures ? `?${failures}` : "")).catch((error: unknown) => {
      failures += 1;
      throw error;
    }) as Promise<Modules[typeof name]>);
} catch {
  // A page must not break because it is measured.
}
