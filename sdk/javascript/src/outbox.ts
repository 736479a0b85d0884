import { newId } from "./ids.js";
import type { Json } from "./sanitise.js";
import type { Store } from "./storage.js";

/** One event as it stands in the API. */
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

/** An event ready to be sent. */
export interface Letter {
  readonly id: string;
  readonly json: string;
  /** Length in UTF-8, which is what the browser's quota counts. */
  readonly bytes: number;
}

const MOST_WAITING = 1_000;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MOST_BATCH_BYTES = 60_000;
const MOST_STORED_CHARACTERS = 250_000;

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
  /** When full, the oldest event that is not among the `sending` first ones gives way. */
  add(event: TrackedEvent, sending?: number): void;
  /** The oldest events after the `skip` first ones that fit into one request of at most `most` events. */
  batch(most: number, skip?: number): Letter[];
  /** Forget events that have arrived, or that never will. */
  remove(letters: readonly Letter[]): void;
  clear(): void;
  /** Write to storage what is waiting. Answers whether it will outlive the page. */
  save(): boolean;
}

const encoder = new TextEncoder();

export function createOutbox(project: string, store: Store): Outbox {
  const prefix = `tidemark:${project}:unsent:`;
  const ownKey = prefix + newId();
  let waiting: Letter[] = [];
  let lost = 0;
  let saved = false;

  function add(event: TrackedEvent, sending = 0): void {
    const json = JSON.stringify(event);
    waiting.push({ id: event.event_id, json, bytes: encoder.encode(json).length });
    if (waiting.length > MOST_WAITING) {
      waiting.splice(sending, 1);
      lost += 1;
    }
  }

  function save(): boolean {
    if (!waiting.length) {
      if (saved) store.set(ownKey, null);
      saved = false;
      return true;
    }
    // Newest first until the room is used up: what is oldest is given up first.
    let room = MOST_STORED_CHARACTERS;
    let first = waiting.length;
    while (first > 0 && (room -= (waiting[first - 1]?.json.length ?? 0) + 1) >= 0) first -= 1;
    saved = store.set(ownKey, `[${waiting.slice(first).map((letter) => letter.json).join(",")}]`);
    return saved && first === 0;
  }

  function takeOver(): void {
    const known = new Set<string>();
    for (const key of store.keys(prefix)) {
      try {
        for (const event of JSON.parse(store.get(key) ?? "[]") as TrackedEvent[]) {
          if (typeof event.event_id === "string" && !known.has(event.event_id)) add(event);
          known.add(event.event_id);
        }
      } catch {
        // Damaged by another script: there is nothing to save.
      }
      // Under its own key the copy is safe before the other is removed.
      save();
      store.set(key, null);
    }
  }

  takeOver();
  return {
    get size() {
      return waiting.length;
    },
    get lost() {
      return lost;
    },
    add,
    batch(most, skip = 0) {
      const rest = waiting.slice(skip, skip + most);
      let bytes = 0;
      const end = rest.findIndex((letter) => (bytes += letter.bytes + 1) > MOST_BATCH_BYTES);
      return end < 0 ? rest : rest.slice(0, Math.max(end, 1));
    },
    remove(letters) {
      const gone = new Set(letters);
      waiting = waiting.filter((letter) => !gone.has(letter));
      if (saved) save();
    },
    clear() {
      waiting = [];
      save();
    },
    save,
  };
}
