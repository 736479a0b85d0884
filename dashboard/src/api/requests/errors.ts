import { t } from "../../texts";
import type { ErrorCode } from "./client";

/** The status of a request without an answer in time; no HTTP status. */
const TIMED_OUT = -1;

/** Why a request failed, in words for the person at the screen. */
export class ApiError extends Error {
  /**
   * @param status HTTP status; 0 when there was no response at all, -1 when there was none in time.
   * @param message the cause and the next step.
   * @param fields what is wrong with each field of the request.
   * @param requestId what to look for in the server's logs.
   * @param code the cause, for programs; null when the response is not from a service of ours.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string[]> = {},
    readonly requestId?: string,
    readonly code: ErrorCode | null = null,
  ) {
    super(message);
    // eslint-disable-next-line local/no-literal-text -- the name of the class
    this.name = "ApiError";
  }
}

/**
 * What is wrong with one field, to show next to it. The server names the entries of a list by their
 * index (`origins.2`); people count from 1.
 */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const found = Object.entries(error.fields).flatMap(([name, messages]) => {
    if (name === field) return messages;
    const entry = name.startsWith(`${field}.`) ? name.slice(field.length + 1) : "";
    return /^\d+$/.test(entry) ? messages.map((message) => t.errors.entry(Number(entry) + 1, message)) : [];
  });
  return found.length > 0 ? found.join(" ") : undefined;
}

/** What is wrong with each field, by its name; none for an error that names no fields. */
export function fieldErrors(error: unknown): Record<string, string[]> {
  return error instanceof ApiError ? error.fields : {};
}

/** What to say of an error where the errors of the fields `shown` stand at them: the cause, and what is wrong with the other fields. */
export function formMessage(error: unknown, shown: readonly string[]): string {
  if (!(error instanceof Error)) return t.errors.unexpected;
  if (!(error instanceof ApiError)) return error.message;
  const others = Object.entries(error.fields)
    .filter(([name]) => !shown.includes(name.split(".")[0] ?? name))
    .map(([name, messages]) => `${name}: ${messages.join(" ")}`);
  // The message of such an error adds nothing to the messages of its fields.
  const namesFields = hasCode(error, "invalid_fields") && Object.keys(error.fields).length > 0;
  const onlyFields = others.length > 0 ? t.errors.refused : t.errors.fieldsMarked;
  return [namesFields ? onlyFields : error.message, ...others].join(" ");
}

/** Whether the server gave one of these causes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): boolean {
  return error instanceof ApiError && error.code !== null && codes.includes(error.code);
}

/** Whether the server refused the request itself; the same one again would be refused again, or counted against a limit. */
export function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

/** Whether the server did not answer in time: it would hardly answer the same request at once. */
export function isTimeout(error: unknown): boolean {
  return error instanceof ApiError && error.status === TIMED_OUT;
}

/** Whether a part of the server is away or busy; the same request may be answered soon. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 502 && error.status <= 504;
}

/** Whether the server says that nobody is signed in. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

interface FetchResult<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Return the content of a response.
 *
 * @throws ApiError when the server refused, failed or did not respond.
 */
export async function unwrap<T>(call: Promise<FetchResult<T>>): Promise<T> {
  let result: FetchResult<T>;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof DOMException && error.name === "TimeoutError") throw new ApiError(TIMED_OUT, t.errors.timedOut);
    throw new ApiError(0, error instanceof SyntaxError ? t.errors.unreadable : t.errors.unreachable);
  }
  const { response } = result;
  if (response.ok) return result.data as T;
  throw toApiError(result.error, response);
}

/** The body of every error of our services. A proxy in between may send anything else. */
interface ErrorBody {
  code?: unknown;
  message?: unknown;
  errors?: unknown;
  request_id?: unknown;
}

function toApiError(body: unknown, response: Response): ApiError {
  const { code, message, errors, request_id: id }: ErrorBody = typeof body === "object" && body !== null ? body : {};
  const known = typeof code === "string" ? (code as ErrorCode) : null;
  const cause = typeof message === "string" && message ? t.errors.cause(known, message) : statusMessage(response.status);
  return new ApiError(
    response.status,
    [cause, ...retryHint(response)].join(" "),
    fieldMessages(errors),
    typeof id === "string" ? id : undefined,
    known,
  );
}

/** Flatten field errors, which are nested under where the field was found: `{"json": {"name": [...]}}`. */
function fieldMessages(errors: unknown): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const collect = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const [field, inner] of Object.entries(value)) {
      if (Array.isArray(inner)) found[field] = inner.filter((text) => typeof text === "string");
      else collect(inner);
    }
  };
  collect(errors);
  return found;
}

function statusMessage(status: number): string {
  return status >= 500 ? t.errors.serverFailed(status) : t.errors.serverRefused(status);
}

function retryHint(response: Response): string[] {
  // eslint-disable-next-line local/no-literal-text -- an HTTP header
  const seconds = Number(response.headers.get("Retry-After"));
  return response.status === 429 && seconds > 0 ? [t.errors.retryAfter(seconds)] : [];
}
