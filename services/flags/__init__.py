"""Flags: the values of feature flags for a person.

In: requests of SDKs with a project key, through the gateway.
Out: the flags of a person, or all definitions, in the shape each SDK reads. Auth publishes them.
Next: the SDK applies them.
Never: stores events.
"""
