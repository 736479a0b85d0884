import type { Middleware } from "openapi-fetch";

const REFRESH = "/api/v1/auth/refresh";
const WITHOUT_RENEWAL = new Set([REFRESH, "/api/v1/auth/login", "/api/v1/auth/register"]);
const RENEWED_AT = "tidemark.renewed-at";

interface Sent {
  request: Request;
  /** Milliseconds since 1970. */
  at: number;
}

const sent = new Map<string, Sent>();
let renewal: Promise<boolean> | undefined;

/**
 * An access token lasts half an hour. On a 401 the login is renewed once and the request repeated.
 *
 * Renewing replaces both tokens, and a refresh token used twice ends the login. So requests of this
 * page share one renewal, pages take turns, and whoever was sent before a renewal uses its result.
 */
export const sessionRenewal: Middleware = {
  onRequest({ request, id }) {
    sent.set(id, { request: request.clone(), at: Date.now() });
  },
  async onResponse({ request, response, id }) {
    const original = sent.get(id);
    sent.delete(id);
    if (response.status !== 401 || !original) return undefined;
    if (WITHOUT_RENEWAL.has(new URL(request.url).pathname)) return undefined;
    return (await renewedSince(original.at)) ? fetch(original.request) : undefined;
  },
  onError({ id }) {
    sent.delete(id);
  },
};

/** Whether there is a login newer than a moment, renewing it if need be. */
function renewedSince(moment: number): Promise<boolean> {
  renewal ??= inTurn(async () => {
    if (lastRenewal() >= moment) return true;
    const answer = await fetch(REFRESH, { method: "POST" });
    // Only 401 says that the login has ended; anything else is a failure to report as such.
    if (answer.status === 401) return false;
    if (!answer.ok) throw new Error(`Renewing the login failed with ${answer.status}`);
    localStorage.setItem(RENEWED_AT, String(Date.now()));
    return true;
  }).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

/** Pages of one browser share the cookies, so only one of them may renew at a time. */
function inTurn(task: () => Promise<boolean>): Promise<boolean> {
  // Only pages served over HTTPS or from this machine have locks.
  const { locks } = navigator as { locks?: LockManager };
  return locks ? locks.request(REFRESH, task).then((renewed) => renewed) : task();
}

/** Milliseconds since 1970; 0 when unknown, or in the future because a clock was set back. */
function lastRenewal(): number {
  const at = Number(localStorage.getItem(RENEWED_AT) ?? 0);
  return at <= Date.now() ? at : 0;
}
