import createClient from "openapi-fetch";
import type { components as AuthComponents, paths as AuthPaths } from "./auth.gen";
import type { components as QueryComponents, paths as QueryPaths } from "./query.gen";
import { sessionRenewal } from "./session";

export type User = AuthComponents["schemas"]["UserAnswer"];
export type Project = AuthComponents["schemas"]["ProjectAnswer"];
export type NewProject = AuthComponents["schemas"]["NewProjectAnswer"];
export type KeyKind = AuthComponents["schemas"]["RotateRequest"]["kind"];
export type Overview = QueryComponents["schemas"]["OverviewAnswer"];
export type Timeseries = QueryComponents["schemas"]["TimeseriesAnswer"];
export type TopEvents = QueryComponents["schemas"]["TopEventsAnswer"];
export type RecentEvent = QueryComponents["schemas"]["RecentEvent"];
export type Period = NonNullable<
  NonNullable<QueryPaths["/api/v1/analytics/{project_id}/overview"]["get"]["parameters"]["query"]>["period"]
>;

// Looked up at each call, so that tests can stand in for the network.
const options = { baseUrl: window.location.origin, fetch: (request: Request) => fetch(request) };

/** The auth service: login, projects and keys. */
export const authApi = createClient<AuthPaths>(options);
/** The query service: every figure and list of events. */
export const queryApi = createClient<QueryPaths>(options);
authApi.use(sessionRenewal);
queryApi.use(sessionRenewal);
