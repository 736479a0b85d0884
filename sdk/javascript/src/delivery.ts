import type { Settings } from "./options.js";
import type { Letter, Outbox, TrackedEvent } from "./outbox.js";
import { post, type Outcome } from "./request.js";
import { warn } from "./console.js";

const BATCH_SIZE = 10;
const FLUSH_INTERVAL_MS = 2_000;
const MOST_IN_REQUEST = 50;
const RETRIES = 3;
// After the retries have failed too. The events stay in the outbox meanwhile.
const REST_MS = 60_000;

/** Brings the outbox to the server, one request at a time. */
export interface Delivery {
  /** How many events were sent, and how many of them the server refused. */
  counts(): [sent: number, refused: number];
  add(event: TrackedEvent): void;
  /** Sends all that waits. Resolves when it has arrived, or when the next attempt has to wait. */
  flush(): Promise<void>;
  /** The page may be gone at any moment: store what waits, and send it in requests that outlive the page. */
  hide(): void;
  /** The page is going: hand everything to the browser. With `final`, later events are handed over at once. */
  leave(final: boolean): void;
  /** The page came back from the back/forward cache. */
  comeBack(): void;
  /** The network is back: no need to wait for the next attempt. */
  online(): void;
}

export function createDelivery(settings: Settings, outbox: Outbox): Delivery {
  let inFlight: Letter[] = [];
  let survives = false;
  let running: Promise<void> | undefined;
  let draining = false;
  let leaving = false;
  let failures = 0;
  let offline = false;
  let notBefore = 0;
  let most = MOST_IN_REQUEST;
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
      const wait = notBefore - Date.now();
      if (wait > 0) {
        outbox.save();
        wake(wait);
        return;
      }
      inFlight = outbox.batch(most);
      if (!inFlight.length) return;
      // A keepalive request fails when the page's own have used up the quota, so a retry goes without.
      survives = failures === 0 && "keepalive" in Request.prototype;
      const outcome = await post(settings.url, envelope(inFlight), survives);
      const letters = inFlight;
      inFlight = [];
      const arrived = conclude(letters, outcome);
      if (arrived && !draining && outbox.size < BATCH_SIZE) break;
    }
    if (outbox.size) wake(FLUSH_INTERVAL_MS);
  }

  /** Answers whether the outbox is done with the letters; else they are to be sent again. */
  function conclude(letters: Letter[], outcome: Outcome): boolean {
    if (outcome.kind === "later") {
      postpone(outcome.reason, outcome.afterMs);
      offline = outcome.network;
      return false;
    }
    failures = 0;
    if (outcome.kind === "smaller" && letters.length > 1) {
      most = Math.ceil(letters.length / 2);
      return false;
    }
    outbox.remove(letters);
    sent += letters.length;
    if (outcome.kind === "taken") {
      most = Math.min(most * 2, MOST_IN_REQUEST);
      refused += outcome.refused.length;
      if (outcome.refused.length) {
        warn(`${outcome.refused.length} event(s) refused: ${[...new Set(outcome.refused)].join(" ")}`);
      }
    } else {
      refused += letters.length;
      const reason = outcome.kind === "never" ? outcome.reason : "HTTP 413: an event is too large";
      warn(`${letters.length} event(s) dropped, because the server refused them: ${reason}`);
    }
    return true;
  }

  function postpone(reason: string, afterMs: number): void {
    failures += 1;
    const round = failures % (RETRIES + 1);
    const backoff = round ? 2 ** (round - 1) * 1_000 : REST_MS;
    notBefore = Date.now() + Math.max(backoff, afterMs) + Math.random() * 0.3 * backoff;
    if (!round) warn(`${outbox.size} event(s) could not be sent (${reason}); they are kept and tried again in a minute`);
  }

  function envelope(letters: readonly Letter[]): string {
    const head = JSON.stringify({
      api_key: settings.project,
      sent_at: new Date().toISOString(),
      ...(outbox.lost && { client_lost: outbox.lost }),
    });
    return `${head.slice(0, -1)},"events":[${letters.map((letter) => letter.json).join(",")}]}`;
  }

  /**
   * No answer comes back, so events are forgotten only while the server has been answering well. As
   * long as the first answer is still awaited nobody knows: then they are kept for the next page.
   */
  function handOver(): void {
    const trusted = !failures && (sent > 0 || !inFlight.length);
    let skip = survives ? inFlight.length : 0;
    let batch: Letter[];
    while ((batch = outbox.batch(most, skip)).length && beacon(settings.url, envelope(batch))) {
      if (trusted) {
        outbox.remove(batch);
        sent += batch.length;
      } else {
        skip += batch.length;
      }
    }
  }

  function leave(final: boolean): void {
    leaving = final;
    const stored = outbox.save();
    // The server asked for patience: what is stored can wait for the next page.
    if (stored && Date.now() < notBefore && !offline) return;
    handOver();
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
        warn(`${outbox.lost} event(s) lost: more than 1,000 wait to be sent`);
      }
      if (leaving) leave(true);
      else if (outbox.size >= BATCH_SIZE && Date.now() >= notBefore) void run();
      else wake(FLUSH_INTERVAL_MS);
    },
    flush,
    hide() {
      if (leaving) {
        leave(true);
      } else {
        outbox.save();
        void flush();
      }
    },
    leave,
    comeBack() {
      leaving = false;
      if (outbox.size) wake(FLUSH_INTERVAL_MS);
    },
    online() {
      if (offline) notBefore = 0;
      void run();
    },
  };
}

/** Gives a request to the browser that outlives the page. Answers whether the browser took it. */
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
