import type { PersonSummary } from "../../../src/api/figures";

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
