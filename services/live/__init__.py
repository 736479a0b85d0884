"""Live: stored events and the number of online visitors, over WebSocket.

In: what the processor publishes in Redis; connections with a ticket, through the gateway.
Out: messages to dashboards.
Next: the dashboard shows them.
Never: touches PostgreSQL per message.
"""
