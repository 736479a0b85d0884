"""Read single records: events, sessions, persons, the event catalog; exports of events."""
