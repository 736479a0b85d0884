"""Build sessions from events in event time."""
