"""Live: events as they are stored, and who is online, over WebSocket and server-sent events.

In: the live streams in Redis, which the processor fills; connections, through the gateway.
Out: messages to dashboards and programs.
Next: the dashboard shows them.
Never: touches PostgreSQL per message.
"""
