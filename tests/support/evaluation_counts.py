"""What Redis has counted of evaluations of flags."""

from __future__ import annotations

from collections import Counter

from redis import Redis

from shared.flags.evaluation_counts import CountedAs, project_hours, sums


def counted(redis: Redis, *project_ids: int) -> Counter[CountedAs]:
    """Return how often flags of projects were evaluated, in all hours."""
    found: Counter[CountedAs] = Counter()
    for hour in project_hours(redis):
        if hour.project_id in project_ids:
            for some in sums(redis, hour):
                found.update(some)
    return found
