/**
 * The keys under which answers are cached. A key also stands for every key that begins with it, so
 * invalidating `projects.all` refreshes everything that the auth service says about projects.
 */
export const queryKeys = {
  me: ["me"],
  health: ["health"],
  /** What somebody has typed in a form and not saved. */
  draft: (name: string) => ["draft", name],
  registration: ["registration"],
  invitation: (token: string) => ["invitation", token],
  sessions: ["sessions"],
  users: { all: ["users"], matching: (search: string) => ["users", search] },
  accountInvitations: ["account-invitations"],
  /** Of the installation, for its owners; everything below `state` begins so. */
  system: {
    all: ["system"],
    state: ["system", "state"],
    deadLetters: (...of: unknown[]) => ["system", "dead-letters", ...of],
    jobs: (...of: unknown[]) => ["system", "jobs", ...of],
    sealing: (...of: unknown[]) => ["system", "sealing", ...of],
  },
  /** null: the log of the server. */
  auditLog: (projectId: number | null) => ["audit-log", projectId],
  projects: {
    all: ["projects"],
    deleted: ["projects", "deleted"],
    one: (projectId: number) => ["projects", projectId],
    settings: (projectId: number) => ["projects", projectId, "settings"],
    keys: (projectId: number) => ["projects", projectId, "keys"],
    sources: (projectId: number) => ["projects", projectId, "sources"],
    members: (projectId: number) => ["projects", projectId, "members"],
    invitations: (projectId: number) => ["projects", projectId, "invitations"],
    deletion: (projectId: number) => ["projects", projectId, "deletion"],
    flags: (projectId: number) => ["projects", projectId, "flags"],
    allFlagHistories: (projectId: number) => ["projects", projectId, "flag-history"],
    flagHistory: (projectId: number, flagId: number) => ["projects", projectId, "flag-history", flagId],
  },
  /** Every answer of the query service begins so. `path` names the report. */
  analytics: (projectId: number, path: string, ...parameters: unknown[]) => ["analytics", projectId, path, ...parameters],
  /** All of them for a project. */
  project: (projectId: number) => ["analytics", projectId],
  segments: (projectId: number) => ["analytics", projectId, "segments"],
  goals: (projectId: number) => ["analytics", projectId, "goals"],
  channels: (projectId: number) => ["analytics", projectId, "channels"],
  mailSetup: (projectId: number) => ["analytics", projectId, "channels", "mail-setup"],
  deliveries: (projectId: number, channelId: number) => ["analytics", projectId, "channels", channelId, "deliveries"],
  mailReports: (projectId: number) => ["analytics", projectId, "reports"],
  mailPreview: (projectId: number, id: number) => ["analytics", projectId, "report-preview", id],
  annotations: (projectId: number) => ["analytics", projectId, "annotations"],
  savedInsights: (projectId: number) => ["analytics", projectId, "saved-insights"],
  dashboards: (projectId: number) => ["analytics", projectId, "dashboards"],
  dashboard: (projectId: number, key: string) => ["analytics", projectId, "dashboards", key],
  sharedDashboard: ({ token, access }: { token: string; access: string }) => ["shared-dashboard", token, access],
  sharedInsight: ({ token, access }: { token: string; access: string }, id: number, chosen: object) => ["shared-dashboard", token, access, id, chosen],
  alerts: (projectId: number) => ["analytics", projectId, "alerts"],
  alertPreview: (projectId: number, definition: unknown) => ["alert-preview", projectId, definition],
  /** Of all projects. */
  alertEvents: (...of: unknown[]) => ["alert-events", ...of],
  experiments: (projectId: number) => ["analytics", projectId, "experiments"],
  imports: (projectId: number, ...of: unknown[]) => ["analytics", projectId, "imports", ...of],
  cohorts: (projectId: number) => ["analytics", projectId, "cohorts"],
} as const;

/** Keep the last result of a report while that of other parameters is on its way; never that of another report. */
export function lastOfReport(queryKey: readonly unknown[]) {
  return <Data>(previous: Data | undefined, previousQuery: { queryKey: readonly unknown[] } | undefined) =>
    previousQuery && isSameReport(previousQuery.queryKey, queryKey) ? previous : undefined;
}

/** Whether two keys are of one report of one project, with whatever parameters. */
function isSameReport(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one[0] === "analytics" && [0, 1, 2].every((index) => one[index] === other[index]);
}
