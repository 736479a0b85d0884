"""Protections of queries and their limits."""

from __future__ import annotations

from tests.negative_controls.control import Control

_ROLES = "tests/integration/shared/test_redis_roles.py"
_NUMBERS = "tests/integration/query/test_numbers.py"
CONTROLS = (
    Control(
        "numbers with an exponent, a sign or blanks are no numbers",
        "services/query/sources/event_columns.py",
        "case((is_plain, number), (is_number, number), else_=None)",
        "case((is_plain, number), else_=None)",
        f"{_NUMBERS} -k agree_on_what",
    ),
    Control(
        "10 and 10.0 are two values of a breakdown",
        "shared/events/dimensions.py",
        "trim_scale((properties -> {key})::numeric)::text",
        "(properties ->> {key})",
        f"{_NUMBERS} -k equal_numbers",
    ),
    Control(
        "a session by inactivity has the events after its end",
        "shared/events/session_lookup.py",
        "(sessions.ended_us[candidates] >= at_us[events])",
        "True",
        "tests/unit/shared/test_session_lookup.py",
    ),
    Control(
        "a session of before the range has no events in it",
        "shared/events/session_lookup.py",
        "return _match(persons, at_us, begun_in_range + earlier)[0]",
        "return found",
        "tests/unit/shared/test_session_lookup.py",
    ),
    Control(
        "a question that names a deleted cohort is answered",
        "services/query/execution/cached_query.py",
        "        # Not before the cache: whatever changes a cohort advances the data version.\n"
        "        check_filters(project_id, plan)\n",
        "",
        "tests/integration/query/test_saved_references.py -k gone",
    ),
    Control(
        "a saved question is not looked at",
        "services/query/api/saved_queries.py",
        "        insight.check(request)\n",
        "",
        "tests/integration/query/test_saved_references.py -k not_saved",
    ),
    Control(
        "a list ignores its filters",
        "services/query/records/events.py",
        "    if plan.filter_range is not None:\n",
        "    if plan.filter_range is not None and plan.limit < 0:\n",
        "tests/integration/query/test_lists.py -k oracle",
    ),
    Control(
        "one project may hold every thread of the query service",
        "services/query/execution/concurrency_limit.py",
        "self._held.by_project[project_id] >= self.capacity.project",
        "held > 10_000",
        "tests/unit/query/test_concurrency_limit.py -k one_project",
    ),
    Control(
        "an account with many projects may hold every thread of the query service",
        "services/query/execution/concurrency_limit.py",
        "if held >= most or ",
        "if ",
        "tests/unit/query/test_concurrency_limit.py -k hundred_projects",
    ),
    Control(
        "readers of public links may hold all that a project has",
        "services/query/execution/concurrency_limit.py",
        "self.capacity.anonymous if account == ANONYMOUS else self.capacity.account",
        "self.capacity.account",
        "tests/unit/query/test_concurrency_limit.py -k public_links",
    ),
    Control(
        "every request for health reads all parts anew",
        "services/query/monitoring/installation_health.py",
        "        last, age = self._last, time",
        "        self._last = self._read()\n        last, age = self._last, time",
        "tests/unit/query/test_health_monitor.py -k thousand",
    ),
    Control(
        "only the first number of a repetition is looked at",
        "services/query/parsing/regular_expressions.py",
        'int(token["most"][:9]) if token["most"] else least',
        "least",
        "tests/unit/query/test_regular_expressions.py",
    ),
    Control(
        "a project fills the queue of jobs",
        "services/query/records/person_jobs.py",
        "        if len(waiting) >= _MAX_WAITING:\n",
        "        if not waiting and _MAX_WAITING < 0:\n",
        "tests/integration/query/test_person_job_limits.py -k few",
    ),
    Control(
        "equal jobs are queued again",
        "services/query/records/person_jobs.py",
        "        if job_id.encode() in waiting:\n            return\n",
        "",
        "tests/integration/query/test_person_job_limits.py -k queued_once",
    ),
    Control(
        "requests at once pass the limit of a project's jobs together",
        "services/query/records/person_jobs.py",
        "    redis.transaction(queue_unless_waiting, key)\n",
        "    redis.transaction(queue_unless_waiting)\n",
        "tests/integration/query/test_person_job_limits.py -k at_once",
    ),
    Control(
        "a project exports persons without end",
        "services/query/records/person_jobs.py",
        "            export_budget.check(pipeline, project_id)\n",
        "            pass\n",
        "tests/integration/query/test_person_job_limits.py -k a_day",
    ),
    Control(
        "a report forgets whose events it counts",
        "services/query/sources/event_counts.py",
        "            EventCount.project_id == query.project_id,\n",
        "",
        "tests/integration/query/test_event_counts.py -k by_hand",
    ),
    Control(
        "a sealed day ignores its dirty mark",
        "services/query/sources/coverage.py",
        "\n                & (SealedDayRow.version == SealedDayRow.sealed_version)",
        "",
        "tests/integration/processor/test_sealing.py -k late_event",
    ),
    Control(
        "who is known now was always known",
        "services/query/visitors/unique_visitors.py",
        "        identified.update(who[reached:edge])\n",
        "        identified.update(who)\n",
        "tests/integration/query/test_visitors.py -k trends",
    ),
    Control(
        "a division is only what events name",
        "services/query/visitors/divisions.py",
        "        if explicit_id or not country:\n",
        "        if explicit_id or country or not country:\n",
        "tests/integration/query/test_compatible_reads.py -k keys_and_types",
    ),
    Control(
        "an error of COPY is ours",
        "services/query/execution/read_session.py",
        "    except (DBAPIError, psycopg2.Error) as error:\n",
        "    except DBAPIError as error:\n",
        "tests/integration/query/test_bad_queries.py -k 'too_long'",
    ),
    Control(
        "one project fills the cache",
        "services/query/execution/query_cache.py",
        "    redis.call('DEL', oldest)\n",
        "",
        f"{_ROLES} -k share",
    ),
    Control(
        "health does not know that logins are about to fail",
        "services/query/monitoring/installation_health.py",
        "        if not memory.exceeds(full_share):\n",
        "        if memory.used:\n",
        f"{_ROLES} -k named_by_health",
    ),
    Control(
        "a number means something else than its document says",
        "services/query/sources/session_rows.py",
        "rows.c.events <= 1",
        "rows.c.events <= 2",
        "tests/docs/test_metrics.py",
    ),
)
