"""Add the role of an analyst, and the views that SQL of people reads.

Revision ID: 0055
Revises: 0054
"""

from __future__ import annotations

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# A barrier tests the project before anything else, also where that costs more.
_VIEWS = (
    """
    CREATE VIEW sql_events WITH (security_barrier) AS SELECT
        event_id, event_name, timestamp, received_at, person_id, distinct_id, session_id, source,
        page_url, referrer, device_id, app_version, os_name, os_version, browser, device_type,
        country, region, city, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
        community_id, division_id, ip, sample_weight, groups, properties
    FROM events WHERE project_id = current_setting('tidemark.project_id')::integer
    """,
    """
    CREATE VIEW sql_persons WITH (security_barrier) AS SELECT
        person_id, created_at, identified_at, converted_at, first_seen_on, last_seen_on, properties
    FROM persons WHERE project_id = current_setting('tidemark.project_id')::integer
    """,
    """
    CREATE VIEW sql_sessions WITH (security_barrier) AS SELECT
        session_id, person_id, started_at, ended_at, first_event_id, events, pageviews, entry_at,
        entry_page, exit_at, exit_page, by_inactivity, sample_weight, source, referrer, utm_source,
        utm_medium, utm_campaign, country, device_type, browser, os_name
    FROM sessions WHERE project_id = current_setting('tidemark.project_id')::integer
    """,
)


def upgrade() -> None:
    """Allow the role and create the views. Few rows are checked, in less than a second."""
    _allow("'owner', 'admin', 'member', 'analyst', 'viewer'")
    for statement in _VIEWS:
        op.execute(statement)


def downgrade() -> None:
    """Remove the views and make analysts viewers."""
    op.execute("DROP VIEW sql_events, sql_persons, sql_sessions")
    op.execute("UPDATE memberships SET role = 'viewer' WHERE role = 'analyst'")
    op.execute("UPDATE invitations SET role = 'viewer' WHERE role = 'analyst'")
    _allow("'owner', 'admin', 'member', 'viewer'")


def _allow(roles: str) -> None:
    for table in ("memberships", "invitations"):
        name = f"ck_{table}_role"
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"role IN ({roles})")
