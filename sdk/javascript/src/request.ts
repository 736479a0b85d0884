import { attempt } from "./attempt.js";

/** The server's answer to one request. */
export interface Answer {
  /** Of HTTP; 0 when there was no answer. */
  status: number;
  body: {
    message?: string;
    results?: { status?: string; reason?: string; message?: string }[];
  };
  /** The header Retry-After. */
  retryAfter?: string | null;
}

// Long enough for a slow phone network; without it a request that hangs would hold up all others.
const TIMEOUT_MS = 15_000;

/**
 * Post a body and read the answer. Never throws.
 *
 * A text body is a "simple request" (Fetch standard): the browser asks no permission with an OPTIONS request first.
 * With `keepalive` the request continues after the page is left.
 */
export async function post(url: string, body: string, keepalive: boolean): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, TIMEOUT_MS);
  try {
    const response = await fetch(url, { ...textRequest(body, keepalive), signal: abort.signal });
    const answer = (await response.json().catch(() => null)) as Answer["body"] | null;
    return { status: response.status, body: answer ?? {}, retryAfter: response.headers.get("Retry-After") };
  } catch {
    return { status: 0, body: {} };
  } finally {
    clearTimeout(timer);
  }
}

/** Give the browser a request that outlives the page. Return whether the browser accepted it. */
export function beacon(url: string, body: string): boolean | undefined {
  return (
    // Missing, or blocked by an extension: the same by fetch.
    attempt(() => navigator.sendBeacon(url, body)) ||
    attempt(() => {
      fetch(url, textRequest(body, true)).catch(() => undefined);
      return true;
    })
  );
}

function textRequest(body: string, keepalive: boolean): RequestInit {
  return { method: "POST", body, keepalive, credentials: "omit" };
}

/** Milliseconds of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3). At most one hour. */
export function waitOf(retryAfter: string | null | undefined): number {
  return Math.min(1_000 * Number(retryAfter) || Date.parse(retryAfter ?? "") - Date.now() || 0, 3_600_000);
}
