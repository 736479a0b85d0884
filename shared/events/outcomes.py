"""Define the outcomes of an event: the closed sets for responses, counters and the dashboard."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a received event: exactly one of these, or a ``DropReason``."""

    STORED = "stored"
    CRAWLER = "crawler"
    """A crawler sent it, and it is stored apart from people's events."""
    DUPLICATE = "duplicate"
    DEAD = "dead_lettered"
    PERSON_DELETED = "person_deleted"
    """It is older than the deletion of its person, and arrived afterwards."""


class DropReason(StrEnum):
    """Why the edge dropped an event. Clients and dashboards rely on these words."""

    INVALID_JSON = "invalid_json"
    """The event's text is not JSON: ``NaN``, a number beyond a double, thousands of levels."""
    NOT_AN_OBJECT = "not_an_object"
    MISSING_NAME = "missing_name"
    INVALID_NAME = "invalid_name"
    INVALID_FIELD = "invalid_field"
    INVALID_PROPERTIES = "invalid_properties"
    PROPERTIES_TOO_LARGE = "properties_too_large"
    INVALID_TIMESTAMP = "invalid_timestamp"
    MISSING_IDENTITY = "missing_identity"
    TOO_OLD = "too_old"
    OLDER_THAN_RETENTION = "older_than_retention"
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    SCHEMA_MISMATCH = "schema_mismatch"
    """The properties do not fit the schema of the event's name, which says to refuse them."""
    SAMPLED_OUT = "sampled_out"
    BOT = "bot"
    DO_NOT_TRACK = "do_not_track"
    NO_CONSENT = "no_consent"
    REQUEST_REFUSED = "request_refused"
    """The whole request was refused; its events are counted as one where it cannot be read."""


POLICY_REASONS = frozenset(
    {
        DropReason.SAMPLED_OUT,
        DropReason.BOT,
        DropReason.DO_NOT_TRACK,
        DropReason.NO_CONSENT,
    }
)
"""Reasons that follow from the project's settings, not from a mistake of the client."""


class WarningReason(StrEnum):
    """What the edge changed in an event that it accepted."""

    TEXT_CUT = "text_cut"
    UNKNOWN_FIELD = "unknown_field"
    """The event has a field that is none of an event's, probably misspelt. Its value is lost."""
    PROPERTIES_UNEXPECTED = "properties_unexpected"
    """The properties do not fit the schema of the event's name, which says to warn."""
    NUL_REPLACED = "nul_replaced"
    ID_REFUSED = "id_refused"
    TIME_IN_FUTURE = "time_in_future"
    CLOCK_IGNORED = "clock_ignored"
    IDENTITY_REFUSED = "identity_refused"
    PROFILE_TOO_LARGE = "profile_too_large"
    """Properties of a person or group exceeded a bound, and were left out."""
    PROFILE_PROTECTED = "profile_protected"
    """A public key wrote a property of a person or group that a secret key has written."""
