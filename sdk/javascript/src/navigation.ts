/**
 * Calls back when a single-page application shows another address: on `pushState`, `replaceState`
 * and going back or forward, if path or query really changed.
 */
export function onNavigation(changed: () => void): void {
  let shown = address();
  const check = (): void => {
    const now = address();
    if (now === shown) return;
    shown = now;
    changed();
  };
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name].bind(history);
    history[name] = (...parameters: Parameters<History["pushState"]>) => {
      original(...parameters);
      check();
    };
  }
  window.addEventListener("popstate", check);
}

function address(): string {
  return location.pathname + location.search;
}
