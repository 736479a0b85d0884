import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import type {
  ApiKey,
  Deletion,
  Invitation,
  Login,
  Member,
  NewProject,
  Overview,
  Project,
  ProjectSettings,
  RecentEvent,
  Timeseries,
  TopEvents,
  User,
} from "../src/api/client";

export const SECRET = "sk_shown-once-and-never-again";

export const user: User = {
  id: 1,
  email: "owner@example.org",
  name: "Owner",
  is_superuser: true,
  is_active: true,
  has_second_factor: false,
  last_login_at: null,
  created_at: "2026-01-01T00:00:00+00:00",
};

export const project: Project = {
  id: 7,
  name: "Harbour",
  slug: "harbour",
  timezone: "Europe/Helsinki",
  public_key: "pk_public",
  secret_key_prefix: "sk_abcd",
  allowed_sources: [],
  rate_limit_per_minute: 60_000,
  is_active: true,
  role: "owner",
  created_at: "2026-01-01T00:00:00+00:00",
  updated_at: "2026-01-01T00:00:00+00:00",
  deleted_at: null,
};

export const newProject: NewProject = { ...project, id: 8, name: "Jetty", secret_key: SECRET };

export const settings: ProjectSettings = {
  allowed_origins: [],
  allowed_sources: [],
  client_rate_limit_per_minute: 600,
  consent: "implied",
  daily_quota: null,
  do_not_track: "ignore",
  filter_bots: true,
  ip_mode: "none",
  monthly_quota: null,
  rate_limit_per_minute: 60_000,
  retention_days: null,
  sample_rate: 1,
  session_timeout_minutes: 30,
  timezone: "Europe/Helsinki",
};

export const publicKey: ApiKey = {
  id: 1,
  kind: "public",
  name: "",
  prefix: "pk_publ",
  public_key: "pk_public",
  created_at: "2026-01-01T00:00:00+00:00",
  expires_at: null,
};

export const secretKey: ApiKey = { ...publicKey, id: 2, kind: "secret", prefix: "sk_abcd", public_key: null };

export const members: Member[] = [
  { user_id: 1, name: "Owner", email: "owner@example.org", role: "owner" },
  { user_id: 2, name: "Reader", email: "reader@example.org", role: "viewer" },
];

export const invitation: Invitation = {
  id: 5,
  email: "guest@example.org",
  role: "viewer",
  created_at: "2026-11-01T00:00:00+00:00",
  expires_at: "2026-11-08T00:00:00+00:00",
};

export const deletedProject: Project = {
  ...project,
  id: 9,
  name: "Old pier",
  slug: "old-pier",
  deleted_at: "2026-11-01T10:00:00+00:00",
};

export const deletion: Deletion = {
  project_id: 9,
  name: "Old pier",
  requested_at: "2026-11-01T10:00:00+00:00",
  purge_after: "2026-11-08T10:00:00+00:00",
  started_at: null,
  finished_at: null,
  done: 0,
  total: 0,
  rows: 0,
};

export const login: Login = {
  id: "this login",
  address: "192.0.2.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  created_at: "2026-11-01T10:00:00+00:00",
  last_used_at: "2026-11-01T11:00:00+00:00",
  is_current: true,
};

/** An event; everything but its name has a usual value. */
export function recentEvent(name: string, more: Partial<RecentEvent> = {}): RecentEvent {
  return {
    id: 1,
    event_id: `id of ${name}`,
    event_name: name,
    event_type: name,
    timestamp: "2026-10-25T00:30:00+00:00",
    received_at: "2026-10-25T00:30:01+00:00",
    distinct_id: "user-1",
    session_id: null,
    source: "web",
    page_url: null,
    device_id: null,
    app_version: null,
    os_name: null,
    os_version: null,
    properties: { level: 3 },
    ...more,
  };
}

const frame = {
  from: "2026-10-19T00:00:00+03:00",
  to: "2026-10-26T00:00:00+02:00",
  timezone: "Europe/Helsinki",
  took_ms: 3,
  source: "rollup",
} as const;

