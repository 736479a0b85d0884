"""Build sessions from events: by the client's session id, or by inactivity."""
