import { newId } from "./ids.js";
import type { Journal, JournalHost } from "./modules/journal.js";
import type { Json } from "./sanitise.js";
import type { Persistence } from "./options.js";
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

// More than an hour offline brings; beyond it the page's memory is at risk.
export const MAX_QUEUED = 10_000;
const MAX_STORED_CHARACTERS = 250_000;

/**
 * Events that the server has not acknowledged yet, oldest first.
 *
 * Each page keeps its own copy in storage, under its own key, so that two tabs never overwrite each other. The
 * journal keeps each event in IndexedDB, and takes over what ended pages have left. Where it has not loaded or cannot,
 * and whenever the page may end at any moment, the queue is in localStorage.
 */
export interface Outbox {
  readonly events: readonly QueuedEvent[];
  /** Events lost because the outbox was full, since the page loaded. */
  readonly lost: number;
  /** Queue an event. When the queue is full, drop the oldest one after the first `inFlight`, which are being sent. */
  add(event: TrackedEvent, inFlight: number): void;
  /** Remove events that have arrived, or that the server rejected for good. */
  remove(events: readonly QueuedEvent[]): void;
  /** Write the queue to storage. Return whether all of it will outlive the page. */
  save(): boolean;
  /** Attach the journal, which keeps each event from now on. */
  attach(open: (host: JournalHost) => Journal, takeover: Takeover): Journal;
}

/** How a page takes over the events of another. */
export interface Takeover {
  /** Whether they are sent; otherwise they are deleted. */
  mayKeep(): boolean;
  /** How many events of the queue are being sent; the others go behind these. */
  inFlight(): number;
  onTaken(): void;
}

const encoder = new TextEncoder();

export function createOutbox(project: string, persistence: Persistence, store: Store): Outbox {
  const prefix = `tidemark:${project}:unsent:`;
  const key = prefix + newId();
  let journal: Journal | undefined;
  let queued: QueuedEvent[] = [];
  let lost = 0;
  let saved = false;
  let saving: Promise<void> | undefined;

  /** Insert events before the one at `index`. When the queue is full, drop the oldest after the first `inFlight`. */
  function insert(index: number, events: readonly TrackedEvent[], inFlight: number): void {
    const encoded = events.map((event) => {
      const json = JSON.stringify(event);
      return { id: event.event_id, json, bytes: encoder.encode(json).length };
    });
    queued.splice(index, 0, ...encoded);
    if (!journal?.add(encoded)) saveSoon();
    const dropped = queued.splice(inFlight, Math.max(queued.length - MAX_QUEUED, 0));
    journal?.remove(dropped);
    lost += dropped.length;
  }

  function save(): boolean {
    // Newest first until the space is used up, so that the oldest events are dropped first.
    let space = MAX_STORED_CHARACTERS;
    let first = queued.length;
    while (first > 0 && (space -= (queued[first - 1]?.json.length ?? 0) + 1) >= 0) first -= 1;
    const text = queued.length ? `[${queued.slice(first).map((event) => event.json).join(",")}]` : null;
    const isDurable = !!(text ?? saved) && store.set(key, text);
    saved = !!text;
    return !text || (isDurable && !first) || !!journal?.isWritten();
  }

  /** Save once for all events of this turn: nothing else keeps them if the page ends now. */
  function saveSoon(): void {
    saving ??= Promise.resolve().then(() => {
      saving = undefined;
      save();
    });
  }

  return {
    get events() {
      return queued;
    },
    get lost() {
      return lost;
    },
    add(event, inFlight) {
      insert(queued.length, [event], inFlight);
    },
    remove(events) {
      const removed = new Set(events);
      queued = queued.filter((event) => !removed.has(event));
      journal?.remove(events);
      if (saved) save();
    },
    save,
    attach(open, takeover) {
      journal = open({
        prefix,
        key,
        store,
        persistence,
        mayKeep: () => takeover.mayKeep(),
        ids: () => queued.map((event) => event.id),
        take(events) {
          insert(takeover.inFlight(), events, takeover.inFlight());
          // Under its own key the copy is safe before the other is removed.
          save();
          takeover.onTaken();
        },
      });
      journal.add(queued);
      return journal;
    },
  };
}
