import type { Middleware } from "openapi-fetch";
import { send, withinTime } from "./send";

const REFRESH_PATH = "/api/v1/auth/refresh";
const WITHOUT_REFRESH = new Set([REFRESH_PATH, "/api/v1/auth/login", "/api/v1/auth/register"]);
/** Browsers keep it under this name, so that their tabs know of each other's refreshes. */
const REFRESHED_AT = "tidemark.renewed-at";

interface SentRequest {
  request: Request;
  /** Milliseconds since 1970. */
  sentAt: number;
}

const pending = new Map<string, SentRequest>();
let refresh: Promise<boolean> | undefined;

/**
 * Refresh the access token, which is valid for half an hour, on a 401, and repeat the request once.
 *
 * A refresh replaces both tokens, and a refresh token that is used twice ends the session. So the
 * requests of a page share one refresh, tabs take turns, and a request that was sent before another
 * tab's refresh uses its result.
 */
export const tokenRefresh: Middleware = {
  onRequest({ request, id }) {
    pending.set(id, { request: request.clone(), sentAt: Date.now() });
  },
  async onResponse({ request, response, id }) {
    const original = pending.get(id);
    pending.delete(id);
    if (response.status !== 401 || !original) return undefined;
    if (WITHOUT_REFRESH.has(new URL(request.url).pathname)) return undefined;
    return (await refreshedSince(original.sentAt)) ? send(original.request) : undefined;
  },
  onError({ id }) {
    pending.delete(id);
  },
};

const MAX_REFRESH_MS = 15_000;

/** Return whether there are tokens newer than a moment, after refreshing them if necessary. */
function refreshedSince(moment: number): Promise<boolean> {
  refresh ??= oneTabAtATime(async () => {
    if (lastRefresh() >= moment) return true;
    const response = await withinTime(MAX_REFRESH_MS, (signal) => fetch(REFRESH_PATH, { method: "POST", signal }));
    // Only 401 says that the session has ended; any other status is a failure to report.
    if (response.status === 401) return false;
    if (!response.ok) throw new Error(`Refreshing the access token failed with ${response.status}`);
    localStorage.setItem(REFRESHED_AT, String(Date.now()));
    return true;
  }).finally(() => {
    refresh = undefined;
  });
  return refresh;
}

/** Tabs of one browser share the cookies, so only one of them may refresh at a time. */
function oneTabAtATime(task: () => Promise<boolean>): Promise<boolean> {
  // Browsers have locks only on pages from HTTPS or from this machine.
  const { locks } = navigator as { locks?: LockManager };
  return locks ? locks.request(REFRESH_PATH, task).then((isRefreshed) => isRefreshed) : task();
}

/** Milliseconds since 1970; 0 when unknown, or in the future because a clock was set back. */
function lastRefresh(): number {
  const at = Number(localStorage.getItem(REFRESHED_AT) ?? 0);
  return at <= Date.now() ? at : 0;
}
