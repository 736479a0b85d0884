/** Records, as each page or route is left, how far it was scrolled and how long it was looked at. */
import type { Host } from "../modules.js";

export function start(host: Host): void {
  let url = location.href;
  let path = location.pathname;
  let depth = 0;
  let visibleMs = 0;
  let visibleSince = isVisible() ? performance.now() : 0;

  function measure(): void {
    const page = document.documentElement;
    const percent = (100 * (scrollY + innerHeight)) / Math.max(page.scrollHeight, 1);
    depth = Math.min(Math.max(depth, Math.round(percent)), 100);
  }

  function pause(): void {
    if (visibleSince) visibleMs += performance.now() - visibleSince;
    visibleSince = 0;
  }

  /** Record what has come since the last time, so that the sum over a page's events is the whole. */
  function report(): void {
    pause();
    const seconds = Math.round(visibleMs / 100) / 10;
    visibleMs = 0;
    if (seconds) host.record("$pageleave", { path, scroll_depth: depth, engagement_seconds: seconds });
  }

  function onRoute(): void {
    if (location.href.split("#")[0] === url.split("#")[0]) return;
    report();
    url = location.href;
    path = location.pathname;
    depth = 0;
    if (isVisible()) visibleSince = performance.now();
    measure();
  }

  measure();
  addEventListener("scroll", measure, { passive: true });
  addEventListener("popstate", onRoute);
  // The new address of a single-page app shows at the next sign of life at the latest.
  for (const type of ["click", "keydown", "scroll"]) {
    addEventListener(type, () => setTimeout(onRoute), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (isVisible()) {
      visibleSince = performance.now();
      return;
    }
    report();
    void host.sending.drain?.();
  });
  addEventListener("pagehide", report);
  addEventListener("pageshow", () => {
    if (isVisible() && !visibleSince) visibleSince = performance.now();
  });
}

function isVisible(): boolean {
  return document.visibilityState === "visible";
}
