import createClient from "openapi-fetch";
import type { components as AuthComponents, paths as AuthPaths } from "../auth.gen";
import type { paths as ProcessorPaths } from "../processor.gen";
import type { paths as QueryPaths } from "../query.gen";
import { send } from "./send";
import { tokenRefresh } from "./tokenRefresh";

type Auth = AuthComponents["schemas"];

export type User = Auth["UserResponse"];
export type Session = Auth["LoginSessionResponse"];
export type TwoFactorSetup = Auth["TwoFactorSetupResponse"];
export type Project = Auth["ProjectResponse"];
export type NewProject = Auth["NewProjectResponse"];
export type ProjectChanges = Auth["ProjectUpdateRequest"];
/** The response always has every field. */
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
export type RegistrationMode = Auth["RegistrationResponse"]["registration"];
export type ErrorCode = Auth["Error"]["code"];
export type AuditEntry = Auth["AuditEntryResponse"];

/** What comes after `/api/v1/analytics/{project_id}/`, of GET requests that take nothing else in the path. */
export type ReportPath = {
  [Path in keyof QueryPaths]: Path extends `/api/v1/analytics/{project_id}/${infer Rest}`
    ? Rest extends `${string}{${string}` ? never : QueryPaths[Path] extends { get: unknown } ? Rest : never
    : never;
}[keyof QueryPaths];

type Get<Path extends ReportPath> = QueryPaths[`/api/v1/analytics/{project_id}/${Path}`] extends { get: infer Operation } ? Operation : never;

/** The query parameters of a report. */
export type ReportQuery<Path extends ReportPath> =
  Get<Path> extends { parameters: { query?: infer Query extends object } } ? Query : Record<string, never>;

/** The JSON that a report responds with. */
export type Report<Path extends ReportPath> = JsonOf<Get<Path>>;

/** The JSON of an operation's successful response. */
export type JsonOf<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Json } } } } ? Json : never;

export type SystemState = JsonOf<ProcessorPaths["/api/v1/system/"]["get"]>;
export type DeadLetter = JsonOf<ProcessorPaths["/api/v1/system/dead-letters/"]["get"]>["items"][number];
export type SystemJob = JsonOf<ProcessorPaths["/api/v1/system/jobs/"]["get"]>["items"][number];
export type ProjectSealing = JsonOf<ProcessorPaths["/api/v1/system/sealing/"]["get"]>["items"][number];
export type ClosedDay = JsonOf<ProcessorPaths["/api/v1/system/sealing/{project_id}"]["get"]>["items"][number];
export type Timeseries = Report<"timeseries">;
export type ListedEvent = JsonOf<QueryPaths["/api/events/"]["get"]>["items"][number];
/** An event of a list, or one that was stored a moment ago, which has no number yet. */
export type RecentEvent = Omit<ListedEvent, "id">;
export type SavedInsight = Report<"saved-insights/">["items"][number];
export type Period = NonNullable<ReportQuery<"overview">["period"]>;

const options = { baseUrl: window.location.origin, fetch: send };

/** The auth service: accounts, projects and keys. */
export const authApi = createClient<AuthPaths>(options);
/** The query service: every figure and list of events. */
export const queryApi = createClient<QueryPaths>(options);
/** The processor: the state of the installation, for its owners. */
export const processorApi = createClient<ProcessorPaths>(options);
authApi.use(tokenRefresh);
processorApi.use(tokenRefresh);
queryApi.use(tokenRefresh);

/** The path of any report. */
export type AnyReportPath = `/api/v1/analytics/{project_id}/${string}`;
interface AnyOperation {
  parameters: { path: { project_id: number }; query?: object };
  requestBody?: { content: { "application/json": object } };
  responses: { 200: { content: { "application/json": unknown } } };
}

/** The query service for hooks that serve many paths: they give the response its type by the path. */
export const reportApi = createClient<Record<AnyReportPath, { get: AnyOperation; post: AnyOperation }>>(options);
reportApi.use(tokenRefresh);
