import { logError, logWarning } from "./console.js";
import { createDelivery } from "./delivery.js";
import { createIdentity } from "./identity.js";
import { createClock, newId, userIdOf } from "./ids.js";
import type { Host, ModuleName, Started } from "./modules.js";
import type { Settings } from "./options.js";
import { createOutbox } from "./outbox.js";
import { followPages } from "./pages.js";
import { sanitise, type Json } from "./sanitise.js";
import { openStore } from "./storage.js";

/** Any object; values that JSON cannot hold are converted or left out. */
export type Properties = object;

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

/** The methods for a page. None of them throws. */
export interface Methods {
  /** Record an event. The name has 1 to 100 characters. */
  event(name: string, properties?: Properties): void;
  /** Record a page view; needed only with `autoPageView: false`. */
  page(properties?: Properties): void;
  /** Identify the visitor. What they did before as an anonymous visitor is attributed to them. */
  identify(userId: string | number, traits?: Properties): void;
  /** Add the visitor to a group, such as `group("company", "acme", {plan: "pro"})`. */
  group(type: string, key: string | number, traits?: Properties): void;
  /** Set properties for every following event, also after a reload. `undefined` removes one. */
  register(properties: Properties): void;
  /** Start a new anonymous visitor in a new session: call it when a user signs out. */
  reset(): void;
  /** Send queued events now. */
  flush(): Promise<void>;
  /** Stop recording, on later visits too, and remove the visitor's ids and unsent events. */
  optOut(): void;
  /** Undo `optOut`. */
  optIn(): void;
  /** Turn recording off or on until the page is left. */
  setEnabled(enabled: boolean): void;
  stats(): Stats;
  /** Load and start a module, once. Resolves to what it offers, or to `undefined` when it could not be loaded. */
  load<Name extends ModuleName>(name: Name): Promise<Started<Name> | undefined>;
  /** The id that events carry: the user's, else the anonymous visitor's; empty while nothing is recorded. */
  distinctId(): string;
}

