import type { Outbox, QueuedEvent } from "./outbox.js";
import { beacon } from "./request.js";
import type { Settings } from "./options.js";

const MAX_BATCH_SIZE = 50;
// Browsers allow 64 kB of beacons and keepalive requests at a time; the rest is for the envelope.
const MAX_BATCH_BYTES = 60_000;

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

/** What the module `delivery` has sent. It sets these; before it has loaded, nothing was sent. */
export interface Sending {
  sent: number;
  refused: number;
  /** How many of the outbox's first events a request without an answer carries. */
  inFlight: number;
  /**
   * What the browser sends even if the page is left now. Without a response it stays in the outbox: the next page sends
   * it again, and the server knows it by its ids.
   */
  handed: Set<QueuedEvent>;
  /** Reading of `performance.now()` before which the server wants no request; 0 where it has not answered. */
  restUntil: number;
  /** The page is left, or kept for the visitor to come back to. */
  leaving: boolean;
  /** Called after an event was queued. */
  onAdded?: () => void;
  /** Send the whole outbox, unless delivery pauses after a failure: for what a page records as it is hidden. */
  drain?: () => Promise<void>;
}

/** Watch for the end of the page, and hand the outbox to the browser then. */
export function createDelivery(settings: Settings, outbox: Outbox): { sending: Sending; leave: () => void } {
  const sending: Sending = { sent: 0, refused: 0, inFlight: 0, handed: new Set(), restUntil: 0, leaving: false };

  /** Store what waits, and hand it to the browser. */
  function leave(): void {
    // The server asked to wait: what is stored can wait for the next page.
    if (outbox.save() && performance.now() < sending.restUntil) return;
    let rest = outbox.events.filter((event) => !sending.handed.has(event));
    while (rest.length) {
      const batch = firstOf(rest, MAX_BATCH_SIZE);
      if (!beacon(settings.url, envelope(settings, outbox, batch))) return;
      for (const event of batch) sending.handed.add(event);
      rest = rest.slice(batch.length);
    }
  }

  addEventListener("pagehide", () => {
    sending.leaving = true;
    leave();
  });
  document.addEventListener("visibilitychange", () => {
    // A hidden page may be closed at any moment. The module reads the answer; until it is there, a beacon must do.
    if (document.visibilityState === "hidden" && !sending.onAdded) leave();
  });
  // The visitor may still decide to stay.
  addEventListener("beforeunload", leave);
  addEventListener("pageshow", () => {
    sending.leaving = false;
  });
  return { sending, leave };
}

/** Return the body of a request that carries the events. */
export function envelope({ project }: Settings, { lost }: Outbox, batch: readonly QueuedEvent[]): string {
  const head = JSON.stringify({
    api_key: project,
    sent_at: new Date().toISOString(),
    client_lost: lost || undefined,
  });
  return `${head.slice(0, -1)},"events":[${batch.map((event) => event.json).join()}]}`;
}

const encoder = new TextEncoder();

/** Return the first events that fit into one request, in UTF-8, which is what the browser's quota counts. */
export function firstOf(events: readonly QueuedEvent[], maxEvents: number): QueuedEvent[] {
  let bytes = 0;
  return events.slice(0, maxEvents).filter(({ json }, index) => (bytes += encoder.encode(json).length + 1) <= MAX_BATCH_BYTES || !index);
}
