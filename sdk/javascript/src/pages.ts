/** The current page and the one before it. */
export interface Pages {
  /** Address without the fragment, which may hold secrets and is no page of its own. */
  readonly url: string;
  /** The page before this one, inside a single-page app too. */
  readonly referrer: string;
}

/**
 * Watch the address of a single-page app and call `onChange` when its path or query has changed.
 * The call comes a moment later, when the app has set the new title and finished its redirects.
 */
export function followPages(onChange: () => void): Pages {
  let url = address();
  let referrer = document.referrer;

  function check(): void {
    setTimeout(() => {
      const next = address();
      if (next === url) return;
      referrer = url;
      url = next;
      onChange();
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

  return {
    get url() {
      return address();
    },
    get referrer() {
      return referrer;
    },
  };
}

function address(): string {
  return location.origin + location.pathname + location.search;
}
