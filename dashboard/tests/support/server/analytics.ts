import { http, HttpResponse } from "msw";
import type { ListedEvent, Report, Timeseries } from "../../../src/api/requests/client";
import type { KeyMetric, KeyMetrics, Live, Movers } from "../../../src/api/reports/home";
import { refusal } from "./errors";

/** An event; every field but its name has a default. */
export function recentEvent(name: string, fields: Partial<ListedEvent> = {}): ListedEvent {
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

const DATES = ["2026-10-23T00:00:00+03:00", "2026-10-24T00:00:00+03:00", "2026-10-25T00:00:00+03:00"];

/** A metric of three days, of which the last is in progress. */
export function keyMetric(metric: KeyMetric["metric"], fields: Partial<KeyMetric> = {}): KeyMetric {
  return {
    metric,
    value: 320,
    series: [110, 150, 60],
    previous: { value: 400, change: -20, series: [150, 200, 50] },
    days: [110, 150, 60],
    record: { value: 817, date: "2026-09-22" },
    expected: { value: 140, low: 120, high: 160, weeks: 8 },
    ...fields,
  };
}

export const keyMetrics: KeyMetrics = {
  ...meta,
  cached: false,
  interval: "day",
  dates: DATES,
  in_progress: 2,
  previous_from: "2026-10-20T00:00:00+03:00",
  previous_to: "2026-10-23T00:00:00+03:00",
  previous_dates: DATES.map((date) => date.replace("10-2", "10-1")),
  metrics: [
    keyMetric("unique_users"),
    keyMetric("new_users", { value: 12, expected: null, previous: { value: 12, change: 0, series: [4, 4, 4] } }),
    keyMetric("unique_sessions", { value: 640, previous: { value: 0, change: null, series: [0, 0, 0] } }),
    keyMetric("page_views", { value: 0, series: [0, 0, 0], days: [0, 0, 0], record: null, previous: { value: 0, change: null, series: [0, 0, 0] } }),
    keyMetric("total_events", { value: 1_234_567, series: [400_000, 600_000, 234_567], previous: { value: 1_000_000, change: 23.5, series: [1, 2, 3] } }),
  ],
};

export const movers: Movers = {
  ...meta,
  cached: false,
  previous_from: "2026-10-12T00:00:00+03:00",
  previous_to: "2026-10-19T00:00:00+03:00",
  first_event: "2026-03-01T09:15:00+02:00",
  items: [
    {
      property: "page_path",
      value: "/pricing",
      current: 1_662,
      previous: 1_204,
      change: 38,
      cause: { property: "referrer_domain", value: "news.example", share: 0.7 },
    },
  ],
};

/** What happens now: two users, and the newest events. */
export function liveNow(...events: ListedEvent[]): Live {
  return {
    ...meta,
    as_of: new Date().toISOString(),
    users_now: 2,
    online_minutes: 5,
    minutes: Array.from({ length: 30 }, (_, minute) => ({ start: `2026-10-25T12:${String(minute).padStart(2, "0")}:00+03:00`, users: minute % 4 })),
    pages: [{ value: "/pricing", users: 2 }],
    sources: [{ value: null, users: 1 }, { value: "news.example", users: 1 }],
    countries: [{ value: "DE", users: 2 }],
    events,
    storing: { seconds_behind: 0, problems: {} },
  };
}

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

export const intake: Report<"intake"> = { received: 1_234_570, outcomes: { stored: 1_234_567, duplicate: 3 }, warnings: [] };

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
  crawlers: 0,
  reasons: [],
  warnings: [],
  intervals: [],
  limits: [],
  clocks: { events: 0, median_seconds: null, late_seconds: null, ahead: 0, ignored: 0 },
  clients: [],
  dead_letters: 0,
  undeclared_proxy: null,
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

/** An installation in which all is well. */
export const HEALTH = { status: "ok", checked_at: "2026-10-25T12:00:00+00:00", services: { processor: "ok" }, dependencies: {}, processes: {}, stream: { oldest_seconds: 0 }, failing_projects: {} };

/** The reports of the first page, and one recent event. */
export const analyticsHandlers = [
  http.get("*/api/v1/health/", () => HttpResponse.json(HEALTH)),
  http.get("*/api/v1/analytics/7/properties/:name/values", () => HttpResponse.json({ items: [] })),
  http.get("*/api/v1/analytics/:project/definitions/events", () => HttpResponse.json({ items: [] })),
  http.get("*/api/v1/analytics/:project/definitions/catalog-entry", () => refusal(404, "No such event.")),
  http.get("*/api/v1/analytics/7/definitions/properties", () => HttpResponse.json({ items: [] })),
  http.get("*/api/v1/analytics/7/key-metrics", () => HttpResponse.json(keyMetrics)),
  http.get("*/api/v1/analytics/7/movers", () => HttpResponse.json(movers)),
  http.get("*/api/v1/analytics/7/live", () => HttpResponse.json(liveNow(recentEvent("page_view")))),
  http.get("*/api/v1/analytics/7/annotations/", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/v1/analytics/7/imports/", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/v1/analytics/7/dashboards/", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/v1/analytics/7/persons/", () => HttpResponse.json({ items: [], next_cursor: null, total: 0 })),
  http.get("*/api/v1/analytics/7/users", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/v1/analytics/7/timeseries", () => HttpResponse.json(timeseries)),
  http.get("*/api/v1/analytics/7/intake", () => HttpResponse.json(intake)),
  http.get("*/api/v1/analytics/:project/crawlers", () => HttpResponse.json({ events: 0, sources: [], pages: [] })),
  http.get("*/api/v1/analytics/:project/health", () => HttpResponse.json(projectHealth)),
  http.get("*/api/v1/analytics/7/install-check", () => HttpResponse.json(installCheck)),
  http.get("*/api/events/", () => HttpResponse.json({ items: [recentEvent("page_view")], next_cursor: null })),
];
