import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import type { NewProject, Overview, Project, RecentEvent, Timeseries, TopEvents, User } from "../src/api/client";

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

/** A Tidemark where all is well: one project, with events. */
export const server = setupServer(
  http.get("*/api/v1/auth/me", () => HttpResponse.json(user)),
  http.post("*/api/v1/auth/login", () => HttpResponse.json({ user })),
  http.post("*/api/v1/auth/logout", () => new HttpResponse(null, { status: 204 })),
  http.post("*/api/v1/auth/refresh", () => refusal(401, "This login has ended. Log in again.")),
  http.get("*/api/v1/projects/", () => HttpResponse.json({ items: [project], next_cursor: null })),
  http.post("*/api/v1/projects/", () => HttpResponse.json(newProject, { status: 201 })),
  http.get("*/api/v1/projects/7", () => HttpResponse.json(project)),
  http.get("*/api/v1/projects/:id", () => refusal(404, "There is no such project.")),
  http.post("*/api/v1/projects/7/rotate-key", () => HttpResponse.json({ kind: "secret", key: SECRET })),
  http.get("*/api/v1/analytics/7/overview", () => HttpResponse.json(overview)),
  http.get("*/api/v1/analytics/7/timeseries", () => HttpResponse.json(timeseries)),
  http.get("*/api/v1/analytics/7/top-events", () => HttpResponse.json(topEvents)),
  http.get("*/api/events/", () => HttpResponse.json({ items: [recentEvent("page_view")], next_cursor: null })),
);
