import { logWarning } from "./console.js";
import type { Journal } from "./modules/journal.js";
import type { Settings } from "./options.js";
import { MAX_QUEUED, type Outbox, type QueuedEvent, type TrackedEvent } from "./outbox.js";
import { post, type Outcome } from "./request.js";

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MAX_BATCH_SIZE = 50;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MAX_BATCH_BYTES = 60_000;
const RETRIES = 3;
// Pause after the retries have failed too. The events stay in the outbox.
const PAUSE_MS = 60_000;

/** Sends the outbox to the server, one request at a time. */
export interface Delivery {
  /** Count the events that were sent, and those of them that the server refused. */
  counts(): [sent: number, refused: number];
  add(event: TrackedEvent): void;
  /** Send the whole outbox. Resolves when it has arrived, or when the next attempt has to wait. */
  flush(): Promise<void>;
  /** The page is hidden and may be closed at any moment: store the outbox, and send it in requests that outlive the page. */
  onHidden(): void;
  /** The page is being left: hand everything to the browser. With `final`, later events are handed over at once. */
  onPageHide(final: boolean): void;
  /** The page is shown, for the first time or again from the back/forward cache. */
  onPageShow(): void;
  /** The network is back: do not wait for the next attempt. */
  onOnline(): void;
}

/** Events that other pages left behind are sent too, unless `mayKeep` says that the visitor wants none kept. */
export function createDelivery(settings: Settings, outbox: Outbox, mayKeep: () => boolean): Delivery {
  let inFlight: QueuedEvent[] = [];
  // What the browser sends even if the page is left now. Without a response it stays in the outbox: the next page sends
  // it again, and the server knows it by its ids.
  let handed = new Set<QueuedEvent>();
  let journal: Journal | undefined;
  let loading: Promise<void> | undefined;
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
      inFlight = firstOf(outbox.events, maxBatchSize);
      if (!inFlight.length) return;
      // A keepalive request fails when the page's own have used up the quota, so a retry goes without.
      const outlivesPage = !failures && "keepalive" in Request.prototype;
      handed = new Set(outlivesPage ? inFlight : []);
      const outcome = await post(settings.url, envelope(inFlight), outlivesPage);
      const batch = inFlight;
      inFlight = [];
      const isDone = handleOutcome(batch, outcome);
      if (isDone && !draining && outbox.events.length < BATCH_SIZE) break;
    }
    if (outbox.events.length) wake(FLUSH_INTERVAL_MS);
  }

  /** Apply the outcome of a request. Return whether its events are done with; otherwise they are sent again. */
  function handleOutcome(batch: QueuedEvent[], outcome: Outcome): boolean {
    if (outcome.kind === "retry") {
      postpone(outcome.reason, outcome.afterMs);
      offline = outcome.network;
      return false;
    }
    failures = 0;
    if (outcome.kind === "too_large" && batch.length > 1) {
      maxBatchSize = Math.ceil(batch.length / 2);
      return false;
    }
    outbox.remove(batch);
    sent += batch.length;
    if (outcome.kind === "accepted") {
      maxBatchSize = Math.min(maxBatchSize * 2, MAX_BATCH_SIZE);
      refused += outcome.refused.length;
      if (outcome.refused.length) {
        logWarning(`${outcome.refused.length} event(s) refused: ${[...new Set(outcome.refused)].join(" ")}`);
      }
    } else {
      refused += batch.length;
      logWarning(`${batch.length} event(s) refused: ${outcome.kind === "rejected" ? outcome.reason : "too large"}`);
    }
    return true;
  }

  function postpone(reason: string, afterMs: number): void {
    failures += 1;
    const round = failures % (RETRIES + 1);
    const backoff = round ? 2 ** (round - 1) * 1_000 : PAUSE_MS;
    nextAttemptAt = performance.now() + Math.max(backoff, afterMs) + Math.random() * 0.3 * backoff;
    if (!round) logWarning(`${outbox.events.length} event(s) wait for a minute (${reason})`);
  }

  function envelope(batch: readonly QueuedEvent[]): string {
    const head = JSON.stringify({
      api_key: settings.project,
      sent_at: new Date().toISOString(),
      ...(outbox.lost && { client_lost: outbox.lost }),
    });
    return `${head.slice(0, -1)},"events":[${batch.map((event) => event.json).join(",")}]}`;
  }

  function handToBrowser(): void {
    let rest = outbox.events.filter((event) => !handed.has(event));
    while (rest.length) {
      const batch = firstOf(rest, maxBatchSize);
      if (!beacon(settings.url, envelope(batch))) return;
      for (const event of batch) handed.add(event);
      rest = rest.slice(batch.length);
    }
  }

  function join(): void {
    if (journal) journal.join();
    else if (settings.persistence !== "memory") {
      loading ??= settings.load("journal").then(({ openJournal }) => {
        const onTaken = (): void => {
          wake(FLUSH_INTERVAL_MS);
        };
        journal = outbox.attach(openJournal, { mayKeep, inFlight: () => inFlight.length, onTaken });
        if (!leaving) journal.join();
      }).catch(() => {
        // No network, perhaps: the page works without, and tries again when it is back.
        loading = undefined;
      });
    }
  }

  function onPageHide(final: boolean): void {
    leaving = final;
    const stored = outbox.save();
    if (final) journal?.leave();
    // The server asked to wait: what is stored can wait for the next page.
    if (stored && performance.now() < nextAttemptAt && !offline) return;
    handToBrowser();
  }

  async function flush(): Promise<void> {
    draining = true;
    await run();
  }

  return {
    counts: () => [sent, refused],
    add(event) {
      const before = outbox.lost;
      outbox.add(event, inFlight.length);
      if (outbox.lost > before && before % 100 === 0) {
        logWarning(`${outbox.lost} event(s) lost: more than ${MAX_QUEUED} waited`);
      }
      if (leaving) onPageHide(true);
      else if (outbox.events.length >= BATCH_SIZE && performance.now() >= nextAttemptAt) void run();
      else wake(FLUSH_INTERVAL_MS);
    },
    flush,
    onHidden() {
      if (leaving) return;
      outbox.save();
      void flush();
    },
    onPageHide,
    onPageShow() {
      leaving = false;
      join();
      if (outbox.events.length) wake(FLUSH_INTERVAL_MS);
    },
    onOnline() {
      if (!journal) join();
      if (offline) nextAttemptAt = 0;
      void run();
    },
  };
}

/** Return the first events that fit into one request. */
function firstOf(events: readonly QueuedEvent[], maxEvents: number): QueuedEvent[] {
  const first = events.slice(0, maxEvents);
  let bytes = 0;
  const end = first.findIndex((event) => (bytes += event.bytes + 1) > MAX_BATCH_BYTES);
  return end < 0 ? first : first.slice(0, Math.max(end, 1));
}

/** Give the browser a request that outlives the page. Return whether the browser accepted it. */
function beacon(url: string, body: string): boolean {
  try {
    if (navigator.sendBeacon(url, body)) return true;
  } catch {
    // Missing, or blocked by an extension: the same by fetch below.
  }
  try {
    void fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}
