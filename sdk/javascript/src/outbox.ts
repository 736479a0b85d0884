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
}

/** The copy of the queue that outlives a crash of the page. */
export interface Journal {
  /** Keep events. Return whether they will be in IndexedDB in a moment. */
  add(events: readonly QueuedEvent[]): boolean;
  remove(events: readonly QueuedEvent[]): void;
  /** Whether all that was added is written. */
  isWritten(): boolean;
}

// More than an hour offline brings; beyond it the page's memory is at risk.
const MAX_QUEUED = 10_000;
const MAX_STORED_CHARACTERS = 250_000;
// Of all ended pages together: browsers allow a site five million, most of which are the site's own.
const MAX_LEFT_CHARACTERS = 1_000_000;
// 30 days, after which the server refuses an event.
const MAX_LEFT_MS = 2_592_000_000;

/**
 * Events that the server has not acknowledged yet, oldest first.
 *
 * Each page keeps its own copy in storage, under its own key, so that two tabs never overwrite each other. The
 * journal keeps each event in IndexedDB, and takes over what ended pages have left. Where it has not loaded or cannot,
 * and whenever the page may end at any moment, the queue is in localStorage.
 */
export interface Outbox {
  /** Start of the keys of all pages of the project. */
  readonly prefix: string;
  /** The page's own key, in storage and as the name of its Web Lock. */
  readonly key: string;
  readonly events: readonly QueuedEvent[];
  /** Events lost because the outbox was full, since the page loaded. */
  readonly lost: number;
  /** Insert events before the one at `index`. When the queue is full, drop the oldest after the first `inFlight`, which are being sent. */
  insert(index: number, events: readonly TrackedEvent[], inFlight: number): void;
  /** Remove events that have arrived, or that the server rejected for good. */
  remove(events: readonly QueuedEvent[]): void;
  /** Write the queue to storage. Return whether all of it will outlive the page. */
  save(): boolean;
  /** Attach the journal, which keeps each event from now on. */
  attach(journal: Journal): void;
}

export function createOutbox(project: string, store: Store): Outbox {
  const prefix = `tidemark:${project}:unsent:`;
  const key = prefix + newId();
  let journal: Journal | undefined;
  let queued: QueuedEvent[] = [];
  let lost = 0;
  let saved = false;
  let saving: Promise<void> | undefined;

  // The module `delivery` takes over what pages have left. Where it can never load, each page leaves one more key.
  let room = MAX_LEFT_CHARACTERS;
  for (const left of store.keys(prefix).reverse()) {
    if ((room -= String(store.get(left)).length) < 0 || left < prefix + newId(MAX_LEFT_MS)) store.set(left, null);
  }

  function save(): boolean {
    // Newest first until the space is used up, so that the oldest events are dropped first.
    let space = MAX_STORED_CHARACTERS;
    const kept = queued.reduceRight<string[]>((texts, { json }) => {
      if ((space -= json.length + 1) >= 0) texts.unshift(json);
      return texts;
    }, []);
    const text = queued.length ? `[${kept.join()}]` : null;
    const isStored = !!(text ?? saved) && store.set(key, text);
    saved = !!text;
    return !text || (isStored && kept.length === queued.length) || !!journal?.isWritten();
  }

  return {
    prefix,
    key,
    get events() {
      return queued;
    },
    get lost() {
      return lost;
    },
    insert(index, events, inFlight) {
      const encoded = events.map((event) => ({ id: event.event_id, json: JSON.stringify(event) }));
      queued.splice(index, 0, ...encoded);
      if (!journal?.add(encoded)) {
        // Once for all events of this turn: nothing else keeps them if the page ends now.
        saving ??= Promise.resolve().then(() => {
          saving = undefined;
          save();
        });
      }
      const dropped = queued.splice(inFlight, Math.max(queued.length - MAX_QUEUED, 0));
      journal?.remove(dropped);
      lost += dropped.length;
    },
    remove(events) {
      const removed = new Set(events);
      queued = queued.filter((event) => !removed.has(event));
      journal?.remove(events);
      if (saved) save();
    },
    save,
    attach(attached) {
      journal = attached;
      journal.add(queued);
    },
  };
}
