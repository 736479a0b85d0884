import type { Load, ModuleName, Tell } from "./modules.js";
import type { FlagValues } from "./modules/flags.js";

/** Options of `init({...})`, or of the script tag as `data-*` attributes. */
export interface Options {
  /** The project's public key, `pk_…`. Public keys only write, so they may stand in a page. */
  project: string;
  /** Origin of the Tidemark installation, such as `https://stats.example.com`. Default: the script's, else the page's. */
  apiUrl?: string | undefined;
  /** Path of the ingest endpoint below `apiUrl`; change it when a blocker knows the usual one. */
  endpoint?: string | undefined;
  /** Which app or site the events come from. Default `"web"`. */
  source?: string | undefined;
  /** Record a `page_view` on load and on each route change. Default `true`. */
  autoPageView?: boolean | undefined;
  /** Record nothing for visitors who send Do Not Track or Global Privacy Control. Default `false`. */
  respectDnt?: boolean | undefined;
  /** Where the anonymous id and unsent events are kept. Default `"localStorage"`, with IndexedDB for unsent events. */
  persistence?: Persistence | undefined;
  /** Minutes without an event after which a new session begins. Default 60. */
  sessionTimeoutMinutes?: number | undefined;
  /** Modules to load and start, such as `["links", "vitals"]`. Default none. */
  modules?: ModuleName[] | undefined;
  /** Values of feature flags until the server has answered. */
  bootstrap?: FlagValues | undefined;
}

/** `"memory"` forgets everything when the page is left, the session included. */
export type Persistence = "localStorage" | "sessionStorage" | "memory";

/** Options with the defaults filled in. */
export interface Settings {
  project: string;
  apiUrl: string;
  /** Of the ingest endpoint. */
  url: string;
  source: string;
  autoPageView: boolean;
  respectDnt: boolean;
  persistence: Persistence;
  sessionTimeoutMinutes: number;
  modules: ModuleName[];
  bootstrap: FlagValues | undefined;
  load: Load;
  tell: Tell;
}

/** What `resolveOptions` takes: options, or the texts of a script tag's attributes. */
export type Given = { [Name in keyof Options]?: Options[Name] | string } & { sessionTimeout?: string };

/** Fill in the defaults. */
export function resolveOptions(load: Load, tell: Tell, given: Given = {}): Settings {
  const apiUrl = text(given.apiUrl) || location.origin;
  return {
    project: text(given.project),
    apiUrl,
    url: new URL(text(given.endpoint) || "/api/v1/events/ingest", new URL(apiUrl, location.href)).href,
    source: text(given.source) || "web",
    autoPageView: isOn(given.autoPageView ?? true),
    respectDnt: isOn(given.respectDnt ?? false),
    persistence: (given.persistence || "localStorage") as Persistence,
    sessionTimeoutMinutes: Number(given.sessionTimeoutMinutes ?? given.sessionTimeout) || 60,
    modules: (String(given.modules ?? "").match(/[a-z]+/g) ?? []) as ModuleName[],
    bootstrap: given.bootstrap as FlagValues | undefined,
    load,
    tell,
  };
}

function text(given: unknown): string {
  return typeof given === "string" ? given.trim() : "";
}

function isOn(given: boolean | string): boolean {
  return String(given) !== "false";
}