export const overview: Overview = {
  ...frame,
  total_events: 1_234_567,
  unique_users: 320,
  unique_sessions: 640,
  page_views: 0,
  events_per_user: 3_858,
  event_names: 2,
  previous: { total_events: 1_000_000, unique_users: 400, unique_sessions: 640, page_views: 0 },
  change: { total_events: 23.5, unique_users: -20, unique_sessions: 0, page_views: null },
};

export const timeseries: Timeseries = {
  ...frame,
  interval: "day",
  series: [
    {
      label: "All events",
      dates: ["2026-10-24T00:00:00+03:00", "2026-10-25T00:00:00+03:00"],
      values: [1_000_000, 234_567],
      total: 1_234_567,
    },
  ],
};

export const topEvents: TopEvents = {
  ...frame,
  total_events: 1_234_567,
  items: [
    { event_name: "page_view", count: 1_234_000, share: 0.9995 },
    { event_name: "purchase", count: 567, share: 0.0005 },
  ],
};

/** An answer as all services give it when they refuse. */
export function refusal(code: number, message: string) {
  return HttpResponse.json({ code, status: "", message, errors: {}, request_id: "request-1" }, { status: code });
}

/** As above, of a request with fields that are not usable. */
export function fieldRefusal(fields: Record<string, string[]>, code = 422) {
  const message = "The request has fields that are not usable; see errors.";
  return HttpResponse.json({ code, status: "", message, errors: { json: fields }, request_id: "request-1" }, { status: code });
}

/** The list of projects: those that are there, and those that were deleted and are not gone yet. */
export function projectList(existing: Project[], deleted: Project[] = []) {
  return http.get("*/api/v1/projects/", ({ request }) =>
    HttpResponse.json({
      items: new URL(request.url).searchParams.get("deleted") === "true" ? deleted : existing,
      next_cursor: null,
    }),
  );
}

/** A Tidemark where all is well: one project, with events. */
export const server = setupServer(
  http.get("*/api/v1/auth/me", () => HttpResponse.json(user)),
  http.post("*/api/v1/auth/login", () => HttpResponse.json({ user })),
  http.post("*/api/v1/auth/logout", () => new HttpResponse(null, { status: 204 })),
  http.post("*/api/v1/auth/refresh", () => refusal(401, "This login has ended. Log in again.")),
  http.get("*/api/v1/auth/registration", () => HttpResponse.json({ registration: "invitation", sign_in_with: null })),
  http.get("*/api/v1/auth/sessions", () => HttpResponse.json({ items: [login] })),
  projectList([project]),
  http.post("*/api/v1/projects/", () => HttpResponse.json(newProject, { status: 201 })),
  http.get("*/api/v1/projects/7", () => HttpResponse.json(project)),
  http.get("*/api/v1/projects/7/settings", () => HttpResponse.json(settings)),
  http.get("*/api/v1/projects/7/keys", () => HttpResponse.json({ items: [publicKey, secretKey] })),
  http.get("*/api/v1/projects/7/members/", () => HttpResponse.json({ items: members })),
  http.get("*/api/v1/projects/7/invitations/", () => HttpResponse.json({ items: [invitation] })),
  http.get("*/api/v1/projects/9/deletion", () => HttpResponse.json(deletion)),
  http.get("*/api/v1/projects/:id", () => refusal(404, "There is no such project.")),
  http.post("*/api/v1/projects/7/keys/2/rotate", () => HttpResponse.json({ ...secretKey, id: 3, key: SECRET })),
  http.get("*/api/v1/analytics/7/overview", () => HttpResponse.json(overview)),
  http.get("*/api/v1/analytics/7/timeseries", () => HttpResponse.json(timeseries)),
  http.get("*/api/v1/analytics/7/top-events", () => HttpResponse.json(topEvents)),
  http.get("*/api/events/", () => HttpResponse.json({ items: [recentEvent("page_view")], next_cursor: null })),
);
