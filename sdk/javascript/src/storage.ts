/** Where a value is kept: over visits, for the tab, or until the page is left. */
export type Persistence = "localStorage" | "sessionStorage" | "memory";

/** Text by name. Never throws: a browser that forbids storage gets memory instead. */
export interface Store {
  get(name: string): string | null;
  set(name: string, value: string): void;
  remove(name: string): void;
}

/** A store of the wanted kind, or of memory where the browser forbids it. */
export function openStore(kind: Persistence): Store {
  const memory = new Map<string, string>();
  const area = kind === "memory" ? null : browserStorage(kind);
  return {
    get: (name) => attempt(() => area?.getItem(name)) ?? memory.get(name) ?? null,
    set: (name, value) => {
      // Full or forbidden: this page still knows it.
      if (attempt(() => (area?.setItem(name, value), area !== null)) !== true) memory.set(name, value);
    },
    remove: (name) => {
      memory.delete(name);
      attempt(() => area?.removeItem(name));
    },
  };
}

function browserStorage(kind: "localStorage" | "sessionStorage"): Storage | null {
  return attempt(() => window[kind]) ?? null;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
