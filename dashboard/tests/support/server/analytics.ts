import { http, HttpResponse } from "msw";
import type { Overview, RecentEvent, Report, Timeseries, TopEvents } from "../../../src/api/client";

/** An event; every field but its name has a default. */
export function recentEvent(name: string, fields: Partial<RecentEvent> = {}): RecentEvent {
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
    referrer: null,
    device_id: null,
    app_version: null,
    os_name: null,
    os_version: null,
    browser: null,
    device_type: null,
    country: null,
    region: null,
    city: null,
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    utm_term: null,
    utm_content: null,
    community_id: null,
    division_id: null,
    ip: null,
    properties: { level: 3 },
    ...fields,
  };
}

const meta = {
  from: "2026-10-19T00:00:00+03:00",
  to: "2026-10-26T00:00:00+02:00",
  timezone: "Europe/Helsinki",
  took_ms: 3,
  as_of: "2026-10-25T12:00:00+00:00",
  source: "rollup",
  sealed_days: 0,
} as const;

export const overview: Overview = {
  ...meta,
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
  ...meta,
  interval: "day",
  series: [
    {
      label: "All events",
      is_other: false,
      dates: ["2026-10-24T00:00:00+03:00", "2026-10-25T00:00:00+03:00"],
      values: [1_000_000, 234_567],
      total: 1_234_567,
    },
  ],
};

export const topEvents: TopEvents = {
  ...meta,
  total_events: 1_234_567,
  items: [
    { event_name: "page_view", count: 1_234_000, share: 0.9995 },
    { event_name: "purchase", count: 567, share: 0.0005 },
  ],
};

export const intake: Report<"intake"> = { received: 1_234_570, outcomes: { stored: 1_234_567, duplicate: 3 }, warnings: [] };

export const health = {
  status: "ok",
  checked_at: "2026-10-25T00:30:00+00:00",
  services: {},
  dependencies: {},
  processes: {},
  stream: { oldest_seconds: 0.2 },
  failing_projects: {},
};

/** A project whose data needs no attention. */
export const projectHealth: Report<"health"> = {
  from: "2026-10-24T00:00:00+03:00",
  to: "2026-10-25T00:00:00+03:00",
  as_of: "2026-10-25T00:00:00+03:00",
  interval: "hour",
  received: 0,
  stored: 0,
  duplicate: 0,
  refused: 0,
  reasons: [],
  warnings: [],
  intervals: [],
  limits: [],
  clocks: { events: 0, median_seconds: null, late_seconds: null, ahead: 0, ignored: 0 },
  clients: [],
  dead_letters: 0,
  problems: [],
};

/** An installation without a page that sends. */
export const installCheck: Report<"install-check"> = {
  now: "2026-10-25T00:30:02+00:00",
  latest: [],
  refused: [],
  filtered: 0,
  allowed_origins: [],
};

/** The reports of the overview, and one recent event. */
export const analyticsHandlers = [
  http.get("*/api/v1/analytics/7/overview", () => HttpResponse.json(overview)),
  http.get("*/api/v1/analytics/7/timeseries", () => HttpResponse.json(timeseries)),
  http.get("*/api/v1/analytics/7/top-events", () => HttpResponse.json(topEvents)),
  http.get("*/api/v1/analytics/7/intake", () => HttpResponse.json(intake)),
  http.get("*/api/v1/analytics/:project/health", () => HttpResponse.json(projectHealth)),
  http.get("*/api/v1/analytics/7/install-check", () => HttpResponse.json(installCheck)),
  http.get("*/api/v1/health/", () => HttpResponse.json(health)),
  http.get("*/api/events/", () => HttpResponse.json({ items: [recentEvent("page_view")], next_cursor: null })),
];
