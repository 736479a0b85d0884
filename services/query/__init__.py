"""Query: answer queries about stored events.

In: requests of users with a login and of servers with a secret key, through the gateway.
Out: JSON with its range, time zone, source and duration.
Next: no other service; the dashboard and clients show the responses.
Never: writes events.
"""
