import { newId } from "./ids.js";
import type { Json } from "./sanitise.js";
import type { Store } from "./storage.js";

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

const MAX_QUEUED = 1_000;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MAX_BATCH_BYTES = 60_000;
const MAX_STORED_CHARACTERS = 250_000;

/**
 * Events that the server has not acknowledged yet, oldest first.
 *
 * Each page keeps its own copy in storage, under its own key, so that two tabs never overwrite each other.
 * A page that loads takes over what other pages left behind. Should the other tab still be alive, both
 * send those events; they keep their ids, so the server counts them once.
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
}

const encoder = new TextEncoder();

export function createOutbox(project: string, store: Store): Outbox {
  const prefix = `tidemark:${project}:unsent:`;
  const ownKey = prefix + newId();
  let queued: QueuedEvent[] = [];
  let lost = 0;
  let saved = false;

  function add(event: TrackedEvent, inFlight = 0): void {
    const json = JSON.stringify(event);
    queued.push({ id: event.event_id, json, bytes: encoder.encode(json).length });
    if (queued.length > MAX_QUEUED) {
      queued.splice(inFlight, 1);
      lost += 1;
    }
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

  function adoptLeftovers(): void {
    const known = new Set<string>();
    for (const key of store.keys(prefix)) {
      try {
        for (const event of JSON.parse(store.get(key) ?? "[]") as TrackedEvent[]) {
          if (typeof event.event_id === "string" && !known.has(event.event_id)) add(event);
          known.add(event.event_id);
        }
      } catch {
        // Damaged by another script: nothing can be recovered.
      }
      // Under its own key the copy is safe before the other is removed.
      save();
      store.set(key, null);
    }
  }

  adoptLeftovers();
  return {
    get size() {
      return queued.length;
    },
    get lost() {
      return lost;
    },
    add,
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
  };
}
