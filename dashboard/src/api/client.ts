import createClient from "openapi-fetch";
import type { components as AuthComponents, paths as AuthPaths } from "./auth.gen";
import type { components as QueryComponents, paths as QueryPaths } from "./query.gen";
import { sessionRenewal } from "./tokenRefresh";

type Auth = AuthComponents["schemas"];

export type User = Auth["UserAnswer"];
export type Login = Auth["SessionAnswer"];
export type TwoFactorSetup = Auth["TwoFactorSetupAnswer"];
export type Project = Auth["ProjectAnswer"];
export type NewProject = Auth["NewProjectAnswer"];
export type ProjectChanges = Auth["ProjectChanges"];
/** The answer always has every field. */
export type ProjectSettings = Required<Auth["ProjectSettings"]>;
export type Deletion = Auth["DeletionAnswer"];
export type ApiKey = Auth["KeyAnswer"];
export type NewKey = Auth["NewKeyAnswer"];
export type KeyKind = Auth["KeyRequest"]["kind"];
export type Source = Auth["SourceAnswer"];
export type SourceFields = Auth["SourceRequest"];
export type Member = Auth["MemberAnswer"];
export type Role = Member["role"];
export type Invitation = Auth["InvitationAnswer"];
export type NewInvitation = Auth["NewInvitationAnswer"];
export type InvitationView = Auth["InvitationView"];
export type AuditEntry = Auth["AuditEntryAnswer"];
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
