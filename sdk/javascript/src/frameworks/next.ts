"use client";
/** Next.js: `<TidemarkAnalytics project="pk_…" apiUrl="…" />` in the body of `app/layout.tsx`, or in `pages/_app.tsx`. */
import type { Options } from "@tidemark/browser";
import { useTidemark } from "./react.js";

export { useFlag, useTidemark } from "./react.js";

/** Record the site's pages. Routes of both routers are followed, because they go through the browser's history. */
export function TidemarkAnalytics(options: Options): null {
  useTidemark(options);
  return null;
}
