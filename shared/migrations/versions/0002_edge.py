"""the edge: settings, sources, outcome counts, spool"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('intake_counts',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bucket', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'bucket', 'outcome', name=op.f('pk_intake_counts'))
    )
    op.create_table('intake_warnings',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('event_name', sa.Text(), nullable=False),
    sa.Column('events', sa.BigInteger(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('last_seen', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'day', 'reason', 'event_name', name=op.f('pk_intake_warnings'))
    )
    op.create_table('spool',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('envelope', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'id', name=op.f('pk_spool'))
    )
    op.create_table('event_sources',
    sa.Column('id', sa.Integer(), sa.Identity(always=False), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('sample_rate', sa.Float(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('sample_rate > 0 AND sample_rate <= 1', name=op.f('ck_event_sources_sample_rate')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_event_sources_project_id_projects'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_sources')),
    sa.UniqueConstraint('project_id', 'name', name=op.f('uq_event_sources_project_id_name'))
    )
    op.add_column('events', sa.Column('browser', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('device_type', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('country', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('region', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('city', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('utm_source', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('utm_medium', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('utm_campaign', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('utm_term', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('utm_content', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('community_id', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('division_id', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('ip', sa.Text(), nullable=True))
    op.add_column('events', sa.Column('sample_weight', sa.REAL(), nullable=True))
    op.add_column('events', sa.Column('groups', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('projects', sa.Column('client_rate_limit_per_minute', sa.Integer(), nullable=True))
    op.add_column('projects', sa.Column('daily_quota', sa.BigInteger(), nullable=True))
    op.add_column('projects', sa.Column('monthly_quota', sa.BigInteger(), nullable=True))
    op.add_column('projects', sa.Column('sample_rate', sa.Float(), server_default='1', nullable=False))
    op.add_column('projects', sa.Column('allowed_origins', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('projects', sa.Column('filter_bots', sa.Boolean(), server_default='true', nullable=False))
    op.add_column('projects', sa.Column('ip_mode', sa.Text(), server_default='none', nullable=False))
    op.add_column('projects', sa.Column('do_not_track', sa.Text(), server_default='ignore', nullable=False))
    op.add_column('projects', sa.Column('consent', sa.Text(), server_default='implied', nullable=False))
    op.add_column('projects', sa.Column('retention_days', sa.Integer(), nullable=True))
    op.add_column('projects', sa.Column('session_timeout_minutes', sa.Integer(), server_default='60', nullable=False))
    op.create_check_constraint(op.f('ck_projects_sample_rate'), 'projects', "sample_rate > 0 AND sample_rate <= 1")
    op.create_check_constraint(op.f('ck_projects_ip_mode'), 'projects', "ip_mode IN ('none', 'hash', 'full')")
    op.create_check_constraint(op.f('ck_projects_do_not_track'), 'projects', "do_not_track IN ('ignore', 'anonymise', 'refuse')")
    op.create_check_constraint(op.f('ck_projects_consent'), 'projects', "consent IN ('implied', 'anonymise', 'refuse')")


def downgrade() -> None:
    op.drop_column('projects', 'session_timeout_minutes')
    op.drop_column('projects', 'retention_days')
    op.drop_column('projects', 'consent')
    op.drop_column('projects', 'do_not_track')
    op.drop_column('projects', 'ip_mode')
    op.drop_column('projects', 'filter_bots')
    op.drop_column('projects', 'allowed_origins')
    op.drop_column('projects', 'sample_rate')
    op.drop_column('projects', 'monthly_quota')
    op.drop_column('projects', 'daily_quota')
    op.drop_column('projects', 'client_rate_limit_per_minute')
    op.drop_column('events', 'groups')
    op.drop_column('events', 'sample_weight')
    op.drop_column('events', 'ip')
    op.drop_column('events', 'division_id')
    op.drop_column('events', 'community_id')
    op.drop_column('events', 'utm_content')
    op.drop_column('events', 'utm_term')
    op.drop_column('events', 'utm_campaign')
    op.drop_column('events', 'utm_medium')
    op.drop_column('events', 'utm_source')
    op.drop_column('events', 'city')
    op.drop_column('events', 'region')
    op.drop_column('events', 'country')
    op.drop_column('events', 'device_type')
    op.drop_column('events', 'browser')
    op.drop_table('event_sources')
    op.drop_table('spool')
    op.drop_table('intake_warnings')
    op.drop_table('intake_counts')
