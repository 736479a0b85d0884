/** What became of one request. */
export type Outcome =
  /** The server holds the events; `refused` says why it did not want some of them. */
  | { kind: "taken"; refused: string[] }
  /** Try again; `afterMs` is what the server asked for, `network` that no answer came at all. */
  | { kind: "later"; reason: string; afterMs: number; network: boolean }
  /** Too large: try with fewer events. */
  | { kind: "smaller" }
  /** The server will never take it. */
  | { kind: "never"; reason: string };

interface Answer {
  message?: string;
  results?: { status?: string; reason?: string; message?: string }[];
}

// Long enough for a slow phone network; without it a request that hangs would hold up all others.
const TIME_OUT_MS = 15_000;

/**
 * Posts a body and reads the answer. Never throws.
 *
 * A text body is a "simple request" (Fetch standard): the browser asks no permission with an OPTIONS request first.
 * With `keepalive` it goes on when the page is left.
 */
export async function post(url: string, body: string, keepalive: boolean): Promise<Outcome> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, TIME_OUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      keepalive,
      credentials: "omit",
      signal: abort.signal,
    });
    const answer = await response.json().then(
      (value) => (value ?? {}) as Answer,
      (): Answer => ({}),
    );
    return read(response, answer);
  } catch {
    return { kind: "later", reason: "no answer from " + url, afterMs: 0, network: true };
  } finally {
    clearTimeout(timer);
  }
}

function read(response: Response, answer: Answer): Outcome {
  const { status } = response;
  if (response.ok) {
    const refused = (answer.results ?? []).filter((result) => result.status === "dropped");
    return { kind: "taken", refused: refused.map((result) => result.message ?? result.reason ?? "no reason given") };
  }
  if (status === 413) return { kind: "smaller" };
  const reason = `HTTP ${status}${answer.message ? ": " + answer.message : ""}`;
  if (status >= 500 || status === 408 || status === 429) {
    return { kind: "later", reason, afterMs: retryAfter(response.headers.get("Retry-After")), network: false };
  }
  return { kind: "never", reason };
}

/** Milliseconds of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3). At most an hour is believed. */
function retryAfter(value: string | null): number {
  if (!value) return 0;
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Math.min(Math.max(wait || 0, 0), 3_600_000);
}
