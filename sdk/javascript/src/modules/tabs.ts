/** Tells which pages of the site still run: each holds the Web Lock of its own key, and the browser frees it when the page ends. */
export interface Tabs {
  /** Whether the browser has Web Locks: they are missing in old browsers and on pages without HTTPS. */
  canTell(): boolean;
  /** Hold the page's own key, and call `then` once it is held. */
  hold(then: () => void): void;
  /** Call `then` once no running page holds the key, or `unknown` where the browser cannot tell. Not called after `release`. */
  whenGone(key: string, then: () => unknown, unknown?: () => unknown): void;
  /** Return the keys of the pages that run, of all of the site's projects; none where the browser cannot tell. */
  running(): Promise<string[]>;
  /** The page is left. Without this, a held lock would keep it out of the back/forward cache. */
  release(): void;
}

export function createTabs(ownKey: string): Tabs {
  let leaving = new AbortController();

  function locks(): LockManager | undefined {
    const manager = (navigator as { locks?: LockManager | null }).locks;
    return manager?.request ? manager : undefined;
  }

  function request(key: string, held: () => unknown, unknown?: () => unknown): void {
    const { signal } = leaving;
    const manager = locks();
    if (!manager) {
      unknown?.();
      return;
    }
    manager.request(key, { signal }, held).catch(() => {
      if (!signal.aborted) unknown?.();
    });
  }

  return {
    canTell: () => !!locks(),
    hold(then) {
      leaving = new AbortController();
      const { signal } = leaving;
      request(ownKey, () => {
        then();
        return new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => {
            resolve();
          });
        });
      });
    },
    async running() {
      try {
        const { held } = (await locks()?.query()) ?? {};
        return (held ?? []).map(({ name }) => name ?? "");
      } catch {
        return [];
      }
    },
    whenGone: request,
    release() {
      leaving.abort();
    },
  };
}
