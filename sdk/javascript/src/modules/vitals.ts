/** Records the Web Vitals of a page (https://web.dev/articles/vitals), each once with its final value. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from "web-vitals";
import type { Host } from "../modules.js";

export function start(host: Host): void {
  function report({ name, value, rating, navigationType }: Metric): void {
    // Milliseconds; the layout shift (CLS) is a small number without a unit.
    const rounded = name === "CLS" ? Math.round(value * 10_000) / 10_000 : Math.round(value);
    host.record("$web_vitals", { metric: name, value: rounded, rating, navigation_type: navigationType });
    if (document.visibilityState === "hidden") void host.sending.drain?.();
  }

  onCLS(report);
  onFCP(report);
  onINP(report);
  onLCP(report);
  onTTFB(report);
}
