import type { PersonSummary } from "../../../src/api/reports/figures";
import type { Person, SessionList, SessionSummary } from "../../../src/api/persons/persons";

/** A person in a list; every field but the number has a default. */
export function personSummary(id: number, fields: Partial<PersonSummary> = {}): PersonSummary {
  return {
    person_id: id,
    distinct_ids: [`user-${id}`],
    created_at: "2026-10-01T00:00:00+00:00",
    identified_at: null,
    converted_at: null,
    properties: {},
    first_seen: "2026-10-01T08:00:00+00:00",
    last_seen: "2026-10-24T08:00:00+00:00",
    events: 12,
    sessions: 3,
    country: "DE",
    device_type: "desktop",
    browser: "Firefox",
    os_name: "Linux",
    ...fields,
  };
}

/** A person's own page. */
export function personOf(id: number, fields: Partial<Person> = {}): Person {
  return {
    person_id: id,
    distinct_ids: [`user-${id}`],
    created_at: "2026-10-01T00:00:00+00:00",
    identified_at: "2026-10-01T08:00:00+00:00",
    converted_at: null,
    properties: {},
    first_seen: "2026-10-01T08:00:00+00:00",
    last_seen: "2026-10-24T08:00:00+00:00",
    events: 12,
    sessions: 3,
    cohorts: [],
    ...fields,
  };
}

/** A session in a list. */
export function sessionSummary(id: string, fields: Partial<SessionSummary> = {}): SessionSummary {
  return {
    session_id: id,
    person_id: 1,
    distinct_id: "user-1",
    device_id: null,
    app_version: null,
    os_version: null,
    started_at: "2026-10-24T08:00:00+00:00",
    ended_at: "2026-10-24T08:05:00+00:00",
    duration_seconds: 300,
    events: 4,
    pageviews: 2,
    entry_page: "/",
    exit_page: "/pricing",
    is_bounce: false,
    source: "web",
    referrer: null,
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    country: "DE",
    device_type: "desktop",
    browser: "Firefox",
    os_name: "Linux",
    ...fields,
  };
}

/** A page of sessions, with the metrics of all of them. */
export function sessionList(items: SessionSummary[]): SessionList {
  return {
    from: "2026-10-19T00:00:00+03:00",
    to: "2026-10-26T00:00:00+02:00",
    timezone: "Europe/Helsinki",
    took_ms: 3,
    as_of: "2026-10-25T00:30:00+00:00",
    sealed_days: 0,
    source: "raw",
    total_sessions: items.length,
    unique_users: 1,
    events_per_session: 4,
    average_seconds: 300,
    median_seconds: 300,
    bounce_rate: 0.25,
    items,
    next_cursor: null,
  };
}
