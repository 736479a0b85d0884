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
  /** Read the visitor from storage, each time, because another tab may have changed it; then apply the change. */
  visitor(change?: Partial<Visitor>): Visitor;
  /** Return the id of the current session, and start a new one after the timeout. Counts as activity. */
  sessionId(): string;
  /** Switch to a new anonymous visitor in a new session. */
  readonly reset: () => void;
  optedOut(): boolean;
  /** Opt out or in again. Opting out also removes every stored id. */
  setOptedOut(out: boolean): void;
}

export function createIdentity(settings: Settings, store: Store): Identity {
  const key = `tidemark:${settings.project}:`;
  const visitorKey = key + "visitor";
  const sessionKey = key + "session";
  const optOutKey = key + "opted-out";
  const sessions = openStore(settings.persistence === "memory" ? "memory" : "sessionStorage");

  function reset(): void {
    store.set(visitorKey, null);
    sessions.set(sessionKey, null);
  }

  return {
    visitor(change) {
      const known = readObject<Visitor>(store, visitorKey);
      const visitor = { anonymousId: newId(), userId: "", properties: {}, groups: {}, ...known, ...change };
      const text = JSON.stringify(visitor);
      if (text !== store.get(visitorKey)) store.set(visitorKey, text);
      return visitor;
    },
    sessionId() {
      const now = Date.now();
      const { id, lastAt } = readObject<Session>(sessions, sessionKey);
      const isRunning = now - (lastAt ?? 0) < settings.sessionTimeoutMinutes * 60_000;
      const session = { id: (isRunning && id) || newId(), lastAt: now };
      sessions.set(sessionKey, JSON.stringify(session));
      return session.id;
    },
    reset,
    optedOut: () => !!store.get(optOutKey),
    setOptedOut(out) {
      if (out) reset();
      store.set(optOutKey, out ? "1" : null);
    },
  };
}
