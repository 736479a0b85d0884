import createClient from "openapi-fetch";
import type { components as AuthComponents, paths as AuthPaths } from "./auth.gen";
import type { components as QueryComponents, paths as QueryPaths } from "./query.gen";
import { sessionRenewal } from "./tokenRefresh";

type Auth = AuthComponents["schemas"];

export type User = Auth["UserResponse"];
export type Login = Auth["LoginSessionResponse"];
export type TwoFactorSetup = Auth["TwoFactorSetupResponse"];
export type Project = Auth["ProjectResponse"];
export type NewProject = Auth["NewProjectResponse"];
export type ProjectChanges = Auth["ProjectUpdateRequest"];
/** The answer always has every field. */
export type ProjectSettings = Required<Auth["ProjectSettings"]>;
export type Deletion = Auth["DeletionResponse"];
export type ApiKey = Auth["KeyResponse"];
export type NewKey = Auth["NewKeyResponse"];
export type KeyKind = Auth["KeyRequest"]["kind"];
export type Source = Auth["SourceResponse"];
export type SourceFields = Auth["SourceRequest"];
export type Member = Auth["MemberResponse"];
export type Role = Member["role"];
export type Invitation = Auth["InvitationResponse"];
export type NewInvitation = Auth["NewInvitationResponse"];
export type InvitationView = Auth["InvitationPreviewResponse"];
export type AuditEntry = Auth["AuditEntryResponse"];
export type Overview = QueryComponents["schemas"]["OverviewResponse"];
export type Timeseries = QueryComponents["schemas"]["TimeseriesResponse"];
export type TopEvents = QueryComponents["schemas"]["TopEventsResponse"];
export type RecentEvent = QueryComponents["schemas"]["EventResponse"];
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
