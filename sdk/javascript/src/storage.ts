import { attempt } from "./attempt.js";
import type { Persistence } from "./options.js";

/** Text kept under a key. Where the browser's storage is blocked or full, this page's memory takes its place. */
export interface Store {
  get(key: string): string | null;
  /** Set a value; `null` removes it. Return whether the browser's storage did it. */
  set(key: string, value: string | null): boolean;
  /** List the keys in the browser's storage that begin with `prefix`, least first; none where it is blocked. */
  keys(prefix: string): string[];
}

/** Open the requested storage. Never throws, and never uses cookies. */
export function openStore(persistence: Persistence): Store {
  const memory = new Map<string, string>();
  // Even reading window.localStorage throws when the visitor blocks storage; there is none for "memory".
  const storage = (): Storage => (window as unknown as Record<Persistence, Storage>)[persistence];

  return {
    get: (key) => memory.get(key) ?? attempt(() => storage().getItem(key)) ?? null,
    set(key, value) {
      const isDone = attempt(() => {
        if (value === null) storage().removeItem(key);
        else storage().setItem(key, value);
        return true;
      });
      if (isDone || value === null) memory.delete(key);
      else memory.set(key, value);
      return !!isDone;
    },
    keys: (prefix) => attempt(() => Object.keys(storage()).filter((key) => key.startsWith(prefix)).sort()) ?? [],
  };
}

/** Return the JSON object under a key, or an empty one when it is missing or damaged. */
export function readObject<Shape extends object>(store: Store, key: string): Partial<Shape> {
  return attempt(() => ({ ...(JSON.parse(store.get(key) ?? "") as Shape) })) ?? {};
}
