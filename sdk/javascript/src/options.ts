/** Options of `init({...})`, or of the script tag as `data-*` attributes. */
export interface Options {
  /** The project's public key, `pk_…`. Public keys only write, so they may stand in a page. */
  project: string;
  /** Origin of the Tidemark installation, such as `https://stats.example.com`. Default: the script's, else the page's. */
  apiUrl?: string;
  /** Path of the ingest endpoint below `apiUrl`; change it when a blocker knows the usual one. */
  endpoint?: string;
  /** Which app or site the events come from. Default `"web"`. */
  source?: string;
  /** Record a `page_view` on load and on each route change. Default `true`. */
  autoPageView?: boolean;
  /** Record nothing for visitors who send Do Not Track or Global Privacy Control. Default `false`. */
  respectDnt?: boolean;
  /** Where the anonymous id and unsent events are kept. Default `"localStorage"`. */
  persistence?: Persistence;
  /** Minutes without an event after which a new session begins. Default 60. */
  sessionTimeoutMinutes?: number;
}

/** `"memory"` forgets everything when the page is left, the session included. */
export type Persistence = "localStorage" | "sessionStorage" | "memory";

/** Options with the defaults filled in. */
export type Settings = Required<Options> & { url: string };

/**
 * Fill in the defaults.
 *
 * @throws TypeError that names the missing or invalid option.
 */
export function resolveOptions(options: Partial<Options> = {}): Settings {
  const project: unknown = options.project;
  if (typeof project !== "string" || !project.trim()) {
    throw new TypeError("project is missing: give the project's public key (pk_…), found in the project's settings");
  }
  if (project.startsWith("sk_")) {
    throw new TypeError("project is a secret key (sk_…), which must not be in a page: use the public key (pk_…) and rotate the secret key");
  }
  const apiUrl = options.apiUrl ?? location.origin;
  const endpoint = options.endpoint ?? "/api/v1/events/ingest";
  return {
    project: project.trim(),
    apiUrl,
    endpoint,
    url: new URL(endpoint, new URL(apiUrl, location.href)).href,
    source: options.source ?? "web",
    autoPageView: options.autoPageView ?? true,
    respectDnt: options.respectDnt ?? false,
    persistence: options.persistence ?? "localStorage",
    sessionTimeoutMinutes: options.sessionTimeoutMinutes ?? 60,
  };
}

/** Read the `data-*` attributes of the SDK's own script tag; `null` without `data-project`. */
export function optionsOfScript(script: HTMLScriptElement | null): Options | null {
  const data = script?.dataset;
  if (!script || !data?.project) return null;
  const flag = (value: string): boolean => value !== "false";
  return {
    project: data.project,
    apiUrl: data.apiUrl ?? new URL(script.src || location.href, location.href).origin,
    ...(data.endpoint && { endpoint: data.endpoint }),
    ...(data.source && { source: data.source }),
    ...(data.autoPageView !== undefined && { autoPageView: flag(data.autoPageView) }),
    ...(data.respectDnt !== undefined && { respectDnt: flag(data.respectDnt) }),
    ...(data.persistence && { persistence: data.persistence as Persistence }),
    ...(data.sessionTimeout && { sessionTimeoutMinutes: Number(data.sessionTimeout) || 60 }),
  };
}
