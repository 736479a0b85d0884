"""Who a row belongs to: the one place that knows how rows name their person.

Every report counts persons by ``PERSON``. When two persons turn out to be one, what is stored
changes or this expression does; no report has to know.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement

from shared.models import Event

PERSON: ColumnElement[int] = Event.__table__.c.person_id
"""The person number of an event's row."""
