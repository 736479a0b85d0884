import { newId } from "./ids.js";
import type { Settings } from "./options.js";
import type { Json } from "./sanitise.js";
import { openStore, readObject, type Store } from "./storage.js";

/** What is remembered about a visitor. */
interface Visitor {
  /** The random id of a visitor who has not been identified. */
  anonymousId: string;
  /** The host's id of the user, after `identify`. */
  userId: string;
  /** Properties that go with every event. */
  properties: Record<string, Json>;
  /** Group type to group key. */
  groups: Record<string, string>;
}

interface Session {
  id: string;
  /** Milliseconds since 1970 of its last event. */
  lastAt: number;
}

/** Who the events are of, without cookies. */
export interface Identity {
  /** Read from storage each time, because another tab may have changed it. */
  visitor(): Visitor;
  remember(change: Partial<Visitor>): void;
  /** The id of the running session; begins one after the time-out. Counts as activity. */
  sessionId(): string;
  /** A new anonymous visitor in a new session. */
  forget(): void;
  optedOut(): boolean;
  /** Opting out also removes every id that was kept. */
  setOptedOut(out: boolean): void;
}

export function createIdentity(settings: Settings, store: Store): Identity {
  const key = `tidemark:${settings.project}:`;
  const sessions = openStore(settings.persistence === "memory" ? "memory" : "sessionStorage");

  function remember(change: Partial<Visitor>): Visitor {
    const known = readObject<Visitor>(store, key + "visitor");
    const visitor = { anonymousId: newId(), userId: "", properties: {}, groups: {}, ...known, ...change };
    const text = JSON.stringify(visitor);
    if (text !== store.get(key + "visitor")) store.set(key + "visitor", text);
    return visitor;
  }

  function forget(): void {
    store.set(key + "visitor", null);
    sessions.set(key + "session", null);
  }

  return {
    visitor: () => remember({}),
    remember,
    sessionId() {
      const now = Date.now();
      const known = readObject<Session>(sessions, key + "session");
      const running = now - (known.lastAt ?? 0) < settings.sessionTimeoutMinutes * 60_000;
      const id = running && known.id ? known.id : newId();
      sessions.set(key + "session", JSON.stringify({ id, lastAt: now }));
      return id;
    },
    forget,
    optedOut: () => store.get(key + "opted-out") !== null,
    setOptedOut(out) {
      if (out) forget();
      store.set(key + "opted-out", out ? "1" : null);
    },
  };
}
