"""Auth: accounts, login sessions, projects and their keys.

In: people, through the gateway; the other services, for a key's policy.
Out: cookies and tokens; each project's policy, published to Redis.
Next: ingest reads the policy; query checks the tokens.
Never: touches events.
"""
