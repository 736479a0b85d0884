/**
 * Sends the outbox to the server, one request at a time, and starts the journal. A module of its own, because a page
 * records, stores and is left without it.
 */
import { envelope, firstOf } from "../delivery.js";
import type { Host } from "../modules.js";
import type { QueuedEvent } from "../outbox.js";
import { post, waitOf, type Answer } from "../request.js";
import { keepJournal } from "./journal.js";

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MAX_BATCH_SIZE = 50;
const RETRIES = 3;
// Pause after the retries have failed too. The events stay in the outbox.
const PAUSE_MS = 60_000;

/** What the module offers to the core. */
export interface Sender {
  /**
   * Send the whole outbox now, also during the pause after a failure, unless the server named the pause by `Retry-After`.
   * Resolves when the outbox has arrived, or when an attempt has failed; then its events wait for the next one.
   */
  readonly flush: () => Promise<void>;
}

/** Begin to send, also when the page is hidden or the network is back. */
export function start({ settings, outbox, sending, ...host }: Host): Sender {
  let running: Promise<void> | undefined;
  let draining = false;
  let failures = 0;
  let offline = false;
  let nextAttemptAt = 0;
  // Until when the server asked to wait, by Retry-After.
  let serverWaitEndsAt = 0;
  let maxBatchSize = MAX_BATCH_SIZE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wakeAt = Infinity;
  let toldLost = 0;

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
      sending.inFlight = batch.length;
      // A keepalive request fails when the page's own have used up the quota, so a retry goes without.
      const outlivesPage = !failures && "keepalive" in Request.prototype;
      sending.handed = new Set(outlivesPage ? batch : []);
      const answer = await post(settings.url, envelope(settings, outbox, batch), outlivesPage);
      sending.inFlight = 0;
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
      const now = performance.now();
      serverWaitEndsAt = now + waitOf(retryAfter);
      nextAttemptAt = Math.max(now + backoff, serverWaitEndsAt) + Math.random() * 0.3 * backoff;
      sending.restUntil = offline ? 0 : nextAttemptAt;
      if (!round) settings.tell("waiting", outbox.events.length, status, body);
      return false;
    }
    failures = sending.restUntil = 0;
    if (status === 413 && batch.length > 1) {
      maxBatchSize = Math.ceil(batch.length / 2);
      return false;
    }
    outbox.remove(batch);
    const dropped = status < 300 ? [body.results ?? []].flat().filter((result) => result.status === "dropped") : batch;
    sending.refused += dropped.length;
    sending.sent += batch.length - dropped.length;
    if (dropped.length) settings.tell("refused", dropped.length, status, body);
    else maxBatchSize = MAX_BATCH_SIZE;
    return true;
  }

  function onAdded(): void {
    // Of many, the first and then every hundredth is said.
    if (outbox.lost > toldLost) {
      settings.tell("lost", outbox.lost);
      toldLost = outbox.lost + 99;
    }
    wake(FLUSH_INTERVAL_MS);
    if (outbox.events.length >= BATCH_SIZE && performance.now() >= nextAttemptAt) void run();
  }

  function drain(): Promise<void> {
    draining = true;
    return run();
  }

  function flush(): Promise<void> {
    nextAttemptAt = Math.min(nextAttemptAt, serverWaitEndsAt);
    return drain();
  }

  document.addEventListener("visibilitychange", () => {
    // The page may be closed at any moment.
    if (document.visibilityState === "hidden" && !sending.leaving) {
      outbox.save();
      void drain();
    }
  });
  addEventListener("pageshow", () => {
    wake(FLUSH_INTERVAL_MS);
  });
  addEventListener("online", () => {
    if (offline) nextAttemptAt = 0;
    void run();
  });
  sending.onAdded = onAdded;
  sending.drain = drain;
  keepJournal({ settings, outbox, ...host }, (events) => {
    // Before those that this page has not begun to send.
    outbox.insert(sending.inFlight, events, sending.inFlight);
    // Under its own key the copy is safe before the other is removed.
    outbox.save();
    onAdded();
  });
  // What was recorded while this file was loading.
  if (outbox.events.length) onAdded();
  return { flush };
}
