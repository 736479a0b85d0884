import { exactNumber } from "../../format/numbers";
import { events } from "./words";

/** Texts of metrics, and of the parts that show a figure on any page. */

export const metrics = {
  unique_users: { name: "Users", explanation: "People with at least one event. Someone who comes on several days counts once." },
  new_users: { name: "New users", explanation: "People whose first event ever is in this period." },
  unique_sessions: { name: "Sessions", explanation: "Visits that started in this period. One ends after a pause without events." },
  page_views: { name: "Page views", explanation: "Pages and screens that were opened." },
  total_events: { name: "Events", explanation: "Everything that was recorded, each event counted once." },
  events_per_user: { name: "Events per user", explanation: "Events divided by users." },
  views_per_visit: { name: "Views per visit", explanation: "Page views divided by visits." },
  bounce_rate: { name: "Bounce rate", explanation: "Share of visits with at most one event." },
  visit_duration: { name: "Visit duration", explanation: "Average time from the first event of a visit to its last." },
};

export const kpi = {
  unchanged: "unchanged",
  noPrevious: (period: string) => `no data for ${period}`,
  previous: (value: string, period: string) => `${value} in ${period}`,
  points: (points: number) => `${points < 0 ? "−" : "+"}${exactNumber(Math.abs(points))} pts`,
};

export const proof = {
  exact: "Exact",
  events,
  took: (ms: string) => `${ms} ms`,
  asOf: (clock: string) => `data as of ${clock}`,
  explanation: "Counted, not estimated: every event once, late events included.",
  curl: "Ask the API the same",
  sources: {
    rollup: "Counts by quarter hour",
    sealed: "Sealed days",
    raw: "Events",
    mixed: "Sealed days and, for the rest, events",
  },
  facts: {
    source: "Read from",
    sealed: "Sealed days",
    raw: "Days counted from events",
    refused: "Refused events",
    asOf: "Data as of",
  },
};
