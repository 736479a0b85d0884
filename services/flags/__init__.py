"""Flags: feature flags and experiments. A placeholder: no flag can be defined yet.

In: requests of SDKs with a project key, through the gateway.
Out: the flags of a person; empty so far, in the shape each SDK reads.
Next: the SDK applies them.
Never: stores events.
"""
