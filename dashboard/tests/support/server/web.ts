import { http, HttpResponse } from "msw";
import type { Goal, GoalReport } from "../../../src/api/insights/goals";
import type { WebReport, WebValue, WebValues } from "../../../src/api/reports/web";

const meta = {
  from: "2026-10-19T00:00:00+03:00",
  to: "2026-10-21T00:00:00+03:00",
  timezone: "Europe/Helsinki",
  took_ms: 3,
  as_of: "2026-10-20T12:00:00+03:00",
  source: "raw",
  sealed_days: 1,
} as const;

function metrics(visitors: number) {
  return { visitors, visits: 2 * visitors, page_views: 5 * visitors, views_per_visit: 2.5, bounce_rate: 0.4, visit_seconds: 115.2 };
}

export const webReport: WebReport = {
  ...meta,
  interval: "day",
  totals: metrics(1_739),
  series: [
    { date: "2026-10-19T00:00:00+03:00", metrics: metrics(1_000) },
    { date: "2026-10-20T00:00:00+03:00", metrics: metrics(800) },
  ],
  previous: {
    starts_at: "2026-10-17T00:00:00+03:00",
    ends_at: "2026-10-18T12:00:00+03:00",
    totals: metrics(1_500),
    series: [{ date: "2026-10-17T00:00:00+03:00", metrics: metrics(900) }, null],
  },
};

/** A row of a list; every field but the value has a default. */
export function webValue(value: string | null, fields: Partial<WebValue> = {}): WebValue {
  return {
    value,
    visitors: 830,
    share: 0.477,
    visits: 900,
    page_views: 2_000,
    events: null,
    bounce_rate: 0.4,
    visit_seconds: 60,
    conversions: null,
    conversion_rate: null,
    previous_visitors: 415,
    change: 100,
    ...fields,
  };
}

export function webValues(dimension: string, items: WebValue[], fields: Partial<WebValues> = {}): WebValues {
  return { ...meta, dimension, property: dimension, scope: "event", items, total: items.length, visitors: 1_739, previous: null, ...fields };
}

export const goal: Goal = {
  id: 3,
  name: "Sign-up",
  event: "signup",
  page: null,
  filters: null,
  value_property: null,
  selector: { event: "signup", filters: null },
  created_by: 1,
  created_at: "2026-01-01T00:00:00+00:00",
  updated_at: "2026-01-01T00:00:00+00:00",
};

export const goalReport: GoalReport = {
  ...meta,
  interval: "day",
  dates: webReport.series.map(({ date }) => date),
  visitors: 1_739,
  items: [
    { id: 3, name: "Sign-up", conversions: 90, visitors: 87, rate: 0.05, value: null, series: [40, 47], previous_visitors: 58, previous_rate: 0.04, change: 50 },
  ],
};

const LISTS: Record<string, WebValues> = {
  source: webValues("source", [webValue(null), webValue("google.com", { visitors: 493, share: 0.283 })], { property: "visit_source", scope: "session" }),
  country: webValues("country", [webValue("DE", { visitors: 403 })]),
  page: webValues("page", [webValue("/docs", { visits: null, bounce_rate: null, visit_seconds: null, events: 900 })], { property: "page_path", total: 120 }),
};

/** The web report, its lists, and one goal. */
export const webHandlers = [
  http.get("*/api/v1/analytics/7/web/", () => HttpResponse.json(webReport)),
  http.get("*/api/v1/analytics/7/web/:dimension", ({ params }) => {
    const name = String(params["dimension"]);
    return HttpResponse.json(LISTS[name] ?? webValues(name, []));
  }),
  http.get("*/api/v1/analytics/7/goals/", () => HttpResponse.json({ items: [goal], next_cursor: null })),
  http.get("*/api/v1/analytics/7/goals/report", () => HttpResponse.json(goalReport)),
  http.get("*/api/v1/analytics/7/definitions/:kind", () => HttpResponse.json({ items: [], sampled_events: 0 })),
];
