"""Auth: accounts, login sessions, projects and their keys.

In: requests of users through the gateway; requests of other services for a key's policy.
Out: cookies and tokens; each key's policy, published to Redis.
Next: ingest reads the policy; query checks the tokens.
Never: touches events.

Of its rooms ``accounts`` uses ``members``, and they ``projects``; ``flags`` stands alone. All use
the modules beside them, and ``routes`` use all.

Domain functions open one transaction each, which also holds the audit log entry. Functions with a
``session`` parameter are steps of their caller's transaction.
"""
