import { complain } from "./console.js";
import { createDelivery } from "./delivery.js";
import { createIdentity } from "./identity.js";
import { newId, userIdOf } from "./ids.js";
import type { Settings } from "./options.js";
import { createOutbox } from "./outbox.js";
import { followPages } from "./pages.js";
import { sanitise, type Json } from "./sanitise.js";
import { openStore } from "./storage.js";

/** Any object; what JSON cannot hold is made safe or left out. */
export type Properties = object;

/** Counts of events since the page loaded. */
export interface Stats {
  /** Taken by the server, or handed to the browser as the page was left. */
  sent: number;
  /** Waiting to be sent. */
  waiting: number;
  /** Not taken by the server; the console says why. */
  refused: number;
  /** Given up because more than 1,000 were waiting. */
  lost: number;
}

/** What a page can do with Tidemark. No method throws. */
export interface Methods {
  /** Records that something happened. The name has 1 to 100 characters. */
  event(name: string, properties?: Properties): void;
  /** Records a page view; needed only with `autoPageView: false`. */
  page(properties?: Properties): void;
  /** Says who the visitor is. What they did before as an anonymous visitor becomes theirs. */
  identify(userId: string | number, traits?: Properties): void;
  /** Says that the visitor belongs to a group, such as `group("company", "acme", {plan: "pro"})`. */
  group(type: string, key: string | number, traits?: Properties): void;
  /** Properties for every following event, also after a reload. `undefined` removes one. */
  register(properties: Properties): void;
  /** A new anonymous visitor in a new session: for log-out. */
  reset(): void;
  /** Sends what waits now. */
  flush(): Promise<void>;
  /** Records nothing from now on, on later visits too, and forgets the visitor's ids and unsent events. */
  optOut(): void;
  /** Takes back `optOut`. */
  optIn(): void;
  /** Switches recording off or on until the page is left. */
  setEnabled(enabled: boolean): void;
  stats(): Stats;
}

/** Starts recording for one project. */
export function createClient(settings: Settings): Methods {
  const store = openStore(settings.persistence);
  const identity = createIdentity(settings, store);
  const outbox = createOutbox(settings.project, store);
  const delivery = createDelivery(settings, outbox);
  let enabled = !(settings.respectDnt && asksForPrivacy());
  const pages = followPages(() => {
    if (settings.autoPageView) page();
  });

  function isOn(): boolean {
    return enabled && !identity.optedOut();
  }

  function record(name: string, properties: object): void {
    if (!isOn()) return;
    const { anonymousId, userId, groups, properties: registered } = identity.visitor();
    delivery.add({
      event_id: newId(),
      event_name: name,
      timestamp: new Date().toISOString(),
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

  watchPage(delivery, () => {
    if (settings.autoPageView) page();
  });
  // What an earlier page left behind; unless the visitor has said no since.
  if (isOn()) delivery.comeBack();
  else outbox.clear();

  return {
    event(name, properties) {
      const given: unknown = name;
      const safe = typeof given === "string" ? text(given).trim() : "";
      if (!safe || safe.length > 100) {
        complain(`event() needs a name of 1 to 100 characters; got ${JSON.stringify(sanitise(given))}. Nothing was recorded.`);
        return;
      }
      record(safe, properties ?? {});
    },
    page,
    identify(userId, traits) {
      const id = userIdOf(userId);
      if (!id) {
        complain(`identify() needs the id of one particular user; got ${JSON.stringify(sanitise(userId))}. Call it when the user is known.`);
        return;
      }
      if (!isOn()) return;
      const before = identity.visitor();
      if (before.userId === id && !traits) return;
      // Another user on the same device: the two must not become one person.
      if (before.userId && before.userId !== id) identity.forget();
      identity.remember({ userId: id });
      record("$identify", {
        ...(!before.userId && { $anon_distinct_id: before.anonymousId }),
        $set: fields(traits),
      });
    },
    group(type, key, traits) {
      const id = userIdOf(key);
      const kind = userIdOf(type);
      if (!id || !kind) {
        complain(`group() needs a type and a key; got ${JSON.stringify(sanitise([type, key]))}.`);
        return;
      }
      if (!isOn()) return;
      identity.remember({ groups: { ...identity.visitor().groups, [kind]: id } });
      record("$groupidentify", { $group_type: kind, $group_key: id, $group_set: fields(traits) });
    },
    register(properties) {
      if (!isOn()) return;
      // Merged before JSON drops it, an undefined value removes the property.
      const merged: object = { ...identity.visitor().properties, ...properties };
      identity.remember({ properties: fields(merged) });
    },
    reset() {
      identity.forget();
    },
    flush: () => delivery.flush(),
    optOut() {
      identity.setOptedOut(true);
      outbox.clear();
    },
    optIn() {
      identity.setOptedOut(false);
    },
    setEnabled(on) {
      enabled = on;
    },
    stats() {
      const [sent, refused] = delivery.counts();
      return { sent: sent - refused, waiting: outbox.size, refused, lost: outbox.lost };
    },
  };
}

/** Sends when the page is hidden or left, and records the first view of the page. */
function watchPage(delivery: ReturnType<typeof createDelivery>, onView: () => void): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") delivery.hide();
  });
  addEventListener("pagehide", () => {
    delivery.leave(true);
  });
  addEventListener("beforeunload", () => {
    // The visitor may still decide to stay.
    delivery.leave(false);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    delivery.comeBack();
    onView();
  });
  addEventListener("online", () => {
    delivery.online();
  });
  // A page that the browser renders ahead has not been seen yet.
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener("prerenderingchange", onView, { once: true });
  } else {
    onView();
  }
}

function asksForPrivacy(): boolean {
  const { doNotTrack, globalPrivacyControl } = navigator as { doNotTrack?: unknown; globalPrivacyControl?: unknown };
  return globalPrivacyControl === true || doNotTrack === "1";
}

function text(given: string): string {
  return sanitise(given) as string;
}

function fields(given: unknown): Record<string, Json> {
  const safe = sanitise(given);
  return typeof safe === "object" && safe !== null && !Array.isArray(safe) ? safe : {};
}
