/** Keeps each event in IndexedDB from the moment it is recorded, and takes over what ended pages have left there and in localStorage. */
import type { Host } from "../modules.js";
import type { TrackedEvent } from "../outbox.js";
import { createDatabase, deleteDatabase } from "./database.js";
import { createTabs } from "./tabs.js";

/** What the journal needs of the core. */
type JournalHost = Pick<Host, "mayKeep" | "outbox" | "settings" | "store">;

/**
 * Keep the page's events, and take over what ended pages have left until this one is left: `take` queues them.
 *
 * A page takes over what another one has left as soon as that one has ended, by closing or by a crash. Where the browser
 * has no Web Locks this is unknown. Then only localStorage is used, and a page that loads takes over what it finds.
 * Should the other tab still be alive, both send those events; they keep their ids, so the server counts them once.
 */
export function keepJournal({ outbox, store, mayKeep, settings: { persistence } }: JournalHost, take: (events: readonly TrackedEvent[]) => void): void {
  const { prefix, key: ownKey } = outbox;
  if (persistence === "memory") return;
  // A page says its key here as it opens, so that others wait for its end.
  const doorKey = prefix.replace(/unsent:$/, "opened");
  const tabs = createTabs(ownKey);
  const awaited = new Set<string>();
  const database = persistence === "localStorage" && tabs.canTell() ? createDatabase(prefix, ownKey) : undefined;
  let isJoined = false;

  async function takeOver(key: string): Promise<void> {
    awaited.delete(key);
    const texts = [...((await database?.read(key)) ?? []), store.get(key) ?? ""];
    if (!isJoined) return;
    const left = mayKeep() ? eventsIn(texts, outbox.events.map((event) => event.id)) : [];
    if (left.length) take(left);
    // The database writes both at once, and in storage the events are under the own key by now.
    database?.clear(key);
    store.set(key, null);
  }

  /** Take the key's events over once its page has ended, or at once if nobody can tell and `found` as the page loaded. */
  function awaitEnd(key: string, found: boolean): void {
    if (key === ownKey || awaited.has(key)) return;
    awaited.add(key);
    const takeThis = (): Promise<void> => takeOver(key);
    tabs.whenGone(key, takeThis, found ? takeThis : () => awaited.delete(key));
  }

  function awaitAll(pages: Promise<string[]>): void {
    void pages.then((keys) => {
      if (isJoined) for (const key of keys) if (key.startsWith(prefix)) awaitEnd(key, true);
    });
  }

  addEventListener("storage", ({ key, newValue }) => {
    if (isJoined && key === doorKey && newValue) awaitEnd(newValue, false);
  });

  function join(): void {
    isJoined = true;
    // Older pages hear of this one, and this one asks for the older ones, so that each awaits the end of each other.
    tabs.hold(() => {
      if (isJoined && mayKeep()) {
        store.set(doorKey, ownKey);
        store.set(doorKey, null);
      }
      awaitAll(tabs.running());
    });
    if (mayKeep()) database?.open();
    else if (database) deleteDatabase(prefix);
    for (const key of store.keys(prefix)) awaitEnd(key, true);
    if (database) awaitAll(database.pages());
  }

  addEventListener("pagehide", () => {
    // Others may take over what this page has stored.
    isJoined = false;
    awaited.clear();
    database?.close();
    tabs.release();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) join();
  });
  outbox.attach({
    add(events) {
      database?.add(events);
      return !!database?.isWorking();
    },
    remove(events) {
      database?.remove(events);
    },
    isWritten: () => !!database?.isWritten(),
  });
  join();
}

/** Return the events in stored texts that are not queued yet, each once. Damaged texts have none. */
function eventsIn(texts: readonly string[], queued: readonly string[]): TrackedEvent[] {
  const known = new Set<unknown>(queued);
  return texts.flatMap(parse).filter((event) => {
    const isNew = typeof event.event_id === "string" && !known.has(event.event_id);
    known.add(event.event_id);
    return isNew;
  });
}

function parse(text: string): TrackedEvent[] {
  try {
    const value = JSON.parse(text) as TrackedEvent | TrackedEvent[];
    return [value].flat();
  } catch {
    // Damaged by another script: nothing can be recovered.
    return [];
  }
}
