/** Tells which pages of the site still run: each holds the Web Lock of its own key, and the browser frees it when the page ends. */
export interface Tabs {
  /** Hold the page's own key. */
  hold(): void;
  /** Call `then` once no running page holds the key, or `unknown` where the browser cannot tell. Not called after `release`. */
  whenGone(key: string, then: () => void, unknown?: () => void): void;
  /** The page is left. Without this, a held lock would keep it out of the back/forward cache. */
  release(): void;
}

export function createTabs(ownKey: string): Tabs {
  let leaving = new AbortController();

  function request(key: string, held: () => unknown, unknown?: () => void): void {
    const { signal } = leaving;
    // Missing in old browsers and on pages without HTTPS.
    const locks = (navigator as { locks?: LockManager | null }).locks;
    if (!locks?.request) {
      unknown?.();
      return;
    }
    locks.request(key, { signal }, held).catch(() => {
      if (!signal.aborted) unknown?.();
    });
  }

  return {
    hold() {
      leaving = new AbortController();
      const { signal } = leaving;
      request(
        ownKey,
        () =>
          new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => {
              resolve();
            });
          }),
      );
    },
    whenGone: request,
    release() {
      leaving.abort();
    },
  };
}
