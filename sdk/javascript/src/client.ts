import { address } from "./address.js";
import { createDelivery, type Stats } from "./delivery.js";
import { createIdentity } from "./identity.js";
import { createClock, newId, userIdOf } from "./ids.js";
import type { Host, ModuleName, Started, StartedName } from "./modules.js";
import type { Sender } from "./modules/delivery.js";
import type { Settings } from "./options.js";
import { createOutbox } from "./outbox.js";
import { fields, sanitise } from "./sanitise.js";
import { openStore } from "./storage.js";

// A module that could not be loaded is asked for again.
const RETRY_MS = 60_000;

/** Any object; values that JSON cannot hold are converted or left out. */
export type Properties = object;

/** The methods for a page. None of them throws. */
export interface Methods {
  /** Record an event. The name has 1 to 100 characters. */
  event(name: string, properties?: Properties): void;
  /** Record a page view; needed only with `autoPageView: false`. */
  page(properties?: Properties): void;
  /** Identify the visitor. What they did before as an anonymous visitor is attributed to them. */
  identify(userId: string | number, traits?: Properties): void;
  /** Give the visitor another id, such as the one that an older system knew them by: both are one person. */
  alias(otherId: string | number): void;
  /** Add the visitor to a group, such as `group("company", "acme", {plan: "pro"})`. */
  group(type: string, key: string | number, traits?: Properties): void;
  /** Set properties for every following event, also after a reload. `undefined` removes one. */
  register(properties: Properties): void;
  /** Start a new anonymous visitor in a new session: call it when a user signs out. */
  reset(): void;
  /**
   * Send queued events now, unless the server asked to wait (`Retry-After`). Resolves when they have arrived, or when an
   * attempt has failed; then they stay queued.
   */
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
  const { tell } = settings;
  const clock = createClock();
  const store = openStore(settings.persistence);
  const identity = createIdentity(settings, store);
  const outbox = createOutbox(settings.project, store);
  const isRefused = settings.respectDnt && asksForPrivacy();
  const mayKeep = (): boolean => !isRefused && !identity.optedOut();
  const { sending, leave } = createDelivery(settings, outbox);
  let enabled = true;
  let referrer = document.referrer;
  let url = address();

  function isOn(): boolean {
    return enabled && mayKeep();
  }

  function record(name: string, properties: object): void {
    if (!isOn()) return;
    const { anonymousId, userId, groups, properties: registered } = identity.visitor();
    outbox.insert(outbox.events.length, [{
      event_id: newId(),
      event_name: name,
      timestamp: clock(),
      distinct_id: userId || anonymousId,
      session_id: identity.sessionId(),
      page_url: sanitise(address()) as string,
      referrer: sanitise(referrer) as string,
      source: settings.source,
      // Once more together, because the server's limit counts them together.
      properties: fields({
        ...registered,
        ...host.common,
        ...(Object.keys(groups).length && { $groups: groups }),
        ...fields(properties),
      }),
    }], sending.inFlight);
    if (sending.leaving) leave();
    else sending.onAdded?.();
  }

  function page(properties?: Properties): void {
    record("page_view", {
      title: document.title,
      path: location.pathname,
      screen_width: screen.width,
      screen_height: screen.height,
      language: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...fields(properties),
    });
  }

  function view(): void {
    if (settings.autoPageView) page();
  }

  /** Record the route of a single-page app that is shown now, if it is another one. */
  function followRoute(): void {
    // A moment later: the app has set the new title and finished its redirects.
    setTimeout(() => {
      if (url === address()) return;
      referrer = url;
      url = address();
      view();
    });
  }

  function distinctId(): string {
    if (!isOn()) return "";
    const { userId, anonymousId } = identity.visitor();
    return userId || anonymousId;
  }

  const host: Host = {
    settings,
    store,
    outbox,
    record,
    common: {},
    distinctId,
    sending,
    mayKeep,
  };
  const started: Record<string, Promise<unknown> | undefined> = {};
  let retry: unknown;

  function load(name: StartedName): Promise<unknown> {
    return (started[name] ??= settings.load(name).then(
      (module): unknown => module.start(host),
    ).catch((error: unknown) => {
      started[name] = undefined;
      tell("no-module", name, error);
      // One timer for all: a page may ask for a module again and again.
      retry ??= setTimeout(() => {
        retry = undefined;
        for (const one in started) void load(one as StartedName);
      }, RETRY_MS);
    }));
  }

  /** Load what the page has asked for, and the modules that start by themselves. */
  function loadOwn(): void {
    for (const name of ["delivery", ...settings.modules] as const) void load(name);
  }

  async function flush(): Promise<void> {
    await ((await load("delivery")) as Sender | undefined)?.flush();
  }

  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) view();
  });
  // Here and not in a module: the app may change its route before any module has loaded.
  for (const name of ["pushState", "replaceState"] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const original = history[name];
    history[name] = function (...given): void {
      original.apply(this, given);
      followRoute();
    };
  }
  addEventListener("popstate", followRoute);
  addEventListener("online", loadOwn);
  view();
  loadOwn();

  return {
    event(name, properties) {
      const safe = typeof (name as unknown) === "string" ? (sanitise(name) as string).trim() : "";
      if (!safe || safe.length > 100) tell("event-name", name);
      else record(safe, properties ?? {});
    },
    page,
    identify(userId, traits) {
      const id = userIdOf(userId);
      const before = isOn() && identity.visitor();
      if (!id) tell("user-id", "identify", userId);
      else if (before && (before.userId !== id || traits)) {
        // Another user on the same device: the two must not become one person.
        if (before.userId && before.userId !== id) identity.reset();
        identity.visitor({ userId: id });
        record("$identify", {
          $anon_distinct_id: before.userId ? undefined : before.anonymousId,
          $set: fields(traits),
        });
      }
    },
    alias(otherId) {
      const id = userIdOf(otherId);
      if (id) record("$create_alias", { alias: id });
      else tell("user-id", "alias", otherId);
    },
    group(type, key, traits) {
      const id = userIdOf(key);
      const kind = userIdOf(type);
      if (!id || !kind) tell("group-key", type, key);
      else if (isOn()) {
        identity.visitor({ groups: { ...identity.visitor().groups, [kind]: id } });
        record("$groupidentify", { $group_type: kind, $group_key: id, $group_set: fields(traits) });
      }
    },
    register(properties) {
      // Merged before JSON drops it, an undefined value removes the property.
      if (isOn()) identity.visitor({ properties: fields({ ...identity.visitor().properties, ...properties }) });
    },
    reset: identity.reset,
    flush,
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
    stats: () => ({ sent: sending.sent, waiting: outbox.events.length, refused: sending.refused, lost: outbox.lost }),
    load: load as Methods["load"],
    distinctId,
  };
}

function asksForPrivacy(): boolean {
  return (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl === true || navigator.doNotTrack === "1";
}
