"""who joined and identified a person, and what cancelling a pending merge needs to know"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = ("project_id", "distinct_id", "previous_id")
_BY_KEY = (
    ("persons", "identified_by_public_key"),
    ("pending_persons", "is_known_by_secret_key"),
)


def upgrade() -> None:
    for table, name in _BY_KEY:
        op.add_column(
            table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column(
        "person_distinct_ids", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("person_merges", sa.Column("remaining_profile", JSONB(), nullable=True))
    for name in ("identified_at", "begun_at"):
        op.add_column("pending_merges", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "pending_merges",
        sa.Column("left_person_id", sa.Integer(), server_default="0", nullable=False),
    )
    _fill_groups()
    # Whether the merges that wait have begun was not noted.
    op.execute("UPDATE pending_merges SET begun_at = requested_at")
    op.drop_constraint("pk_pending_merges", "pending_merges", type_="primary")
    op.create_primary_key("pk_pending_merges", "pending_merges", [*_KEY, "left_person_id"])


def _fill_groups() -> None:
    """Build the groups of persons that pending merges will make one; earlier versions had none."""
    connection = op.get_bind()
    merges = connection.execute(
        sa.text(
            "SELECT m.project_id, p.person_id, p.identified_at IS NOT NULL, "
            "o.person_id, o.identified_at IS NOT NULL "
            "FROM pending_merges m "
            "JOIN person_distinct_ids d USING (project_id, distinct_id) "
            "JOIN persons p ON p.project_id = m.project_id AND p.person_id = d.person_id "
            "JOIN person_distinct_ids e "
            "ON e.project_id = m.project_id AND e.distinct_id = m.previous_id "
            "JOIN persons o ON o.project_id = m.project_id AND o.person_id = e.person_id"
        )
    ).all()
    groups: dict[tuple[int, int], set[tuple[int, int]]] = {}
    known: set[tuple[int, int]] = set()
    for project_id, *persons in merges:
        pair = [(project_id, person_id) for person_id in persons[::2]]
        known |= {person for person, is_known in zip(pair, persons[1::2]) if is_known}
        small, large = sorted((groups.setdefault(person, {person}) for person in pair), key=len)
        if small is not large:
            large |= small
            groups.update(dict.fromkeys(small, large))
    rows = [
        {
            "project": project_id,
            "person": person_id,
            "parent": root,
            "size": len(group),
            "known": is_known,
        }
        for group in {id(group): group for group in groups.values()}.values()
        for root, is_known in [(min(group)[1], not known.isdisjoint(group))]
        for project_id, person_id in group
    ]
    connection.execute(sa.text("DELETE FROM pending_persons"))
    if rows:
        connection.execute(
            sa.text(
                "INSERT INTO pending_persons (project_id, person_id, parent_id, size, is_known, "
                "is_known_by_secret_key) VALUES (:project, :person, :parent, :size, :known, :known)"
            ),
            rows,
        )


def downgrade() -> None:
    op.execute("DELETE FROM pending_merges WHERE left_person_id <> 0")
    op.drop_constraint("pk_pending_merges", "pending_merges", type_="primary")
    op.create_primary_key("pk_pending_merges", "pending_merges", _KEY)
    for name in ("left_person_id", "begun_at", "identified_at"):
        op.drop_column("pending_merges", name)
    op.drop_column("person_merges", "remaining_profile")
    op.drop_column("person_distinct_ids", "joined_at")
    for table, name in _BY_KEY:
        op.drop_column(table, name)
