import type { Settings } from "./options.js";
import { MAX_QUEUED, type Outbox, type QueuedEvent, type TrackedEvent } from "./outbox.js";
import { post, type Outcome } from "./request.js";
import { logWarning } from "./console.js";

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MAX_BATCH_SIZE = 50;
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
  let outlivesPage = false;
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
    const at = Date.now() + delay;
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
      const wait = nextAttemptAt - Date.now();
      if (wait > 0) {
        outbox.save();
        wake(wait);
        return;
      }
      inFlight = outbox.batch(maxBatchSize);
      if (!inFlight.length) return;
      // A keepalive request fails when the page's own have used up the quota, so a retry goes without.
      outlivesPage = failures === 0 && "keepalive" in Request.prototype;
      const outcome = await post(settings.url, envelope(inFlight), outlivesPage);
      const batch = inFlight;
      inFlight = [];
      const isDone = handleOutcome(batch, outcome);
      if (isDone && !draining && outbox.size < BATCH_SIZE) break;
    }
    if (outbox.size) wake(FLUSH_INTERVAL_MS);
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
      const reason = outcome.kind === "rejected" ? outcome.reason : "HTTP 413: an event is too large";
      logWarning(`${batch.length} event(s) dropped, because the server refused them: ${reason}`);
    }
    return true;
  }

  function postpone(reason: string, afterMs: number): void {
    failures += 1;
    const round = failures % (RETRIES + 1);
    const backoff = round ? 2 ** (round - 1) * 1_000 : PAUSE_MS;
    nextAttemptAt = Date.now() + Math.max(backoff, afterMs) + Math.random() * 0.3 * backoff;
    if (!round) logWarning(`${outbox.size} event(s) could not be sent (${reason}); they are kept and tried again in a minute`);
  }

  function envelope(batch: readonly QueuedEvent[]): string {
    const head = JSON.stringify({
      api_key: settings.project,
      sent_at: new Date().toISOString(),
      ...(outbox.lost && { client_lost: outbox.lost }),
    });
    return `${head.slice(0, -1)},"events":[${batch.map((event) => event.json).join(",")}]}`;
  }

  /**
   * A beacon has no response, so events are removed only while the server has been responding well. Until
   * the first response this is unknown: then they are kept for the next page.
   */
  function handToBrowser(): void {
    const trusted = !failures && (sent > 0 || !inFlight.length);
    let skip = outlivesPage ? inFlight.length : 0;
    let batch: QueuedEvent[];
    while ((batch = outbox.batch(maxBatchSize, skip)).length && beacon(settings.url, envelope(batch))) {
      if (trusted) {
        outbox.remove(batch);
        sent += batch.length;
      } else {
        skip += batch.length;
      }
    }
  }

  function onPageHide(final: boolean): void {
    leaving = final;
    const stored = outbox.save();
    if (final) outbox.leave();
    // The server asked to wait: what is stored can wait for the next page.
    if (stored && Date.now() < nextAttemptAt && !offline) return;
    handToBrowser();
    outbox.save();
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
        logWarning(`${outbox.lost} event(s) lost: more than ${MAX_QUEUED} wait to be sent`);
      }
      if (leaving) onPageHide(true);
      else if (outbox.size >= BATCH_SIZE && Date.now() >= nextAttemptAt) void run();
      else wake(FLUSH_INTERVAL_MS);
    },
    flush,
    onHidden() {
      if (leaving) {
        onPageHide(true);
      } else {
        outbox.save();
        void flush();
      }
    },
    onPageHide,
    onPageShow() {
      leaving = false;
      const onTaken = (): void => {
        wake(FLUSH_INTERVAL_MS);
      };
      outbox.join({ mayKeep, inFlight: () => inFlight.length, onTaken });
      if (outbox.size) wake(FLUSH_INTERVAL_MS);
    },
    onOnline() {
      if (offline) nextAttemptAt = 0;
      void run();
    },
  };
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
