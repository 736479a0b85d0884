import type { Persistence } from "./options.js";

/** Text kept under a key. Where the browser's storage is blocked or full, this page's memory takes its place. */
export interface Store {
  get(key: string): string | null;
  /** Set a value; `null` removes it. Return whether the value will outlive the page. */
  set(key: string, value: string | null): boolean;
  /** List the keys in the browser's storage that start with the prefix. */
  keys(prefix: string): string[];
}

/** Open the requested storage. Never throws, and never uses cookies. */
export function openStore(persistence: Persistence): Store {
  const memory = new Map<string, string>();

  // Even reading window.localStorage throws when the visitor blocks storage.
  function durable(): Storage | undefined {
    try {
      return (window as { [name in Persistence]?: Storage })[persistence];
    } catch {
      return undefined;
    }
  }

  return {
    get(key) {
      try {
        return memory.get(key) ?? durable()?.getItem(key) ?? null;
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        const storage = durable();
        if (value === null) storage?.removeItem(key);
        else storage?.setItem(key, value);
        if (storage || value === null) {
          memory.delete(key);
          return !!storage;
        }
      } catch {
        // Full or blocked: kept in memory below.
      }
      if (value !== null) memory.set(key, value);
      return false;
    },
    keys(prefix) {
      try {
        return Object.keys(durable() ?? {}).filter((key) => key.startsWith(prefix));
      } catch {
        return [];
      }
    },
  };
}

/** Return the JSON object under a key, or an empty one when it is missing or damaged. */
export function readObject<Shape extends object>(store: Store, key: string): Partial<Shape> {
  try {
    const value: unknown = JSON.parse(store.get(key) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
