"""a function that creates day partitions, for roles that may not create tables"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# It runs with its owner's rights, so it takes nothing but a date, and looks for tables in its own
# schema alone: a temporary table named events must not stand in for ours. The lock has the numbers
# of AdvisoryLock.PARTITION and of date.toordinal(), as before the function.
_FUNCTION = """
DO $do$ BEGIN EXECUTE format($function$
    CREATE FUNCTION make_events_partition(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %1$I, pg_temp
    SET timezone = 'UTC' AS $body$
    DECLARE
        partition text := 'events_' || to_char(day, 'YYYYMMDD');
    BEGIN
        PERFORM pg_advisory_xact_lock(7204913, day - date '0001-01-01' + 1);
        IF to_regclass('%1$I.' || partition) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %1$I.%%I (LIKE %1$I.events INCLUDING DEFAULTS INCLUDING INDEXES'
                ' INCLUDING STORAGE INCLUDING COMPRESSION)', partition);
            EXECUTE format(
                'ALTER TABLE %1$I.events ATTACH PARTITION %1$I.%%I FOR VALUES FROM (%%L) TO (%%L)',
                partition, day::timestamptz, (day + 1)::timestamptz);
        END IF;
    END $body$
$function$, current_schema()); END $do$
"""


def upgrade() -> None:
    op.execute(_FUNCTION)


def downgrade() -> None:
    op.execute("DROP FUNCTION make_events_partition(date)")
