/** The outcome of one request. */
export type Outcome =
  /** The server holds the events; `refused` has the reason for each event that it dropped. */
  | { kind: "accepted"; refused: string[] }
  /** Try again: after `afterMs` if the server asked for it. `network`: there was no response at all. */
  | { kind: "retry"; reason: string; afterMs: number; network: boolean }
  /** The request is too large: try again with fewer events. */
  | { kind: "too_large" }
  /** The server will never accept these events. */
  | { kind: "rejected"; reason: string };

interface ResponseBody {
  message?: string;
  results?: { status?: string; reason?: string; message?: string }[];
}

// Long enough for a slow phone network; without it a request that hangs would hold up all others.
const TIMEOUT_MS = 15_000;

/**
 * Post a body and interpret the response. Never throws.
 *
 * A text body is a "simple request" (Fetch standard): the browser asks no permission with an OPTIONS request first.
 * With `keepalive` the request continues after the page is left.
 */
export async function post(url: string, body: string, keepalive: boolean): Promise<Outcome> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      keepalive,
      credentials: "omit",
      signal: abort.signal,
    });
    const answer = await response.json().then(
      (value) => (value ?? {}) as ResponseBody,
      (): ResponseBody => ({}),
    );
    return read(response, answer);
  } catch {
    return { kind: "retry", reason: "no answer from " + url, afterMs: 0, network: true };
  } finally {
    clearTimeout(timer);
  }
}

function read(response: Response, body: ResponseBody): Outcome {
  const { status } = response;
  if (response.ok) {
    const refused = (body.results ?? []).filter((result) => result.status === "dropped");
    return { kind: "accepted", refused: refused.map((result) => result.message ?? result.reason ?? "no reason given") };
  }
  if (status === 413) return { kind: "too_large" };
  const reason = `HTTP ${status}${body.message ? ": " + body.message : ""}`;
  if (status >= 500 || status === 408 || status === 429) {
    return { kind: "retry", reason, afterMs: retryAfter(response.headers.get("Retry-After")), network: false };
  }
  return { kind: "rejected", reason };
}

/** Milliseconds of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3). Capped at one hour. */
function retryAfter(value: string | null): number {
  if (!value) return 0;
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Math.min(Math.max(wait || 0, 0), 3_600_000);
}
