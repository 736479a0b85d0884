"""Live: events as they are stored, who is online, and changes of flags, as they happen.

In: the live streams in Redis, which the processor fills; the versions of flags there, which auth
publishes; connections, through the gateway.
Out: messages to dashboards, programs and SDKs, over WebSocket and server-sent events.
Next: the dashboard shows them.
Never: touches PostgreSQL per message.
"""
