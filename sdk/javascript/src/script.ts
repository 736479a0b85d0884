/** The entry of sdk.js, for a script tag. */
import { install } from "./tidemark.js";

try {
  const current = document.currentScript ?? document.querySelector("script[data-project]");
  install(current instanceof HTMLScriptElement ? current : null);
} catch {
  // A page must not break because it is measured.
}
