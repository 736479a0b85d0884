import { withExactIntegers } from "./exactIntegers";
import { whilePending } from "./pendingRequests";

/** How long a request may take, in milliseconds: more than the 20 s of a statement, after which the server says what to change. */
const MAX_MS = { GET: 30_000, POST: 60_000 };

/** Send a request, and give up after a time. `fetch` is looked up at each call, so that tests can replace the network. */
export function send(request: Request): Promise<Response> {
  const limit = request.method === "GET" ? MAX_MS.GET : MAX_MS.POST;
  return whilePending(
    request.url,
    withinTime(limit, async (signal) => withExactIntegers(await fetch(request, { signal })), request.signal),
  );
}

/**
 * Run a task whose signal aborts after a time, or when the caller's signal does.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` would do it, but browsers of 2023 lack one or both.
 *
 * @throws DOMException named TimeoutError when the time is over.
 */
export async function withinTime<Result>(
  milliseconds: number,
  task: (signal: AbortSignal) => Promise<Result>,
  caller?: AbortSignal,
): Promise<Result> {
  const controller = new AbortController();
  // eslint-disable-next-line local/no-literal-text -- the name that AbortSignal.timeout gives it
  const timeout = new DOMException("", "TimeoutError");
  // Not cleared when the task is done: the body of its response may still be on its way.
  setTimeout(() => {
    controller.abort(timeout);
  }, milliseconds);
  const abort = () => {
    controller.abort(caller?.reason);
  };
  if (caller?.aborted) abort();
  caller?.addEventListener("abort", abort);
  try {
    return await task(controller.signal);
  } catch (error) {
    // Older browsers reject with an AbortError, whatever the reason.
    throw controller.signal.reason === timeout ? timeout : error;
  }
}
