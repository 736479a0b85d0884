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

_VIEWS = {
    "events": """
        event_id, event_name, timestamp, received_at, person_id, distinct_id, session_id, source,
        page_url, referrer, device_id, app_version, os_name, os_version, browser, device_type,
        country, region, city, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
        community_id, division_id, ip, sample_weight, groups, properties
    """,
    "persons": """
        person_id, created_at, identified_at, converted_at, first_seen_on, last_seen_on, properties
    """,
    "sessions": """
        session_id, person_id, started_at, ended_at, first_event_id, events, pageviews, entry_at,
        entry_page, exit_at, exit_page, by_inactivity, sample_weight, source, referrer, utm_source,
        utm_medium, utm_campaign, country, device_type, browser, os_name
    """,
}


def upgrade() -> None:
    """Allow the role and create the views. Few rows are checked, in less than a second."""
    _allow("'owner', 'admin', 'member', 'analyst', 'viewer'")
    for table, columns in _VIEWS.items():
        # A barrier tests the project before anything else, also where that costs more.
        op.execute(
            f"CREATE VIEW sql_{table} WITH (security_barrier) AS SELECT {columns} FROM {table}"  # noqa: S608
            " WHERE project_id = current_setting('tidemark.project_id')::integer"
        )


def downgrade() -> None:
    """Remove the views and make analysts viewers."""
    for table in _VIEWS:
        op.execute(f"DROP VIEW sql_{table}")
    for table in ("memberships", "invitations"):
        op.execute(f"UPDATE {table} SET role = 'viewer' WHERE role = 'analyst'")  # noqa: S608
    _allow("'owner', 'admin', 'member', 'viewer'")


def _allow(roles: str) -> None:
    for table in ("memberships", "invitations"):
        name = f"ck_{table}_role"
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"role IN ({roles})")
