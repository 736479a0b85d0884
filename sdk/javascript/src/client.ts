import { Delivery, type WireEvent } from "./delivery";
import { Identity } from "./identity";
import { isIdentity, newId } from "./ids";
import { onNavigation } from "./navigation";
import { safeProperties, type Properties } from "./properties";
import { openStore, type Persistence, type Store } from "./storage";

export type { Properties } from "./properties";
export type { Persistence } from "./storage";

/** How the SDK is set up. */
export interface Options {
  /** The project's public key (`pk_…`). */
  key: string;
  /** Where Tidemark is, e.g. `https://events.example.org`; this page's own host when left out. */
  apiUrl?: string;
  /** Path of the endpoint, when the server has it elsewhere. */
  endpoint?: string;
  /** Which of the project's apps sends, e.g. `snake-game`. */
  source?: string;
  /** Send `page_view` on load and on navigation. Default true. */
  autoPageView?: boolean;
  /** Send nothing when the browser asks not to be tracked (DNT or Global Privacy Control). */
  respectDnt?: boolean;
  /** Where the anonymous id is kept. Default `localStorage`. */
  persistence?: Persistence;
  /** Minutes of inactivity after which a session ends. Default 60. */
  sessionTimeoutMinutes?: number;
  /** Events that are sent at once. Default 10. */
  batchSize?: number;
  /** Milliseconds an event waits for others. Default 2000. */
  flushIntervalMs?: number;
}

const OPTED_OUT = "tidemark.opted_out";
const LONGEST_NAME = 100;

/** Sends a page's events. No method throws; what goes wrong is said in the console. */
export class Tidemark {
  private delivery: Delivery | undefined;
  private identity: Identity | undefined;
  private consent: Store = openStore("memory");
  private options: Options | undefined;
  private common: Properties = {};
  private paused = false;

  /** Start sending. A second call is ignored. */
  init(options: Options): void {
    if (this.options) return;
    if (typeof options.key !== "string" || !options.key.startsWith("pk_")) {
      console.error("[tidemark] init needs the project's public key: { key: 'pk_…' }");
      return;
    }
    const persistence = options.persistence ?? "localStorage";
    this.options = options;
    this.consent = openStore(persistence === "memory" ? "memory" : "localStorage");
    this.identity = new Identity(persistence, (options.sessionTimeoutMinutes ?? 60) * 60_000);
    this.delivery = new Delivery(
      {
        endpoint: (options.apiUrl ?? "").replace(/\/+$/, "") + (options.endpoint ?? "/api/v1/events/ingest"),
        key: options.key,
        batchSize: options.batchSize ?? 10,
        flushIntervalMs: options.flushIntervalMs ?? 2_000,
        keepUnsent: persistence === "localStorage",
      },
      () => window.dispatchEvent(new Event("tidemark:delivery")),
    );
    this.watchPage(options.autoPageView ?? true);
  }

  /** Record that something happened. */
  event(name: string, properties?: Properties): void {
    this.record(name, safeProperties(properties ?? {}));
  }

  /** Record a page view; called by itself on load and navigation unless `autoPageView` is false. */
  page(properties?: Properties): void {
    this.record("page_view", {
      title: document.title,
      path: location.pathname,
      screen_width: screen.width,
      screen_height: screen.height,
      language: navigator.language,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...safeProperties(properties ?? {}),
    });
  }

  /** This browser's user is known now; what they did before belongs to them as well. */
  identify(userId: string, traits?: Properties): void {
    if (!this.identity) return;
    if (!isIdentity(userId)) {
      console.error(`[tidemark] identify needs a user's id; ${JSON.stringify(userId)} names nobody`);
      return;
    }
    const anonymousId = this.identity.anonymousId();
    this.identity.become(userId);
    this.record("$identify", { $anon_distinct_id: anonymousId, $set: safeProperties(traits ?? {}) });
  }

  /** This user belongs to a group, such as a company or a guild. */
  group(type: string, key: string, traits?: Properties): void {
    this.record("$groupidentify", {
      $group_type: type,
      $group_key: key,
      $group_set: safeProperties(traits ?? {}),
    });
  }

  /** Properties that every later event of this page carries. */
  register(properties: Properties): void {
    this.common = { ...this.common, ...safeProperties(properties) };
  }

  /** Log-out: forget who this was; the next event begins a new person and session. */
  reset(): void {
    this.identity?.reset();
    this.common = {};
  }

  /** Send what waits; settles when it was answered or has to be tried again later. */
  flush(): Promise<void> {
    return this.delivery?.flush() ?? Promise.resolve();
  }

  /** This browser's user does not want to be measured; remembered over visits. */
  optOut(): void {
    this.consent.set(OPTED_OUT, "1");
  }

  /** They do again. */
  optIn(): void {
    this.consent.remove(OPTED_OUT);
  }

  /** Stop and go on recording, for this page only. */
  setEnabled(enabled: boolean): void {
    this.paused = !enabled;
  }

  /** The id that events are sent under; undefined before `init`. */
  distinctId(): string | undefined {
    return this.identity?.distinctId();
  }

  /** How many events the server has taken from this page, and how many were given up. */
  delivered(): { sent: number; lost: number } {
    return { sent: this.delivery?.sent ?? 0, lost: this.delivery?.lost ?? 0 };
  }

  private record(name: string, properties: Properties): void {
    if (!this.identity || !this.delivery || !this.options) {
      console.warn("[tidemark] init comes before the first event");
      return;
    }
    if (typeof name !== "string" || name.trim() === "" || name.length > LONGEST_NAME) {
      console.error(`[tidemark] an event's name is text of 1 to ${LONGEST_NAME} characters`);
      return;
    }
    if (this.paused || !this.mayMeasure()) return;
    const now = Date.now();
    const event: WireEvent = {
      event_id: newId(now),
      event_name: name,
      timestamp: new Date(now).toISOString(),
      distinct_id: this.identity.distinctId(),
      session_id: this.identity.sessionId(),
      page_url: location.href,
      properties: { ...this.common, ...properties },
    };
    if (document.referrer) event["referrer"] = document.referrer;
    if (this.options.source) event["source"] = this.options.source;
    this.delivery.add(event);
  }

  private mayMeasure(): boolean {
    if (this.consent.get(OPTED_OUT) !== null) return false;
    if (!this.options?.respectDnt) return true;
    const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
    return browser.doNotTrack !== "1" && browser.globalPrivacyControl !== true;
  }

  private watchPage(autoPageView: boolean): void {
    const leave = (): void => this.delivery?.flushOnExit();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") leave();
      else this.delivery?.resume();
    });
    window.addEventListener("pagehide", leave);
    window.addEventListener("beforeunload", leave);
    if (!autoPageView) return;
    this.page();
    onNavigation(() => {
      this.page();
    });
  }
}

/** The one client a page needs. */
export const tidemark = new Tidemark();
