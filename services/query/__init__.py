"""Query: answers every question about stored events.

In: people with a login and servers with a secret key, through the gateway.
Out: JSON that says its range, time zone, source and how long it took.
Next: nobody; this is where an event's life is looked at.
Never: writes events.
"""
