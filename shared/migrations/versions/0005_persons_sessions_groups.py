"""persons, sessions and groups"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('groups',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('group_type', sa.Text(), nullable=False),
    sa.Column('group_key', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('properties', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('property_writes', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'group_type', 'group_key', name=op.f('pk_groups'))
    )
    op.create_table('person_changes',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('into_person_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'number', name=op.f('pk_person_changes'))
    )
    op.create_table('person_tombstones',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('distinct_id_hash', sa.LargeBinary(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'distinct_id_hash', name=op.f('pk_person_tombstones'))
    )
    op.create_table('sessions',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('session_id', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_event_id', sa.Uuid(), nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('pageviews', sa.Integer(), nullable=False),
    sa.Column('entry_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry_page', sa.Text(), nullable=True),
    sa.Column('exit_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('exit_page', sa.Text(), nullable=True),
    sa.Column('by_inactivity', sa.Boolean(), nullable=False),
    sa.Column('sample_weight', sa.REAL(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('referrer', sa.Text(), nullable=True),
    sa.Column('utm_source', sa.Text(), nullable=True),
    sa.Column('utm_medium', sa.Text(), nullable=True),
    sa.Column('utm_campaign', sa.Text(), nullable=True),
    sa.Column('country', sa.Text(), nullable=True),
    sa.Column('device_type', sa.Text(), nullable=True),
    sa.Column('browser', sa.Text(), nullable=True),
    sa.Column('os_name', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('project_id', 'session_id', name=op.f('pk_sessions')),
    postgresql_with={'fillfactor': '85'}
    )
    op.create_index(op.f('ix_sessions_project_id_person_id_started_at'), 'sessions', ['project_id', 'person_id', 'started_at'], unique=False)
    op.create_index(op.f('ix_sessions_project_id_started_at'), 'sessions', ['project_id', 'started_at'], unique=False)
    op.add_column('person_counters', sa.Column('changes', sa.BigInteger(), server_default='0', nullable=False))
    op.create_index(op.f('ix_person_distinct_ids_project_id_person_id'), 'person_distinct_ids', ['project_id', 'person_id'], unique=False)
    op.add_column('persons', sa.Column('identified_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('persons', sa.Column('converted_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('persons', sa.Column('properties', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('persons', sa.Column('property_writes', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default='{}', nullable=False))
    op.create_index('ix_events_project_person', 'events', ['project_id', 'person_id', 'timestamp'])


def downgrade() -> None:
    op.drop_index('ix_events_project_person', table_name='events')
    op.drop_column('persons', 'property_writes')
    op.drop_column('persons', 'properties')
    op.drop_column('persons', 'converted_at')
    op.drop_column('persons', 'identified_at')
    op.drop_index(op.f('ix_person_distinct_ids_project_id_person_id'), table_name='person_distinct_ids')
    op.drop_column('person_counters', 'changes')
    op.drop_index(op.f('ix_sessions_project_id_started_at'), table_name='sessions')
    op.drop_index(op.f('ix_sessions_project_id_person_id_started_at'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_table('person_tombstones')
    op.drop_table('person_changes')
    op.drop_table('groups')
