/** What went wrong with a request, in words for the person at the screen. */
export class ApiError extends Error {
  /**
   * @param status HTTP status; 0 when there was no answer at all.
   * @param message the cause and the next step.
   * @param fields what is wrong with each field of the request.
   * @param requestId what to look for in the server's logs.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string[]> = {},
    readonly requestId?: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** What the server says when it found nothing but fields that are not usable. */
const FIELDS_ONLY = "The request has fields that are not usable; see errors.";

/**
 * What is wrong with one field, for the place next to it. Of a list the server names the entries
 * (`origins.2`); they are told by their number, counted from 1.
 */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const found: string[] = [];
  for (const [name, messages] of Object.entries(error.fields)) {
    const [whole, entry] = [name === field, name.startsWith(`${field}.`) ? name.slice(field.length + 1) : ""];
    if (whole) found.push(...messages);
    else if (/^\d+$/.test(entry)) found.push(...messages.map((message) => `Entry ${Number(entry) + 1}: ${message}`));
  }
  return found.length > 0 ? found.join(" ") : undefined;
}

/** What to say above a form whose fields are `shown`: the cause, and what stands at no field. */
export function formMessage(error: unknown, shown: readonly string[]): string {
  if (!(error instanceof Error)) return "Something unexpected happened.";
  if (!(error instanceof ApiError)) return error.message;
  const elsewhere = Object.entries(error.fields)
    .filter(([name]) => !shown.includes(name.split(".")[0] ?? name))
    .map(([name, messages]) => `${name}: ${messages.join(" ")}`);
  const cause = error.message === FIELDS_ONLY ? "Look at what is marked." : error.message;
  return [elsewhere.length > 0 && error.message === FIELDS_ONLY ? "The server refused this." : cause, ...elsewhere].join(" ");
}

/** Whether the server says that nobody is logged in. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The content of an answer.
 *
 * @throws ApiError when the server refused, failed or did not answer.
 */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof SyntaxError) throw new ApiError(0, UNREADABLE);
    throw new ApiError(0, UNREACHABLE);
  }
  const { response } = answer;
  if (response.ok) return answer.data as T;
  throw refusal(answer.error, response);
}

const UNREACHABLE = "Tidemark does not answer. Check that it is running and that you are connected, then try again.";
const UNREADABLE = "What answered is not Tidemark. Check the address and any proxy in between.";

/** The shape all services answer errors in. A proxy in between may answer anything else. */
interface ErrorBody {
  message?: unknown;
  errors?: unknown;
  request_id?: unknown;
}

function refusal(body: unknown, response: Response): ApiError {
  const { message, errors, request_id: id }: ErrorBody = typeof body === "object" && body !== null ? body : {};
  return new ApiError(
    response.status,
    (typeof message === "string" && message ? message : fallback(response.status)) + retryHint(response),
    fieldMessages(errors),
    typeof id === "string" ? id : undefined,
  );
}

/** flask-smorest nests field errors under where they were found: `{"json": {"name": [...]}}`. */
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

function fallback(status: number): string {
  if (status >= 500) return `The server failed (${status}). Its log names the cause; try again in a moment.`;
  return `The server refused this (${status}).`;
}

function retryHint(response: Response): string {
  const seconds = Number(response.headers.get("Retry-After"));
  return response.status === 429 && seconds > 0 ? ` Wait ${seconds} s before the next attempt.` : "";
}
