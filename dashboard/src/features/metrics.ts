import type { Unit } from "../format/units";
import { t } from "../texts";

/** What a metric is called, what it counts, and whether more of it is good. */
export interface Metric {
  name: string;
  explanation: string;
  unit: Unit;
  /** The direction that is good news. */
  good: "up" | "down";
}

const UNITS = {
  unique_users: ["count", "up"],
  new_users: ["count", "up"],
  unique_sessions: ["count", "up"],
  page_views: ["count", "up"],
  total_events: ["count", "up"],
  events_per_user: ["count", "up"],
  views_per_visit: ["count", "up"],
  bounce_rate: ["share", "down"],
  visit_duration: ["seconds", "up"],
} as const satisfies Record<string, readonly [Unit, Metric["good"]]>;

export type MetricKey = keyof typeof UNITS;

/** Every metric of the report pages: one list for figures, tooltips and explanations. */
export const METRICS = Object.fromEntries(
  Object.entries(UNITS).map(([key, [unit, good]]) => [key, { ...t.metrics[key as MetricKey], unit, good }]),
) as Record<MetricKey, Metric>;
