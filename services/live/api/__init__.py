"""Live's HTTP: WebSockets and server-sent events; everything else is Flask's."""
