// The script for pages: `window.tidemark` (also `window.tracker`), started by its tag's attributes.
import { tidemark, type Options, type Tidemark } from "./client";

type Call = [keyof Tidemark, ...unknown[]];

declare global {
  interface Window {
    tidemark?: Tidemark | Call[];
    tracker?: Tidemark;
  }
}

const waiting = Array.isArray(window.tidemark) ? window.tidemark : [];
window.tidemark = tidemark;
window.tracker = tidemark;

const options = fromTag(document.currentScript);
if (options) tidemark.init(options);

// Calls that were made before this script had loaded, as `tidemark.push(["event", "name"])`.
for (const [method, ...parameters] of waiting) {
  if (typeof tidemark[method] === "function") {
    (tidemark as unknown as Record<string, (...given: unknown[]) => unknown>)[method]?.(...parameters);
  }
}

function fromTag(script: Element | null): Options | undefined {
  if (!(script instanceof HTMLScriptElement)) return undefined;
  const data = script.dataset;
  const key = data["project"];
  if (!key) return undefined;
  return {
    key,
    apiUrl: data["apiUrl"] ?? new URL(script.src).origin,
    autoPageView: data["autoPageView"] !== "false",
    respectDnt: "respectDnt" in data && data["respectDnt"] !== "false",
    ...(data["source"] ? { source: data["source"] } : {}),
    ...(data["endpoint"] ? { endpoint: data["endpoint"] } : {}),
  };
}
