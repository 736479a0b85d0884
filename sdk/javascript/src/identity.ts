import { newId } from "./ids.js";
import type { Settings } from "./options.js";
import type { Json } from "./sanitise.js";
import { openStore, readObject, type Store } from "./storage.js";

/** What is stored about a visitor. */
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

/** The visitor and the session of the events, without cookies. */
export interface Identity {
  /** Read the visitor from storage; each time, because another tab may have changed it. */
  visitor(): Visitor;
  update(change: Partial<Visitor>): void;
  /** Return the id of the current session, and start a new one after the timeout. Counts as activity. */
  sessionId(): string;
  /** Switch to a new anonymous visitor in a new session. */
  reset(): void;
  optedOut(): boolean;
  /** Opt out or in again. Opting out also removes every stored id. */
  setOptedOut(out: boolean): void;
}

export function createIdentity(settings: Settings, store: Store): Identity {
  const key = `tidemark:${settings.project}:`;
  const sessions = openStore(settings.persistence === "memory" ? "memory" : "sessionStorage");

  function update(change: Partial<Visitor>): Visitor {
    const known = readObject<Visitor>(store, key + "visitor");
    const visitor = { anonymousId: newId(), userId: "", properties: {}, groups: {}, ...known, ...change };
    const text = JSON.stringify(visitor);
    if (text !== store.get(key + "visitor")) store.set(key + "visitor", text);
    return visitor;
  }

  function reset(): void {
    store.set(key + "visitor", null);
    sessions.set(key + "session", null);
  }

  return {
    visitor: () => update({}),
    update,
    sessionId() {
      const now = Date.now();
      const known = readObject<Session>(sessions, key + "session");
      const running = now - (known.lastAt ?? 0) < settings.sessionTimeoutMinutes * 60_000;
      const id = running && known.id ? known.id : newId();
      sessions.set(key + "session", JSON.stringify({ id, lastAt: now }));
      return id;
    },
    reset,
    optedOut: () => store.get(key + "opted-out") !== null,
    setOptedOut(out) {
      if (out) reset();
      store.set(key + "opted-out", out ? "1" : null);
    },
  };
}
