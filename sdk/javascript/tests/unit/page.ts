import { vi } from "vitest";
import type { Load } from "../../src/modules.js";
import * as delivery from "../../src/modules/delivery.js";
import * as messages from "../../src/modules/messages.js";
import type { Options } from "../../src/options.js";
import type { TrackedEvent } from "../../src/outbox.js";
import { createTidemark, type Tidemark } from "../../src/tidemark.js";

/** One request as the server would see it. */
export interface Received {
  url: string;
  api_key: string;
  sent_at: string;
  client_lost?: number;
  events: TrackedEvent[];
  via: "fetch" | "beacon";
  init: RequestInit;
}

export type Reply = () => Response | Promise<Response>;

export const taken: Reply = () => Response.json({ accepted: 1, dropped: 0, results: [] }, { status: 202 });

export const failing = (status: number, message = "no", headers: Record<string, string> = {}): Reply =>
  () => Response.json({ code: status, message }, { status, headers });

export const noAnswer: Reply = () => Promise.reject(new TypeError("Failed to fetch"));

const files = { delivery, messages };

/** Loads modules as a bundler would have put them into the page. */
export const load = ((name: keyof typeof files) => Promise.resolve(files[name])) as Load;

/** A page with a network that answers as told. Everything behind `fetch` and `sendBeacon` is the real SDK. */
export class Page {
  readonly received: Received[] = [];
  replies: Reply[] = [];
  reply: Reply = taken;
  beaconAccepts = true;

  constructor() {
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      this.note("fetch", url, init);
      return (this.replies.shift() ?? this.reply)();
    });
    // happy-dom does not know this part of the Fetch standard.
    Object.defineProperty(Request.prototype, "keepalive", { configurable: true, value: false });
    Object.defineProperty(navigator, "sendBeacon", {
      configurable: true,
      value: (url: string, body: string) => {
        if (this.beaconAccepts) this.note("beacon", url, { body });
        return this.beaconAccepts;
      },
    });
  }

  private note(via: Received["via"], url: string, init: RequestInit): void {
    const body = JSON.parse(init.body as string) as Omit<Received, "url" | "via" | "init">;
    this.received.push({ ...body, url, via, init });
  }

  /** A running SDK without automatic page views, unless asked for. */
  start(options: Partial<Options> = {}, loadModule = load): Tidemark {
    const tidemark = createTidemark(loadModule);
    tidemark.init({ project: "pk_test", apiUrl: "https://stats.example", autoPageView: false, ...options });
    return tidemark;
  }

  get events(): TrackedEvent[] {
    return this.received.flatMap((request) => request.events);
  }

  get names(): string[] {
    return this.events.map((event) => event.event_name);
  }

  get last(): TrackedEvent {
    const event = this.events.at(-1);
    if (!event) throw new Error("nothing was received");
    return event;
  }
}

export function setVisibility(state: "hidden" | "visible"): void {
  Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** Waits on the SDK's clock; what is awaited in between is carried out. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}
