import { newId } from "./ids.js";
import type { Json } from "./sanitise.js";
import type { Store } from "./storage.js";
import { createTabs } from "./tabs.js";

/** An event in the format of the ingest API. */
export interface TrackedEvent {
  /** UUID made when the event happens: the server counts an id once, however often it arrives. */
  event_id: string;
  event_name: string;
  /** ISO 8601 in UTC. */
  timestamp: string;
  distinct_id: string;
  session_id: string;
  page_url: string;
  referrer: string;
  source: string;
  properties: Record<string, Json>;
}

/** An event that is encoded and waiting to be sent. */
export interface QueuedEvent {
  readonly id: string;
  readonly json: string;
  /** Length in UTF-8, which is what the browser's quota counts. */
  readonly bytes: number;
}

// More than an hour offline brings; beyond it the page's memory is at risk.
export const MAX_QUEUED = 10_000;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MAX_BATCH_BYTES = 60_000;
const MAX_STORED_CHARACTERS = 250_000;

/**
 * Events that the server has not acknowledged yet, oldest first.
 *
 * Each page keeps its own copy in storage, under its own key, so that two tabs never overwrite each other.
 * A page takes over what another one has left as soon as that one has ended, by closing or by a crash.
 * Where the browser has no Web Locks this is unknown, so a page that loads takes over what it finds. Should the
 * other tab still be alive, both send those events; they keep their ids, so the server counts them once.
 */
export interface Outbox {
  readonly size: number;
  /** Events lost because the outbox was full, since the page loaded. */
  readonly lost: number;
  /** Queue an event. When the queue is full, drop the oldest one after the first `inFlight`, which are being sent. */
  add(event: TrackedEvent, inFlight?: number): void;
  /** Return the oldest events after the first `skip` that fit into one request of at most `maxEvents`. */
  batch(maxEvents: number, skip?: number): QueuedEvent[];
  /** Remove events that have arrived, or that the server rejected for good. */
  remove(events: readonly QueuedEvent[]): void;
  clear(): void;
  /** Write the queue to storage. Return whether all of it will outlive the page. */
  save(): boolean;
  /**
   * Take over what other pages leave behind, now and until `leave`, in front of what `inFlight` counts as not yet being sent.
   * With `mayKeep` false it is deleted instead.
   */
  join(takeover: Takeover): void;
  /** The page is left: others may take over what it has stored. */
  leave(): void;
}

/** How a page takes over the events of another. */
export interface Takeover {
  mayKeep(): boolean;
  inFlight(): number;
  onTaken(): void;
}

const encoder = new TextEncoder();

export function createOutbox(project: string, store: Store): Outbox {
  const prefix = `tidemark:${project}:unsent:`;
  const ownKey = prefix + newId();
  const tabs = createTabs(ownKey);
  const awaited = new Set<string>();
  let takeover: Takeover | undefined;
  let queued: QueuedEvent[] = [];
  let lost = 0;
  let saved = false;

  /** Insert events before the one at `index`. When the queue is full, drop the oldest after the first `inFlight`. */
  function insert(index: number, events: readonly TrackedEvent[], inFlight: number): void {
    const encoded = events.map((event) => {
      const json = JSON.stringify(event);
      return { id: event.event_id, json, bytes: encoder.encode(json).length };
    });
    queued.splice(index, 0, ...encoded);
    lost += queued.splice(inFlight, Math.max(queued.length - MAX_QUEUED, 0)).length;
  }

  function save(): boolean {
    if (!queued.length) {
      if (saved) store.set(ownKey, null);
      saved = false;
      return true;
    }
    // Newest first until the space is used up, so that the oldest events are dropped first.
    let space = MAX_STORED_CHARACTERS;
    let first = queued.length;
    while (first > 0 && (space -= (queued[first - 1]?.json.length ?? 0) + 1) >= 0) first -= 1;
    saved = store.set(ownKey, `[${queued.slice(first).map((event) => event.json).join(",")}]`);
    return saved && first === 0;
  }

  function takeOver(key: string): void {
    awaited.delete(key);
    const left = takeover?.mayKeep() ? store.get(key) : null;
    if (left) {
      const inFlight = takeover?.inFlight() ?? 0;
      insert(inFlight, eventsIn(left, queued), inFlight);
      // Under its own key the copy is safe before the other is removed.
      save();
    }
    store.set(key, null);
    if (left) takeover?.onTaken();
  }

  /** Take the key's events over once its page has ended, or at once if nobody can tell and `found` as the page loaded. */
  function awaitEnd(key: string, found: boolean): void {
    if (key === ownKey || awaited.has(key)) return;
    awaited.add(key);
    const take = (): void => {
      takeOver(key);
    };
    tabs.whenGone(key, take, found ? take : () => awaited.delete(key));
  }

  addEventListener("storage", ({ key, newValue }) => {
    if (takeover && newValue && key?.startsWith(prefix)) awaitEnd(key, false);
  });

  return {
    get size() {
      return queued.length;
    },
    get lost() {
      return lost;
    },
    add(event, inFlight = 0) {
      insert(queued.length, [event], inFlight);
    },
    batch(maxEvents, skip = 0) {
      const rest = queued.slice(skip, skip + maxEvents);
      let bytes = 0;
      const end = rest.findIndex((event) => (bytes += event.bytes + 1) > MAX_BATCH_BYTES);
      return end < 0 ? rest : rest.slice(0, Math.max(end, 1));
    },
    remove(events) {
      const removed = new Set(events);
      queued = queued.filter((event) => !removed.has(event));
      if (saved) save();
    },
    clear() {
      queued = [];
      save();
    },
    save,
    join(given) {
      takeover = given;
      tabs.hold();
      for (const key of store.keys(prefix)) awaitEnd(key, true);
    },
    leave() {
      takeover = undefined;
      awaited.clear();
      tabs.release();
    },
  };
}

/** Return the events in a stored text that are not queued yet, each once. Damaged text has none. */
function eventsIn(text: string, queued: readonly QueuedEvent[]): TrackedEvent[] {
  const known = new Set<unknown>(queued.map((event) => event.id));
  try {
    return (JSON.parse(text) as TrackedEvent[]).filter((event) => {
      const isNew = typeof event.event_id === "string" && !known.has(event.event_id);
      known.add(event.event_id);
      return isNew;
    });
  } catch {
    // Damaged by another script: nothing can be recovered.
    return [];
  }
}
