import createClient, { type Middleware } from "openapi-fetch";
import type { components as AuthComponents, paths as AuthPaths } from "./auth.gen";
import type { components as QueryComponents, paths as QueryPaths } from "./query.gen";

export type User = AuthComponents["schemas"]["UserAnswer"];
export type Project = AuthComponents["schemas"]["ProjectAnswer"];
export type NewProject = AuthComponents["schemas"]["NewProjectAnswer"];
export type Overview = QueryComponents["schemas"]["OverviewAnswer"];
export type Timeseries = QueryComponents["schemas"]["TimeseriesAnswer"];
export type TopEvents = QueryComponents["schemas"]["TopEventsAnswer"];
export type RecentEvent = QueryComponents["schemas"]["RecentEvent"];
export type Period = NonNullable<
  NonNullable<QueryPaths["/api/v1/analytics/{project_id}/overview"]["get"]["parameters"]["query"]>["period"]
>;

/** What went wrong with a request, in words for the person at the screen. */
export class ApiError extends Error {
  /** @param status HTTP status; 0 when there was no answer at all. */
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

const REFRESH = "/api/v1/auth/refresh";
const WITHOUT_RENEWAL = [REFRESH, "/api/v1/auth/login"];
let renewal: Promise<boolean> | undefined;

/** Renew the login once for all requests that need it. */
function renew(): Promise<boolean> {
  renewal ??= fetch(REFRESH, { method: "POST" })
    .then((answer) => answer.ok)
    .catch(() => false)
    .finally(() => {
      renewal = undefined;
    });
  return renewal;
}

/** An access token lasts half an hour: on a 401 the login is renewed and the request repeated. */
const sessionRenewal: Middleware = {
  onRequest({ request, id }) {
    repeatable.set(id, request.clone());
  },
  async onResponse({ request, response, id }) {
    const again = repeatable.get(id);
    repeatable.delete(id);
    if (response.status !== 401 || WITHOUT_RENEWAL.includes(new URL(request.url).pathname)) return undefined;
    return again && (await renew()) ? fetch(again) : undefined;
  },
  onError({ id }) {
    repeatable.delete(id);
  },
};
const repeatable = new Map<string, Request>();

// Looked up at each call, so that tests can stand in for the network.
const options = { baseUrl: window.location.origin, fetch: (request: Request) => fetch(request) };
export const authApi = createClient<AuthPaths>(options);
export const queryApi = createClient<QueryPaths>(options);
authApi.use(sessionRenewal);
queryApi.use(sessionRenewal);

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
export async function content<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw new ApiError(0, "Tidemark does not answer. Check your connection; this page tries again.");
  }
  if (answer.response.ok) return answer.data as T;
  const error = answer.error as
    | { message?: string; errors?: Record<string, string[]>; request_id?: string }
    | undefined;
  throw new ApiError(
    answer.response.status,
    error?.message ?? `The server answered ${answer.response.status}.`,
    error?.errors,
    error?.request_id,
  );
}
