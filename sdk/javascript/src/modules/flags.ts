/** Asks for feature flags, remembers them, and hears of changes by server-sent events. */
import type { Host } from "../modules.js";
import { readObject } from "../storage.js";

/** `true` or `false`, or the key of a variant. */
export type FlagValue = boolean | string;

/** Values to begin with, such as a server has put into the page. */
export interface FlagValues {
  flags: Record<string, FlagValue>;
  payloads?: Record<string, unknown>;
}

/** The flags of the visitor. */
export interface Flags {
  /**
   * Return a flag's value, `undefined` if it has none. A visitor's first reading of a value records `$feature_flag_called`,
   * and the events from then on have the value as `$feature/` and the key.
   */
  value(key: string): FlagValue | undefined;
  /** Return the payload of the flag's value. */
  payload(key: string): unknown;
  /** Call when values have changed. Return a function that ends it. */
  onChange(listener: () => void): () => void;
  /**
   * Ask again, such as after `identify` or `group`. Resolves when the values are there, or could not be had.
   * Properties of groups are given by the group's type: `{company: {plan: "pro"}}`.
   */
  refresh(personProperties?: object, groupProperties?: Record<string, object>): Promise<void>;
}

interface FlagsResponse {
  flags?: Record<string, { enabled: boolean; variant?: string | null; metadata?: { payload?: string | null } }>;
}

export async function start(host: Host): Promise<Flags> {
  const { apiUrl, project, bootstrap } = host.settings;
  const listeners = new Set<() => void>();
  const called = new Set<string>();
  const read = new Set<string>();
  let values: Required<FlagValues> = { flags: {}, payloads: {}, ...bootstrap };
  let person: object = {};
  let known: { groups?: string; properties?: Record<string, object> } = {};

  async function refresh(personProperties: object = person, groupProperties?: Record<string, object>): Promise<void> {
    person = personProperties;
    const distinctId = host.distinctId();
    if (!distinctId) return;
    try {
      // Read where identity.ts keeps them: the core stays small, and another tab may have changed them.
      const { groups = {} } = readObject<{ groups: Record<string, string> }>(host.store, `tidemark:${project}:visitor`);
      const members = JSON.stringify(groups);
      // What is known of a group that the visitor has left must not count for the one of now.
      if (groupProperties || known.groups !== members) known = { groups: members, ...(groupProperties && { properties: groupProperties }) };
      // A text body needs no CORS preflight.
      const body = JSON.stringify({
        token: project, distinct_id: distinctId, person_properties: person, groups, group_properties: known.properties,
      });
      const response = await fetch(new URL("/flags/?v=2", apiUrl), { method: "POST", body, credentials: "omit" });
      const { flags } = (await response.json()) as FlagsResponse;
      if (!response.ok || !flags) return;
      const before = JSON.stringify(values);
      values = { flags: {}, payloads: {} };
      for (const [key, { enabled, variant, metadata }] of Object.entries(flags)) {
        values.flags[key] = enabled && (variant ?? true);
        if (metadata?.payload) values.payloads[key] = JSON.parse(metadata.payload) as unknown;
      }
      for (const key of read) note(key);
      if (JSON.stringify(values) !== before) for (const listener of listeners) listener();
    } catch {
      // The values of before stay in force.
    }
  }

  /** Let events say the value of a flag that the page has read: of those it has not, none depends. */
  function note(key: string): void {
    host.common["$feature/" + key] = values.flags[key];
  }

  function listen(): void {
    const stream = new EventSource(new URL("/ofrep/v1/stream?key=" + encodeURIComponent(project), apiUrl));
    stream.onmessage = () => void refresh();
    // An open stream would keep the page out of the back/forward cache.
    addEventListener("pagehide", () => { stream.close(); }, { once: true });
  }

  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    listen();
    void refresh();
  });
  listen();
  const asked = refresh();
  if (!bootstrap) await asked;

  return {
    value(key) {
      const value = values.flags[key];
      const call = JSON.stringify([host.distinctId(), key, value]);
      if (!called.has(call)) {
        called.add(call);
        host.record("$feature_flag_called", { $feature_flag: key, $feature_flag_response: value ?? null });
        read.add(key);
        note(key);
      }
      return value;
    },
    payload: (key) => values.payloads[key],
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh,
  };
}
