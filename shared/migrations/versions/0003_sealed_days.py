"""sealed days and their summaries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('community_daily_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('community_id', sa.Text(), nullable=False),
    sa.Column('division_id', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('unique_visitors', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'community_id', 'division_id', name=op.f('pk_community_daily_summaries'))
    )
    op.create_table('daily_event_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('unique_persons', sa.Integer(), nullable=False),
    sa.Column('unique_sessions', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'event_name', 'source', name=op.f('pk_daily_event_summaries'))
    )
    op.create_table('division_daily_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('division_id', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('unique_visitors', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'division_id', name=op.f('pk_division_daily_summaries'))
    )
    op.create_table('hourly_event_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('unique_persons', sa.Integer(), nullable=False),
    sa.Column('unique_sessions', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'hour', 'event_name', name=op.f('pk_hourly_event_summaries'))
    )
    op.create_table('page_daily_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('rank', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('page_path', sa.Text(), nullable=True),
    sa.Column('page_views', sa.BigInteger(), nullable=False),
    sa.Column('unique_visitors', sa.Integer(), nullable=False),
    sa.Column('authenticated_visitors', sa.Integer(), nullable=False),
    sa.Column('anonymous_visitors', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'rank', name=op.f('pk_page_daily_summaries'))
    )
    op.create_table('project_daily_summaries',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('unique_persons', sa.Integer(), nullable=False),
    sa.Column('unique_sessions', sa.Integer(), nullable=False),
    sa.Column('event_names', sa.Integer(), nullable=False),
    sa.Column('sources', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', name=op.f('pk_project_daily_summaries'))
    )
    op.create_table('rollup_drifts',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bucket', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('counted', sa.BigInteger(), nullable=False),
    sa.Column('stored', sa.BigInteger(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('repaired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('project_id', 'bucket', 'event_name', 'source', name=op.f('pk_rollup_drifts'))
    )
    op.create_table('sealed_days',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('sealed_version', sa.BigInteger(), nullable=True),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dirtied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('events', sa.BigInteger(), nullable=True),
    sa.Column('expired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('project_id', 'day', name=op.f('pk_sealed_days'))
    )
    op.create_table('sealed_events',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('weight', sa.Float(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('person_bitmap', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'event_name', name=op.f('pk_sealed_events'))
    )
    op.create_table('sealed_values',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('dimension', sa.Text(), nullable=False),
    sa.Column('rank', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('weight', sa.Float(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('person_bitmap', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'event_name', 'dimension', 'rank', name=op.f('pk_sealed_values'))
    )
    op.create_table('reconciliations',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('checked_until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_reconciliations'))
    )
    # Bitmaps do not get smaller by compression, only slower.
    for table in ('sealed_events', 'sealed_values'):
        op.execute(f'ALTER TABLE {table} ALTER COLUMN person_bitmap SET STORAGE EXTERNAL')


def downgrade() -> None:
    op.drop_table('reconciliations')
    op.drop_table('sealed_values')
    op.drop_table('sealed_events')
    op.drop_table('sealed_days')
    op.drop_table('rollup_drifts')
    op.drop_table('project_daily_summaries')
    op.drop_table('page_daily_summaries')
    op.drop_table('hourly_event_summaries')
    op.drop_table('division_daily_summaries')
    op.drop_table('daily_event_summaries')
    op.drop_table('community_daily_summaries')
