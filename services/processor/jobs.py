"""What RQ runs: thin, idempotent shells. RQ only triggers; no event ever travels in a job."""

from __future__ import annotations

from datetime import datetime, timezone

from services.processor.ledger import prune
from services.processor.partitions import ahead, make_partition
from shared.database import get_engine
from shared.settings import get_settings


def make_partitions_ahead() -> int:
    """Make the partitions of the coming days; answers how many days were looked at."""
    days = ahead(datetime.now(timezone.utc).date())
    with get_engine().connect() as connection:
        driver_connection = connection.connection.driver_connection
        assert driver_connection is not None
        for day in days:
            make_partition(driver_connection, day)
    return len(days)


def prune_ledger() -> int:
    """Forget event ids older than the deduplication window; answers how many."""
    return prune(get_settings().ledger_days)
