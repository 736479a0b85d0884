import type { TrackedEvent } from "../outbox.js";
import { post, waitOf } from "../request.js";

/** AsyncStorage of @react-native-async-storage/async-storage, as far as it is used: what its versions 1 to 3 have in common. */
export interface AsyncStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  getAllKeys(): Promise<readonly string[]>;
  removeItem(key: string): Promise<void>;
}

export interface NativeOptions {
  project: string;
  apiUrl: string;
  storage: AsyncStorage;
  /** AppState of react-native. */
  appState: { addEventListener(type: "change", listener: (state: string) => void): unknown };
}

/** Events of an app, each under a key of its own in storage until the server has taken it. */
export interface NativeQueue {
  /** Do something after what was asked before, when storage has been read; a step that fails ends only itself. Sending is no step. */
  step(action: () => Promise<void>): Promise<void>;
  /** Queue an event; it is sent 2 seconds later, or when ten wait. */
  add(event: TrackedEvent): Promise<void>;
  /**
   * Send what waits, also during the pause after a failure, unless the server named the pause by `Retry-After`.
   * Resolves when it has arrived, or when an attempt has failed.
   */
  readonly flush: () => Promise<void>;
}

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MAX_QUEUED = 1_000;
const MAX_BATCH_SIZE = 50;

/** Ask storage, whether it throws or rejects when it fails: the native module may be missing. */
export async function safely<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

/** Milliseconds of a clock that nobody corrects: a wall clock put back by a day would stop sending for a day. Some old apps lack it. */
function now(): number {
  return (globalThis as { performance?: Performance }).performance?.now() ?? Date.now();
}

/** Open the queue, with what an earlier run of the app has left. Storage that fails costs only events of a killed app. */
export function createQueue(project: string, apiUrl: string, storage: AsyncStorage): NativeQueue {
  const url = new URL("/api/v1/events/ingest", apiUrl).href;
  const prefix = `tidemark:${project}:event:`;
  let events: TrackedEvent[] = [];
  let failures = 0;
  let nextAttemptAt = 0;
  // Until when the server asked to wait, by Retry-After.
  let serverWaitEndsAt = 0;
  let inFlight = 0;
  let maxBatchSize = MAX_BATCH_SIZE;
  let lost = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let steps: Promise<void> = safely(read);
  // A chain of its own: an event must be stored at once, not after a request, for the app may be killed meanwhile.
  let sends: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    // Ids begin with their time, so their order is that of the events.
    const keys = ((await safely(() => storage.getAllKeys())) ?? []).filter((key) => key.startsWith(prefix)).sort();
    const texts = await Promise.all(keys.map((key) => safely(() => storage.getItem(key))));
    events = texts.flatMap(parse);
  }

  function step(action: () => Promise<void>): Promise<void> {
    return (steps = steps.then(() => safely(action)));
  }

  async function sendWaiting(): Promise<void> {
    // What was recorded before belongs to what waits.
    await steps;
    await (sends = sends.then(() => safely(send)));
  }

  function flush(): Promise<void> {
    nextAttemptAt = Math.min(nextAttemptAt, serverWaitEndsAt);
    return sendWaiting();
  }

  function wake(delay: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void sendWaiting(), delay);
  }

  async function remove(done: readonly TrackedEvent[]): Promise<void> {
    events = events.filter((event) => !done.includes(event));
    await Promise.all(done.map((event) => safely(() => storage.removeItem(prefix + event.event_id))));
  }

  async function send(): Promise<void> {
    while (events.length) {
      if (now() < nextAttemptAt) {
        wake(nextAttemptAt - now());
        return;
      }
      const batch = events.slice(0, maxBatchSize);
      const envelope = { api_key: project, sent_at: new Date().toISOString(), client_lost: lost || undefined, events: batch };
      inFlight = batch.length;
      const { status, retryAfter } = await post(url, JSON.stringify(envelope), false);
      inFlight = 0;
      // A key that is refused (401) says nothing about the events: they wait until it is mended.
      if (!status || status >= 500 || [401, 408, 429].includes(status)) {
        const backoff = Math.min(2 ** failures, 60) * 1_000 * (0.7 + 0.6 * Math.random());
        failures += 1;
        serverWaitEndsAt = now() + waitOf(retryAfter);
        nextAttemptAt = Math.max(now() + backoff, serverWaitEndsAt);
      } else if (status === 413 && batch.length > 1) {
        maxBatchSize = Math.ceil(batch.length / 2);
      } else {
        failures = 0;
        maxBatchSize = MAX_BATCH_SIZE;
        await remove(batch);
      }
    }
  }

  void sendWaiting();
  return {
    step,
    async add(event) {
      // Stored first: otherwise a request could take it, and remove it from storage before it is there.
      await safely(() => storage.setItem(prefix + event.event_id, JSON.stringify(event)));
      events.push(event);
      // The oldest, but for those that are being sent: they may arrive.
      const dropped = events.slice(inFlight, inFlight + Math.max(events.length - MAX_QUEUED, 0));
      lost += dropped.length;
      if (dropped.length) await remove(dropped);
      if (events.length % BATCH_SIZE === 0) wake(0);
      else if (events.length === 1) wake(FLUSH_INTERVAL_MS);
    },
    flush,
  };
}

function parse(text: string | null | undefined): TrackedEvent[] {
  try {
    return text ? [JSON.parse(text) as TrackedEvent] : [];
  } catch {
    return [];
  }
}