/** Start recording for one project. */
export function createClient(settings: Settings): Methods {
  const clock = createClock();
  const store = openStore(settings.persistence);
  const identity = createIdentity(settings, store);
  const outbox = createOutbox(settings.project, settings.persistence, store);
  const isRefused = settings.respectDnt && asksForPrivacy();
  const delivery = createDelivery(settings, outbox, () => !isRefused && !identity.optedOut());
  let enabled = !isRefused;
  const pages = followPages(() => {
    // Nobody sees a page that is only prepared; its view is recorded when it is shown.
    if (settings.autoPageView && !isPrerendering()) page();
  });

  function isOn(): boolean {
    return enabled && !identity.optedOut();
  }

  function record(name: string, properties: object): void {
    if (!isOn()) return;
    if (isPrerendering()) {
      const recordThen = (): void => {
        record(name, properties);
      };
      document.addEventListener("prerenderingchange", recordThen, { once: true });
      return;
    }
    const { anonymousId, userId, groups, properties: registered } = identity.visitor();
    delivery.add({
      event_id: newId(),
      event_name: name,
      timestamp: clock(),
      distinct_id: userId || anonymousId,
      session_id: identity.sessionId(),
      page_url: text(pages.url),
      referrer: text(pages.referrer),
      source: settings.source,
      // Once more together, because the server's limit counts them together.
      properties: fields({
        ...registered,
        ...(Object.keys(groups).length && { $groups: groups }),
        ...fields(properties),
      }),
    });
  }

  function page(properties?: Properties): void {
    record("page_view", {
      title: text(document.title),
      path: text(location.pathname),
      screen_width: screen.width,
      screen_height: screen.height,
      language: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...fields(properties),
    });
  }

  const started: Record<string, Promise<unknown>> = {};
  const host: Host = { settings, record, distinctId, flush: () => delivery.flush() };

  function load(name: ModuleName): Promise<unknown> {
    return (started[name] ??= settings.load(name).then(
      (module): unknown => module.start(host),
    ).catch((error: unknown) => {
      Reflect.deleteProperty(started, name);
      logWarning(`module ${name} did not load: ${String(error)}`);
    }));
  }

  function distinctId(): string {
    if (!isOn()) return "";
    const { userId, anonymousId } = identity.visitor();
    return userId || anonymousId;
  }

  for (const name of settings.modules) void load(name);
  watchPage(delivery, () => {
    if (settings.autoPageView) page();
  });
  // Send what an earlier page left behind, or delete it if the visitor has opted out since.
  delivery.onPageShow();

  return {
    event(name, properties) {
      const given: unknown = name;
      const safe = typeof given === "string" ? text(given).trim() : "";
      if (!safe || safe.length > 100) {
        logError(`event() needs a name of 1 to 100 characters, not ${quoted(given)}`);
        return;
      }
      record(safe, properties ?? {});
    },
    page,
    identify(userId, traits) {
      const id = userIdOf(userId);
      if (!id) {
        logError(`identify() needs the id of one user, not ${quoted(userId)}`);
        return;
      }
      if (!isOn()) return;
      const before = identity.visitor();
      if (before.userId === id && !traits) return;
      // Another user on the same device: the two must not become one person.
      if (before.userId && before.userId !== id) identity.reset();
      identity.update({ userId: id });
      record("$identify", {
        ...(!before.userId && { $anon_distinct_id: before.anonymousId }),
        $set: fields(traits),
      });
    },
    group(type, key, traits) {
      const id = userIdOf(key);
      const kind = userIdOf(type);
      if (!id || !kind) {
        logError(`group() needs a type and a key, not ${quoted([type, key])}`);
        return;
      }
      if (!isOn()) return;
      identity.update({ groups: { ...identity.visitor().groups, [kind]: id } });
      record("$groupidentify", { $group_type: kind, $group_key: id, $group_set: fields(traits) });
    },
    register(properties) {
      if (!isOn()) return;
      // Merged before JSON drops it, an undefined value removes the property.
      const merged: object = { ...identity.visitor().properties, ...properties };
      identity.update({ properties: fields(merged) });
    },
    reset() {
      identity.reset();
    },
    flush: () => delivery.flush(),
    optOut() {
      identity.setOptedOut(true);
      outbox.remove(outbox.events);
    },
    optIn() {
      identity.setOptedOut(false);
    },
    setEnabled(on) {
      enabled = on;
    },
    stats() {
      const [sent, refused] = delivery.counts();
      return { sent: sent - refused, waiting: outbox.events.length, refused, lost: outbox.lost };
    },
    load: load as Methods["load"],
    distinctId,
  };
}

/** Whether the browser prepares the page ahead of a visit that may never come. */
function isPrerendering(): boolean {
  return (document as { prerendering?: boolean }).prerendering === true;
}

/** Send when the page is hidden or left, and record the first view of the page. */
function watchPage(delivery: ReturnType<typeof createDelivery>, onView: () => void): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") delivery.onHidden();
  });
  addEventListener("pagehide", () => {
    delivery.onPageHide(true);
  });
  addEventListener("beforeunload", () => {
    // The visitor may still decide to stay.
    delivery.onPageHide(false);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    delivery.onPageShow();
    onView();
  });
  addEventListener("online", () => {
    delivery.onOnline();
  });
  // A page that the browser renders ahead has not been seen yet.
  if (isPrerendering()) {
    document.addEventListener("prerenderingchange", onView, { once: true });
  } else {
    onView();
  }
}

function asksForPrivacy(): boolean {
  const { doNotTrack, globalPrivacyControl } = navigator as { doNotTrack?: unknown; globalPrivacyControl?: unknown };
  return globalPrivacyControl === true || doNotTrack === "1";
}

function quoted(given: unknown): string {
  return JSON.stringify(sanitise(given));
}

function text(given: string): string {
  return sanitise(given) as string;
}

function fields(given: unknown): Record<string, Json> {
  const safe = sanitise(given);
  return typeof safe === "object" && safe !== null && !Array.isArray(safe) ? safe : {};
}
