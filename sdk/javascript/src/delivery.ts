import type { Settings } from "./options.js";
import type { Outbox, QueuedEvent, TrackedEvent } from "./outbox.js";
import { beacon, post, waitOf, type Answer } from "./request.js";

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MAX_BATCH_SIZE = 50;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MAX_BATCH_BYTES = 60_000;
const RETRIES = 3;
// Pause after the retries have failed too. The events stay in the outbox.
const PAUSE_MS = 60_000;

/** Counts of events since the page loaded. */
export interface Stats {
  /** Accepted by the server. */
  sent: number;
  /** Queued. */
  waiting: number;
  /** Refused by the server; the console has the reasons. */
  refused: number;
  /** Dropped because more than 10,000 were queued. */
  lost: number;
}

/** Sends the outbox to the server, one request at a time. */
export interface Delivery {
  add(event: TrackedEvent): void;
  /** Queue events that an ended page has left, before those that this page has not begun to send. */
  readonly take: (events: readonly TrackedEvent[]) => void;
  /** Send the whole outbox. Resolves when it has arrived, or when the next attempt has to wait. */
  readonly flush: () => Promise<void>;
  readonly stats: () => Stats;
}

/** Begin to send, also when the page is hidden or left. `onOnline` is called when the network is back. */
export function createDelivery(settings: Settings, outbox: Outbox, onOnline: () => void): Delivery {
  let inFlight: QueuedEvent[] = [];
  // What the browser sends even if the page is left now. Without a response it stays in the outbox: the next page sends
  // it again, and the server knows it by its ids.
  let handed = new Set<QueuedEvent>();
  let running: Promise<void> | undefined;
  let draining = false;
  let leaving = false;
  let failures = 0;
  let offline = false;
  let nextAttemptAt = 0;
  let maxBatchSize = MAX_BATCH_SIZE;
  let sent = 0;
  let refused = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wakeAt = Infinity;

  function wake(delay: number): void {
    const at = performance.now() + delay;
    if (at >= wakeAt) return;
    clearTimeout(timer);
    wakeAt = at;
    timer = setTimeout(() => {
      wakeAt = Infinity;
      void run();
    }, delay);
  }

  function run(): Promise<void> {
    return (running ??= deliver().finally(() => {
      running = undefined;
      draining = false;
    }));
  }

  async function deliver(): Promise<void> {
    for (;;) {
      const wait = nextAttemptAt - performance.now();
      if (wait > 0) {
        outbox.save();
        wake(wait);
        return;
      }
      const batch = firstOf(outbox.events, maxBatchSize);
      if (!batch.length) return;
      inFlight = batch;
      // A keepalive request fails when the page's own have used up the quota, so a retry goes without.
      const outlivesPage = !failures && "keepalive" in Request.prototype;
      handed = new Set(outlivesPage ? batch : []);
      const answer = await post(settings.url, envelope(batch), outlivesPage);
      inFlight = [];
      if (isDone(batch, answer) && !draining && outbox.events.length < BATCH_SIZE) break;
    }
    if (outbox.events.length) wake(FLUSH_INTERVAL_MS);
  }

  /** Apply the answer to a request. Return whether its events are done with; otherwise they are sent again. */
  function isDone(batch: QueuedEvent[], { status, body, retryAfter }: Answer): boolean {
    if (!status || status >= 500 || status === 408 || status === 429) {
      offline = !status;
      failures += 1;
      const round = failures % (RETRIES + 1);
      const backoff = round ? 2 ** (round - 1) * 1_000 : PAUSE_MS;
      nextAttemptAt = performance.now() + Math.max(backoff, waitOf(retryAfter)) + Math.random() * 0.3 * backoff;
      if (!round) settings.tell("waiting", outbox.events.length, status, body);
      return false;
    }
    failures = 0;
    if (status === 413 && batch.length > 1) {
      maxBatchSize = Math.ceil(batch.length / 2);
      return false;
    }
    outbox.remove(batch);
    const dropped = status < 300 ? [body.results ?? []].flat().filter((result) => result.status === "dropped") : batch;
    refused += dropped.length;
    sent += batch.length - dropped.length;
    if (dropped.length) settings.tell("refused", dropped.length, status, body);
    else maxBatchSize = MAX_BATCH_SIZE;
    return true;
  }

  function envelope(batch: readonly QueuedEvent[]): string {
    const head = JSON.stringify({
      api_key: settings.project,
      sent_at: new Date().toISOString(),
      client_lost: outbox.lost || undefined,
    });
    return `${head.slice(0, -1)},"events":[${batch.map((event) => event.json).join()}]}`;
  }

  function insert(index: number, events: readonly TrackedEvent[]): void {
    const before = outbox.lost;
    outbox.insert(index, events, inFlight.length);
    if (outbox.lost > before && before % 100 === 0) settings.tell("lost", outbox.lost);
    wake(FLUSH_INTERVAL_MS);
  }

  function flush(): Promise<void> {
    draining = true;
    return run();
  }

  /** Store what waits, and hand it to the browser. */
  function leave(): void {
    // The server asked to wait: what is stored can wait for the next page.
    if (outbox.save() && performance.now() < nextAttemptAt && !offline) return;
    let rest = outbox.events.filter((event) => !handed.has(event));
    while (rest.length) {
      const batch = firstOf(rest, maxBatchSize);
      if (!beacon(settings.url, envelope(batch))) return;
      for (const event of batch) handed.add(event);
      rest = rest.slice(batch.length);
    }
  }

  document.addEventListener("visibilitychange", () => {
    // The page may be closed at any moment.
    if (document.visibilityState === "hidden" && !leaving) {
      outbox.save();
      void flush();
    }
  });
  addEventListener("pagehide", () => {
    leaving = true;
    leave();
  });
  // The visitor may still decide to stay.
  addEventListener("beforeunload", leave);
  addEventListener("pageshow", () => {
    leaving = false;
    wake(FLUSH_INTERVAL_MS);
  });
  addEventListener("online", () => {
    onOnline();
    if (offline) nextAttemptAt = 0;
    void run();
  });

  return {
    add(event) {
      insert(outbox.events.length, [event]);
      if (leaving) leave();
      else if (outbox.events.length >= BATCH_SIZE && performance.now() >= nextAttemptAt) void run();
    },
    take(events) {
      insert(inFlight.length, events);
      // Under its own key the copy is safe before the other is removed.
      outbox.save();
    },
    flush,
    stats: () => ({ sent, waiting: outbox.events.length, refused, lost: outbox.lost }),
  };
}

const encoder = new TextEncoder();

/** Return the first events that fit into one request, in UTF-8, which is what the browser's quota counts. */
function firstOf(events: readonly QueuedEvent[], maxEvents: number): QueuedEvent[] {
  let bytes = 0;
  return events.slice(0, maxEvents).filter(({ json }, index) => (bytes += encoder.encode(json).length + 1) <= MAX_BATCH_BYTES || !index);
}
