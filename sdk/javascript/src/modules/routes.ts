/** Follows the routes of a single-page app: each becomes a page view of its own, and the referrer of the next one. */
import { address } from "../address.js";
import type { Host } from "../modules.js";

export function start(host: Host): void {
  let url = host.firstAddress;

  /** Look a moment later, when the app has set the new title and finished its redirects. */
  function check(): void {
    setTimeout(() => {
      const previous = url;
      url = address();
      if (url !== previous) host.onRoute(previous);
    });
  }

  for (const name of ["pushState", "replaceState"] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const original = history[name];
    history[name] = function (this: History, ...given: Parameters<History["pushState"]>): void {
      original.apply(this, given);
      check();
    };
  }
  addEventListener("popstate", check);
  // The app may have gone on while this file was loading.
  check();
}
