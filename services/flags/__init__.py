"""Flags: feature flags and experiments.

In: SDKs with a key, people with a login, through the gateway.
Out: which flags are on for whom.
Next: the SDK acts on them.
Never: stores events.
"""
