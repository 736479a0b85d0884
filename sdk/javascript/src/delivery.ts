import { openStore, type Store } from "./storage";

/** An event as it travels. Its id is made once, so that resending it is harmless. */
export interface WireEvent {
  event_id: string;
  event_name: string;
  /** ISO 8601, by this device's clock; the batch's `sent_at` tells the server how wrong that is. */
  timestamp: string;
  [field: string]: unknown;
}

export interface DeliveryOptions {
  endpoint: string;
  key: string;
  /** Most events in one request. */
  batchSize: number;
  /** Longest an event waits for company, in milliseconds. */
  flushIntervalMs: number;
  /** Whether unsent events survive the page. */
  keepUnsent: boolean;
}

const MOST_WAITING = 1_000;
const MOST_IN_REQUEST = 50;
const MOST_TRIES = 3;
// Browsers refuse beacons above 64 kB, all of those under way together.
const MOST_BEACON_BYTES = 60_000;
const MOST_STORED_BYTES = 200_000;
const UNSENT = "tidemark.unsent";

/**
 * Holds events until the server has answered for them. One request at a time; failed ones are sent
 * again with growing pauses; what is left when the page closes goes out as a beacon.
 */
export class Delivery {
  /** Events the server has taken since the page was opened. */
  sent = 0;
  /** Events given up: refused by the server, or pushed out of a full queue. */
  lost = 0;

  private waiting: WireEvent[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private underway: Promise<void> | undefined;
  private tries = 0;
  private batchLimit = MOST_IN_REQUEST;
  private readonly store: Store;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly changed: () => void = () => undefined,
  ) {
    this.store = openStore(options.keepUnsent ? "localStorage" : "memory");
    this.waiting = this.takeStored();
    if (this.waiting.length > 0) this.schedule(0);
  }

  /** Queue an event; it is sent with others, soon. */
  add(event: WireEvent): void {
    this.waiting.push(event);
    if (this.waiting.length > MOST_WAITING) this.giveUp(this.waiting.splice(0, 1), "the queue is full");
    if (this.waiting.length >= this.options.batchSize && this.tries === 0) {
      void this.flush();
    } else {
      this.schedule(this.options.flushIntervalMs);
    }
  }

  /** Send what waits. Settles when it was answered, or when it has to wait for another try. */
  flush(): Promise<void> {
    this.underway ??= this.drain().finally(() => {
      this.underway = undefined;
    });
    return this.underway;
  }

  /**
   * The page may be gone any moment: hand everything to the browser. It does not tell whether a
   * beacon arrived, so events are also kept for the next page; if both arrive they count once.
   */
  flushOnExit(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.keep();
    for (let start = 0; start < this.waiting.length; ) {
      const batch = this.fitting(this.waiting.slice(start), MOST_BEACON_BYTES);
      if (!this.beacon(batch)) break;
      start += batch.length;
    }
  }

  /** The page came back after all. */
  resume(): void {
    this.store.remove(UNSENT);
    if (this.waiting.length > 0) this.schedule(this.options.flushIntervalMs);
  }

  private async drain(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, this.batchLimit);
      const pause = await this.send(batch);
      if (pause !== undefined) {
        this.keep();
        this.schedule(pause);
        return;
      }
    }
    this.store.remove(UNSENT);
  }

  /** Send a batch; answers the milliseconds to wait before it is worth another try, if it is. */
  private async send(batch: WireEvent[]): Promise<number | undefined> {
    let response: Response;
    try {
      response = await fetch(this.options.endpoint, {
        method: "POST",
        // Plain text needs no CORS preflight; the key travels in the body for the same reason.
        headers: { "Content-Type": "text/plain" },
        body: this.body(batch),
        credentials: "omit",
      });
    } catch {
      return this.retryPause(null);
    }
    if (response.ok) {
      this.settle(batch);
      this.sent += batch.length;
      await this.reportDropped(response);
      this.changed();
      return undefined;
    }
    if (response.status === 413 && batch.length > 1) {
      this.batchLimit = Math.ceil(batch.length / 2);
      return 0;
    }
    if (response.status >= 500 || response.status === 429 || response.status === 408) {
      return this.retryPause(response.headers.get("Retry-After"));
    }
    this.settle(batch);
    this.giveUp(batch, await reason(response));
    return undefined;
  }

  private settle(batch: WireEvent[]): void {
    const done = new Set(batch);
    this.waiting = this.waiting.filter((event) => !done.has(event));
    this.tries = 0;
  }

  /** 2, 4, 8 seconds and a bit, then once a minute; or what the server asks for. */
  private retryPause(retryAfter: string | null): number {
    this.tries += 1;
    const asked = Number(retryAfter);
    const backoff = this.tries <= MOST_TRIES ? 2 ** this.tries * 1_000 : 60_000;
    return Math.max(asked > 0 ? asked * 1_000 : 0, backoff) * (1 + Math.random() * 0.2);
  }

  private schedule(milliseconds: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, milliseconds);
  }

  private body(events: WireEvent[]): string {
    return JSON.stringify({ api_key: this.options.key, sent_at: new Date().toISOString(), events });
  }

  private fitting(events: WireEvent[], bytes: number): WireEvent[] {
    let batch = events.slice(0, MOST_IN_REQUEST);
    while (batch.length > 1 && new Blob([this.body(batch)]).size > bytes) {
      batch = batch.slice(0, Math.ceil(batch.length / 2));
    }
    return batch;
  }

  private beacon(events: WireEvent[]): boolean {
    const body = new Blob([this.body(events)], { type: "text/plain" });
    try {
      if (navigator.sendBeacon(this.options.endpoint, body)) return true;
      void fetch(this.options.endpoint, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(
        () => undefined,
      );
      return true;
    } catch {
      return false;
    }
  }

  /** Keep what is unsent for the next page, as far as there is room. */
  private keep(): void {
    let events = this.waiting;
    let text = JSON.stringify(events);
    while (text.length > MOST_STORED_BYTES) {
      events = events.slice(Math.ceil(events.length / 2));
      text = JSON.stringify(events);
    }
    if (events.length > 0) this.store.set(UNSENT, text);
  }

  private takeStored(): WireEvent[] {
    const text = this.store.get(UNSENT);
    this.store.remove(UNSENT);
    try {
      const events: unknown = JSON.parse(text ?? "[]");
      return Array.isArray(events) ? (events as WireEvent[]).slice(-MOST_WAITING) : [];
    } catch {
      return [];
    }
  }

  private giveUp(events: WireEvent[], why: string): void {
    this.lost += events.length;
    console.warn(`[tidemark] ${events.length} event(s) were not taken: ${why}`);
    this.changed();
  }

  /** An accepted request can hold events that were refused; say so where a developer looks. */
  private async reportDropped(response: Response): Promise<void> {
    const answer = (await response.json().catch(() => null)) as {
      results?: { status: string; message?: string }[];
    } | null;
    const dropped = answer?.results?.filter((result) => result.status === "dropped") ?? [];
    if (dropped.length === 0) return;
    this.sent -= dropped.length;
    this.lost += dropped.length;
    console.warn(`[tidemark] ${dropped.length} event(s) were dropped: ${dropped[0]?.message ?? "no reason given"}`);
  }
}

async function reason(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => null)) as { message?: string } | null;
  return answer?.message ?? `the server answered ${response.status}`;
}
