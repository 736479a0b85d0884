"""``make negative-controls``: take each protection away, and see the suite go red.

A suite that stays green whatever is broken proves nothing. Each control changes one thing in a copy
of the tree, and names the tests that have to notice. A control that nothing notices, and one whose
place in the code is gone, are failures of this command.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_TESTS_FAILED = 1  # pytest's exit code; a test that cannot even be collected gives another one


@dataclass(frozen=True)
class Control:
    """One protection, and how to take it away."""

    name: str
    path: str
    protection: str
    instead: str
    tests: str


_INGEST = "tests/integration/ingest"
_LOCKED = "tests/crash/test_locked_projects.py"
_READER = "tests/integration/processor/test_stream_reader.py"
_CRASHES = "tests/crash/test_processor_crashes.py"
_MERGES = "tests/integration/processor/test_large_merges.py"
_POISON = "tests/crash/test_poison.py"
_ISOLATION = "tests/crash/test_isolation.py"
_FAILED = "tests/integration/processor/test_failed_attempts.py"
_STORING = "tests/integration/processor/test_storing.py"
_PEOPLE = "tests/integration/processor/test_persons.py"
_LOGINS = "tests/integration/auth/test_login_sessions.py"
_LOCKOUT = "tests/integration/auth/test_lockout.py"
_UNDOING = "tests/integration/processor/test_undone_merges.py"
_PROPERTIES = "tests/integration/processor/test_properties_by_key.py"
_KEY_KINDS = "tests/integration/processor/test_key_kinds.py"
_ELSEWHERE = "tests/integration/auth/test_sso.py"
_TENANCY = "tests/contracts/test_tenancy.py"
_COMPOSE = "tests/deploy/test_compose.py"
_LIMITS = "tests/deploy/test_gateway_limits.py"
_SUPERVISION = "tests/deploy/test_supervision.py"
_ROLES = "tests/integration/shared/test_redis_roles.py"
CONTROLS = (
    Control(
        "groups of pending merges are not stored",
        "services/processor/persons/identities.py",
        "        self._pending.write(self._cursor)\n",
        "",
        f"{_MERGES} -k every_processor",
    ),
    Control(
        "a merge that fails is tried first again and again",
        "services/processor/persons/pending_merges.py",
        "                _postpone_first(connection, one)\n",
        "                pass\n",
        f"{_MERGES} -k fails",
    ),
    Control(
        "a deletion waits for the merges of all persons",
        "services/processor/persons/pending_merges.py",
        "                _take_step(connection, project_id, None, distinct_id)\n",
        "                _take_step(connection, project_id, 1)\n",
        f"{_MERGES} -k others_are_done",
    ),
    Control(
        "a batch is bounded in entries only",
        "services/processor/storing/stream_reader.py",
        "_MAX_BYTES_PER_BATCH = 16 * 1024 * 1024\n",
        "_MAX_BYTES_PER_BATCH = 16 * 1024 * 1024 * 1024\n",
        _READER,
    ),
    Control(
        "what waits for one project fills the memory",
        "services/processor/storing/waiting_projects.py",
        "        if sum(self._bytes.values()) <= self._max_bytes:\n",
        "        if True:\n",
        f"{_LOCKED} -k many_bytes",
    ),
    Control(
        "the spool forgets batches of a project that waits",
        "services/processor/storing/spool.py",
        "stored = [key for key in read if key[0] not in waiting]",
        "stored = list(read)",
        f"{_LOCKED} -k in_the_spool",
    ),
    Control(
        "a project that is never found free waits for ever",
        "services/processor/storing/consumer.py",
        "        if locked and self._waiting.is_time_to_queue():\n",
        "        if False:\n",
        f"{_LOCKED} -k never_found_free",
    ),
    Control(
        "nobody counts how often the spool was read",
        "services/processor/storing/spool.py",
        ", deliveries=deliveries\n",
        "\n",
        f"{_POISON} -k ends_its_processor",
    ),
    Control(
        "a batch is put back when another one of its project takes a second",
        "services/processor/persons/changes.py",
        '_BATCH_LOCK_TIMEOUT = "30s"\n',
        '_BATCH_LOCK_TIMEOUT = "500ms"\n',
        f"{_LOCKED} -k waits_for_another",
    ),
    Control(
        "a day that cannot be sealed ends sealing for everybody",
        "services/processor/jobs/attempts.py",
        "        if isinstance(error, BaseTimeoutException):\n",
        "        if isinstance(error, Exception):\n",
        f"{_FAILED} -k holds_up",
    ),
    Control(
        "a day that ends its process is attempted again at once",
        "services/processor/jobs/attempts.py",
        "    if day != WHOLE_PROJECT:\n        _record_start",
        "    if False:\n        _record_start",
        f"{_FAILED} -k next_run",
    ),
    Control(
        "names of properties are as long as clients like",
        "services/ingest/properties.py",
        "    return len(encoded) > MAX_NAME_CHARACTERS and max(",
        "    return False and max(",
        "tests/unit/ingest/test_normalise.py -k name_of_a_property",
    ),
    Control(
        "a property is sealed however long its name is",
        "services/processor/sealing/rows.py",
        "_MAX_NAME_CHARACTERS = 200\n",
        "_MAX_NAME_CHARACTERS = 100_000\n",
        f"{_FAILED} -k from_before",
    ),
    Control(
        "retention removes rows of days that are not sealed",
        "services/processor/maintenance/retention.py",
        "        for start, end in cutoff.retained:\n",
        "        for start, end in ():\n",
        f"{_FAILED} -k retention",
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
        "questions by secret key are charged to nobody",
        "shared/auth/access.py",
        "    charged_account.set(owner_id or ANONYMOUS)\n",
        "",
        "tests/integration/query/test_fair_accounts.py -k secret_keys",
    ),
    Control(
        "a public link is charged to the account that the thread served before",
        "shared/web/factory.py",
        "        charged_account.set(ANONYMOUS)\n",
        "",
        "tests/integration/query/test_fair_accounts.py -k public_links",
    ),
    Control(
        "answers are cached over a merge that the job carries out",
        "services/processor/jobs/tasks.py",
        "lambda project_id: data_version.advance(get_patient_cache(), project_id)",
        "lambda project_id: None",
        "tests/integration/processor/test_stale_answers.py -k merge_persons",
    ),
    Control(
        "answers are cached over what was stored from the spool beside a locked project",
        "services/processor/storing/consumer.py",
        "self._publisher.publish(result.stored, result.repeated)\n                    if",
        "if",
        "tests/crash/test_locked_projects.py -k spool",
    ),
    Control(
        "events are taken until the disk is full",
        "services/ingest/submit.py",
        "self._is_disk_low = space is not None and space.is_low",
        "self._is_disk_low = False",
        "tests/integration/ingest/test_disk_space.py -k too_little_room",
    ),
    Control(
        "events go to PostgreSQL when its disk is nearly full and the stream away",
        "services/ingest/submit.py",
        "        if self._is_disk_low:\n            raise _disk_is_low()  # as far",
        "        if False:\n            raise _disk_is_low()  # as far",
        "tests/integration/ingest/test_disk_space.py -k held_in_postgresql",
    ),
    Control(
        "taking and refusing events alternate while the disk is nearly full",
        "services/processor/monitoring/disk_watch.py",
        "min_free_mb * _RESUME_SHARE if was_low else min_free_mb",
        "min_free_mb",
        "tests/integration/ingest/test_disk_space.py -k alternate",
    ),
    Control(
        "a user with more logins may make more calls",
        "shared/auth/access.py",
        '    call_limit().count(f"user:{claims.user_id}")\n',
        "",
        "tests/integration/auth/test_project_limits.py -k more_logins",
    ),
    Control(
        "an account may create any number of projects in an hour",
        "services/auth/projects.py",
        "        limit_new_projects(get_cache(), owner.existing_user_id, per_hour)\n",
        "",
        "tests/integration/auth/test_project_limits.py -k an_hour",
    ),
    Control(
        "an account that asks for projects at once may own more than it may",
        "services/auth/projects.py",
        "            project_store.lock_user(session, owner.existing_user_id)\n",
        "",
        "tests/integration/auth/test_project_limits.py -k however_fast",
    ),
    Control(
        "every request for health reads all parts anew",
        "services/query/monitoring/installation_health.py",
        "        last, age = self._last, time",
        "        self._last = self._read()\n        last, age = self._last, time",
        "tests/unit/query/test_health_monitor.py -k thousand",
    ),
    Control(
        "the clock of the stream is believed however far it was ahead",
        "services/ingest/limit_script.py",
        "if is_set_back then write() end",
        "",
        f"{_INGEST}/test_limits.py -k set_back",
    ),
    Control(
        "the day's salt is deleted with the old ones",
        "services/processor/maintenance/redis_cleanup.py",
        "needed = {salt_key(today).encode(), salt_key(today - 1).encode()}",
        "needed = {b'visitor-salt:2026-03-10'}",
        "tests/integration/processor/test_jobs.py -k same_all_day",
    ),
    Control(
        "internal paths answer everybody",
        "shared/web/factory.py",
        "    if not is_internal(request.headers.get(HEADER), secret_key):\n",
        "    if False:\n",
        "tests/integration/processor/test_jobs.py -k person",
    ),
    Control(
        "limits of PostgreSQL are taken for an outage",
        "shared/runtime/database_errors.py",
        "    return away and not is_refusal(cause)\n",
        "    return away\n",
        "tests/unit/processor/test_failures.py",
    ),
    Control(
        "only the first number of a repetition is looked at",
        "services/query/parsing/regular_expressions.py",
        'int(token["most"][:9]) if token["most"] else least',
        "least",
        "tests/unit/query/test_regular_expressions.py",
    ),
    Control(
        "queries may read all of an account",
        "shared/runtime/database_roles.py",
        '    "users": ("id", ',
        '    "users": ("password_hash", "id", ',
        "tests/integration/shared/test_database_roles.py -k secrets",
    ),
    Control(
        "the function for partitions stays the superuser's",
        "shared/runtime/database_roles.py",
        "    SELECT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p\n",
        "    SELECT 'FUNCTION ' || p.oid::regprocedure FROM (SELECT * FROM pg_proc LIMIT 0) p\n",
        "tests/integration/shared/test_database_roles.py -k partition",
    ),
    Control(
        "make run gives queries the role that stores events",
        "deploy/local/database_urls.py",
        '            return {"DATABASE_URL": self.read}\n',
        "            return {}\n",
        "tests/deploy/test_run.py -k database_role",
    ),
    Control(
        "the key of the demos is published everywhere",
        "deploy/demo_config.py",
        "        path.unlink(missing_ok=True)\n        return\n",
        "        pass\n",
        "tests/deploy/test_security_headers.py -k wanted",
    ),
    Control(
        "metrics answer everybody",
        "shared/web/factory.py",
        '        require_metrics_token(request.headers.get("Authorization"), secret_key)\n',
        "",
        "tests/integration/shared/test_internal_paths.py",
    ),
    Control(
        "a process counts as started before it is recorded",
        "deploy/local/supervision.py",
        "        if pid:\n            self.on_fork(pid)\n",
        "",
        f"{_SUPERVISION} -k unrecorded",
    ),
    Control(
        "others may read what make run writes",
        "deploy/local/__main__.py",
        "        keep_private(data_dir)\n",
        "",
        "tests/deploy/test_run.py -k only_the_owner",
    ),
    Control(
        "the damaged end of a file is thrown away",
        "services/processor/maintenance/append_only_file.py",
        "        shutil.copyfileobj(file, kept, _COPIED_AT_ONCE)\n",
        "",
        "tests/deploy/test_damaged_files.py -k middle",
    ),
    Control(
        "claims of a signed token are believed to be ours",
        "shared/auth/login_sessions.py",
        "        except (jwt.InvalidTokenError, *_ODD_CLAIMS) as error:\n",
        "        except jwt.InvalidTokenError as error:\n",
        "tests/integration/auth/test_login_sessions.py -k odd_claims",
    ),
    Control(
        "the right password clears the count of wrong codes",
        "services/auth/lockout.py",
        "                    pipeline.delete(self._key)\n",
        "                    pipeline.delete(self._key, self._codes)\n",
        "tests/integration/auth/test_lockout.py -k 'clear_wrong_codes'",
    ),
    Control(
        "entries are acknowledged before they are committed",
        "services/processor/storing/consumer.py",
        "        result = self._store_with_retries(entries)\n",
        "        self._reader.acknowledge(entries)\n"
        "        result = self._store_with_retries(entries)\n",
        f"{_CRASHES} -k named_point",
    ),
    Control(
        "an isolated event without an outcome is acknowledged",
        "services/processor/storing/isolation.py",
        "    _let_wait_what_has_no_outcome(events, result)\n",
        "",
        f"{_ISOLATION} -k without_an_outcome",
    ),
    Control(
        "entries that failed are kept from being taken over",
        "services/processor/storing/consumer.py",
        "            self._heartbeat.release(one for one in entries if id(one) not in waiting)\n",
        "",
        "tests/crash/test_failed_acknowledgements.py -k soon_taken_over",
    ),
    Control(
        "projects that wait are forgotten when another fails",
        "services/processor/storing/consumer.py",
        "self._process(self._waiting.pop(project_id))\n",
        "entries = self._waiting.pop(project_id)\n"
        "                self._waiting.clear()\n"
        "                self._process(entries)\n",
        "tests/crash/test_failed_acknowledgements.py -k forgotten",
    ),
    Control(
        "a slow database makes events dead letters",
        "services/processor/storing/isolation.py",
        "            _check_that_the_database_answers(connection)\n",
        "",
        f"{_ISOLATION} -k database_is_slow",
    ),
    Control(
        "jobs queued before an upgrade are lost",
        "services/processor/jobs/__init__.py",
        "    if name not in _EARLIER_TASKS:\n",
        "    if True:\n",
        "tests/integration/processor/test_jobs.py -k before_the_tasks_moved",
    ),
    Control(
        "a mistake in SQL is tried for ever",
        "services/processor/storing/failures.py",
        "        psycopg2.errors.UndefinedTable,\n",
        "        psycopg2.ProgrammingError,\n",
        f"{_POISON} -k a_bug_in_sql",
    ),
    Control(
        "entries that wait for a lock are acknowledged",
        "services/processor/storing/consumer.py",
        "[one for one in entries if project_of(one) not in result.waiting]",
        "list(entries)",
        f"{_ISOLATION} -k locked_project",
    ),
    Control(
        "an entry is delivered again and again",
        "services/processor/storing/consumer.py",
        "_MAX_DELIVERIES = 3\n",
        "_MAX_DELIVERIES = 3_000\n",
        f"{_POISON} -k killed",
    ),
    Control(
        "a failure that PostgreSQL does not name is tried for ever",
        "services/processor/storing/consumer.py",
        '            log.exception("could not store %d entries", len(entries))\n',
        "            raise\n",
        f"{_POISON} -k a_bug",
    ),
    Control(
        "rows that exceed the memory are asked for for ever",
        "services/processor/storing/failures.py",
        "        return False  # said by this process, whose memory the rows exceed\n",
        "        return True\n",
        f"{_POISON} -k too_large",
    ),
    Control(
        "a person grows without end",
        "services/processor/persons/properties.py",
        "    if after is not None and sum(map(len, after)) > MAX_TOTAL_BYTES:\n",
        "    if False:\n",
        "tests/integration/processor/test_property_bounds.py -k what_fits",
    ),
    Control(
        "a property may have any size",
        "services/processor/persons/properties.py",
        "if len(bytes(value)) <= MAX_VALUE_BYTES",
        "if value",
        "tests/integration/processor/test_property_bounds.py -k a_value",
    ),
    Control(
        "the larger history is moved",
        "services/processor/persons/merging.py",
        "    if sizes[1] <= sizes[0]:\n",
        "    if sizes[1] >= sizes[0]:\n",
        f"{_MERGES} -k only_once",
    ),
    Control(
        "a merge of any size is done at once",
        "services/processor/persons/identities.py",
        "        if plan is not None and plan.rows <= self._rows_left:\n",
        "        if plan is not None:\n",
        f"{_MERGES} -k left_to_the_job",
    ),
    Control(
        "a pending merge does not count for what is refused",
        "services/processor/persons/pending_merges.py",
        "            self._root((project_id, person.person_id)) in self._known\n",
        "            False\n",
        f"{_MERGES} -k waits_to_join",
    ),
    Control(
        "a deletion forgets rows that were moved",
        "services/processor/persons/pending_merges.py",
        "    return _next(cursor, project_id, distinct_id) is not None\n",
        "    return False\n",
        f"{_MERGES} -k deleting",
    ),
    Control(
        "one locked project holds up the others of its batch",
        "services/processor/storing/pipeline.py",
        "        except psycopg2.errors.LockNotAvailable:\n            connection.rollback()\n",
        "        except psycopg2.errors.LockNotAvailable:\n            raise\n",
        f"{_MERGES} -k wait_for_a_lock",
    ),
    Control(
        "entries that take long are taken over",
        "services/processor/storing/heartbeat.py",
        "                if held:\n",
        "                if not held:\n",
        "tests/crash/test_locked_projects.py",
    ),
    Control(
        "retention leaves cached answers",
        "services/processor/maintenance/retention.py",
        "    data_version.advance(get_patient_cache(), cutoff.project.project_id)\n",
        "",
        "tests/integration/processor/test_retention.py -k keeps_what_was_counted",
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
        "an export outlives its person",
        "services/processor/persons/deletion.py",
        '        _remove(cursor, "person_export_parts", project_id, person_id)\n',
        "",
        "tests/integration/processor/test_jobs.py -k deleted_with_its_person",
    ),
    Control(
        "deletions of persons wait behind exports",
        "shared/runtime/job_queue.py",
        'delete_person": JobQueue.DELETIONS,',
        'delete_person": JobQueue.EXPORTS,',
        "tests/crash/test_workers.py -k hundreds",
    ),
    Control(
        "sealing waits behind exports",
        "shared/runtime/job_queue.py",
        "return _REQUESTED.get(job, JobQueue.SYSTEM)",
        "return JobQueue.EXPORTS",
        "tests/crash/test_workers.py -k hundreds",
    ),
    Control(
        "a worker that was killed is not started again",
        "services/processor/jobs/workers.py",
        "            if not stopping:\n",
        "            if stopping:\n",
        "tests/crash/test_workers.py -k killed_worker_is_restarted",
    ),
    Control(
        "the ledger takes an id again",
        "services/processor/storing/event_store.py",
        "        SELECT project_id, event_id, by_secret_key FROM wanted\n"
        "        EXCEPT ALL SELECT project_id, event_id, by_secret_key FROM claimed\n",
        "        SELECT project_id, event_id, by_secret_key FROM wanted WHERE false\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "the ledger fails on an id it knows",
        "services/processor/storing/event_store.py",
        "            FROM wanted\n            ON CONFLICT DO NOTHING\n",
        "            FROM wanted\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "the stream is trimmed as it is written",
        "services/ingest/limit_script.py",
        "call('XADD', KEYS[1], '*', ARGV[1], ARGV[2])",
        "call('XADD', KEYS[1], 'MAXLEN', 5, '*', ARGV[1], ARGV[2])",
        f"{_INGEST}/test_outages.py -k restart_of_ingest",
    ),
    Control(
        "counts are written in the order they come",
        "services/processor/storing/rows.py",
        "in sorted(counts.items())\n    ]",
        "in counts.items()\n    ]",
        f"{_STORING} -k deadlock",
    ),
    Control(
        "a report forgets whose events it counts",
        "services/query/sources/event_counts.py",
        "            EventCount.project_id == query.project_id,\n",
        "",
        "tests/integration/query/test_event_counts.py -k by_hand",
    ),
    Control(
        "the gateway believes the caller's X-Forwarded-For",
        "deploy/nginx/gateway.conf.template",
        'X-Forwarded-For "";',
        "X-Forwarded-For $http_x_forwarded_for;",
        "tests/deploy/test_gateway.py -k overwritten",
    ),
    Control(
        "one address sends any number of large bodies at a time",
        "deploy/nginx/gateway.conf.template",
        "    limit_conn tidemark_large 6;\n",
        "",
        f"{_LIMITS} -k never_end",
    ),
    Control(
        "many addresses send any number of medium bodies",
        "deploy/nginx/gateway.conf.template",
        "    limit_conn tidemark_medium_of_all 128;\n",
        "",
        f"{_LIMITS} -k medium_bodies",
    ),
    Control(
        "files of the dashboard count as requests of an address",
        "deploy/nginx/gateway.conf.template",
        'limit_conn tidemark_files 1024;\n        alias "${DEMO_ROOT}/";',
        'alias "${DEMO_ROOT}/";',
        f"{_LIMITS} -k office",
    ),
    Control(
        "a body of unknown length counts as a small one",
        "deploy/nginx/gateway.conf.template",
        '    "~:."                       chunked;\n',
        "",
        "tests/deploy/test_gateway_limits.py -k unknown_length",
    ),
    Control(
        "a long body is read before its key is known",
        "deploy/nginx/gateway.conf.template",
        '"~^:([6-9]\\d{6}|\\d{8,})$" 1;',
        '"~^:([6-9]\\d{6}|\\d{8,})$" 0;',
        f"{_LIMITS} -k names_its_key",
    ),
    Control(
        "one address takes all connections of the gateway",
        "deploy/local/gateway.py",
        "_MAX_CONNECTIONS = 16_384",
        "_MAX_CONNECTIONS = 4_096",
        f"{_LIMITS} -k requests_that_never_finish",
    ),
    Control(
        "each address of a /64 is a client",
        "deploy/nginx/gateway.conf.template",
        "$tidemark_network;",
        "$binary_remote_addr;",
        f"{_LIMITS} -k network_of_64_bits",
    ),
    Control(
        "one address asks as often as it likes",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_client zone=tidemark_api:10m",
        "limit_req_zone $tidemark_medium zone=tidemark_api:10m",
        f"{_LIMITS} -k of_one_address",
    ),
    Control(
        "one key asks as often as it likes from many addresses",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_credential zone=tidemark_who:10m",
        "limit_req_zone $tidemark_medium zone=tidemark_who:10m",
        f"{_LIMITS} -k login_or_key",
    ),
    Control(
        "health answers whoever asks",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_client zone=tidemark_health:1m",
        "limit_req_zone $tidemark_medium zone=tidemark_health:1m",
        f"{_LIMITS} -k loops_on_health",
    ),
    Control(
        "a login is renewed for ever",
        "shared/auth/login_sessions.py",
        "local left = tonumber(session[5]) + tonumber(ARGV[6]) - now",
        "local left = tonumber(ARGV[6])",
        f"{_LOGINS} -k ends_in_the_end",
    ),
    Control(
        "a page over HTTP speaks for the host over TLS",
        "shared/auth/access.py",
        'request.headers.get("X-Forwarded-Proto") == "https"',
        'request.headers.get("X-Forwarded-Proto") == "none"',
        f"{_LOGINS} -k does_not_speak",
    ),
    Control(
        "anybody says that TLS is used",
        "deploy/nginx/gateway.conf.template",
        '"~*^1:https$" https;',
        '"~*:https$" https;',
        "tests/deploy/test_gateway.py -k tls_is_demanded",
    ),
    Control(
        "the gateway passes on what a client says of its address",
        "deploy/nginx/gateway.conf.template",
        "X-Real-IP $remote_addr;",
        "X-Real-IP $http_x_real_ip;",
        f"{_LOCKOUT} -k says_of_its_address",
    ),
    Control(
        "a service believes whoever reaches its port what a client's address is",
        "shared/web/factory.py",
        "if token and not is_gateway(",
        "if False and not is_gateway(",
        f"{_LOCKOUT} -k own_port",
    ),
    Control(
        "the gateway logs every request",
        "deploy/nginx/gateway.conf.template",
        "    access_log /dev/stdout tidemark_failures if=$tidemark_failed;\n",
        "    access_log /dev/stdout combined;\n",
        "tests/deploy/test_gateway.py -k no_log_names",
    ),
    Control(
        "the gateway logs what went wrong with a request",
        "deploy/nginx/gateway.conf.template",
        "error_log stderr emerg;",
        "error_log stderr error;",
        "tests/deploy/test_gateway.py -k no_log_names",
    ),
    Control(
        "two services in containers listen on one port",
        "docker-compose.yml",
        'BIND: "0.0.0.0:8003"',
        'BIND: "0.0.0.0:8002"',
        f"{_COMPOSE} -k address_of_another",
    ),
    Control(
        "containers keep their capabilities",
        "docker-compose.yml",
        "  cap_drop: [ALL]\n",
        "",
        f"{_COMPOSE} -k do_little",
    ),
    Control(
        "Redis runs as root",
        "docker-compose.yml",
        "  user: redis\n",
        "",
        f"{_COMPOSE} -k as_root",
    ),
    Control(
        "the stream's Redis may forget events",
        "docker-compose.yml",
        "MAXMEMORY: ${STREAM_MAXMEMORY:-1gb}\n      MAXMEMORY_POLICY: noeviction",
        "MAXMEMORY: ${STREAM_MAXMEMORY:-1gb}\n      MAXMEMORY_POLICY: allkeys-lru",
        f"{_COMPOSE} -k forget",
    ),
    Control(
        "a sealed day ignores its dirty mark",
        "services/query/sources/coverage.py",
        "\n                & (SealedDayRow.version == SealedDayRow.sealed_version)",
        "",
        "tests/integration/processor/test_sealing.py -k late_event",
    ),
    Control(
        "late events do not mark their day",
        "services/processor/storing/pipeline.py",
        "            dirty_days.mark_dirty(cursor, buckets | changed_sessions)\n",
        "",
        "tests/integration/processor/test_sealing.py -k late_event",
    ),
    Control(
        "a late event does not join sessions",
        "services/processor/sessions/store.py",
        "to_store += join_close(sessions, timeouts[person[0]])",
        "to_store += sessions",
        "tests/integration/processor/test_sessions.py -k order",
    ),
    Control(
        "a processor trusts its memory of persons",
        "services/processor/storing/pipeline.py",
        "self._persons.confirm(cursor, ready.persons)",
        "ready.persons",
        f"{_PEOPLE} -k remembers_a_merged",
    ),
    Control(
        "known users of one device are made one",
        "services/processor/persons/link_rules.py",
        "    if pending.is_known(project_id, previous) and (\n",
        "    if False and (\n",
        f"{_PEOPLE} -k two_known_users",
    ),
    Control(
        "the kind of key is forgotten at the edge",
        "services/ingest/pipeline.py",
        "        key_kind=context.policy.kind,\n",
        "",
        "tests/contracts/test_public_keys.py -k merges",
    ),
    Control(
        "a public key merges persons of a server",
        "services/processor/persons/link_rules.py",
        "return self.ids <= MAX_ANONYMOUS_IDS and not self.has_secret_ids",
        "return True",
        f"{_KEY_KINDS} -k aliases_merge_no_persons",
    ),
    Control(
        "a public key joins any number of ids",
        "services/processor/persons/link_rules.py",
        "    if joined + standings[project_id, joining.person_id].ids > MAX_JOINED_IDS:\n",
        "    if False:\n",
        f"{_KEY_KINDS} -k bounded_number",
    ),
    Control(
        "an id joined by a public key stays joined when a server uses it",
        "services/processor/storing/pipeline.py",
        "        if secret_ids.claim(connection, events, self._persons):\n",
        "        if False:\n",
        f"{_KEY_KINDS} -k uses_later",
    ),
    Control(
        "other processors do not notice that an id has left its person",
        "services/processor/persons/secret_ids.py",
        "            changes.append_moved_ids(cursor, project_id)\n",
        "",
        f"{_KEY_KINDS} -k uses_later",
    ),
    Control(
        "a public key overwrites what a server says of a person",
        "services/processor/persons/properties.py",
        "        if known is not None and known.by_secret_key and not by_secret_key:\n",
        "        if False:\n",
        f"{_PROPERTIES} -k in_any_order",
    ),
    Control(
        "an event time ahead gives a public key precedence",
        "services/processor/persons/properties.py",
        "item.event.timestamp_us if item.batch.by_secret_key else item.happened_by_us",
        "item.event.timestamp_us",
        f"{_PROPERTIES} -k time_ahead",
    ),
    Control(
        "a merge forgets which properties are a server's",
        "services/processor/persons/merging.py",
        "row.secret or ()",
        "()",
        f"{_PROPERTIES} -k after_a_merge",
    ),
    Control(
        "a public key fills the room of a server's properties",
        "services/processor/persons/properties.py",
        "and not (by_secret_key and self._make_room()):\n",
        "and True:\n",
        f"{_PROPERTIES} -k fill_the_room",
    ),
    Control(
        "an undone merge leaves the events where they are",
        "services/processor/persons/undoing.py",
        "            rows = _move_some(cursor, project_id, merge, ids)\n",
        "            rows = 0\n",
        f"{_UNDOING} -k without_it",
    ),
    Control(
        "processors do not notice that a merge is undone",
        "services/processor/persons/undoing.py",
        "    changes.append_moved_ids(cursor, project_id)\n",
        "",
        f"{_UNDOING} -k two_persons_again",
    ),
    Control(
        "a public key joins again what was separated",
        "services/processor/persons/undoing.py",
        "by_secret_key = true, ",
        "",
        f"{_UNDOING} -k cannot_join_again",
    ),
    Control(
        "the log of merges remembers deleted persons",
        "services/processor/persons/deletion.py",
        "        merge_log.forget(cursor, project_id, ids)\n",
        "",
        f"{_UNDOING} -k log_forgets",
    ),
    Control(
        "a cancelled merge still counts as pending",
        "services/processor/persons/pending_merges.py",
        '    cursor.execute("DELETE FROM pending_persons WHERE project_id = %s", (project_id,))\n'
        "    cursor.execute(\n"
        '        "SELECT distinct_id, previous_id',
        '    return True\n    cursor.execute(\n        "SELECT distinct_id, previous_id',
        f"{_KEY_KINDS} -k is_cancelled",
    ),
    Control(
        "a public key uses up the event ids of a server",
        "services/processor/storing/event_store.py",
        "    return known - _claim_beside_other_kind(cursor, {key: times[key] for key in known})\n",
        "    return known\n",
        "tests/integration/processor/test_event_ids_by_key.py -k are_apart",
    ),
    Control(
        "a deleted person leaves no tombstone",
        "services/processor/persons/resolver.py",
        "deleted_at is not None and to_datetime(time_us) <= deleted_at",
        "False and to_datetime(time_us) <= deleted_at",
        f"{_PEOPLE} -k stays_gone",
    ),
    Control(
        "an event older than its project's retention is accepted",
        "services/ingest/normalise.py",
        "if timestamp_us < context.retained_since_us:",
        "if False:",
        f"{_INGEST}/test_retention.py",
    ),
    Control(
        "a prolonged retention forgets which days were removed",
        "services/auth/publication.py",
        "expired_until=expired_until.timestamp() if expired_until else 0.0",
        "expired_until=0.0",
        f"{_INGEST}/test_retention.py",
    ),
    Control(
        "a window forgets what passed before its current half second",
        "services/ingest/limit_script.py",
        "    past = past + current\n",
        "    past = current\n",
        f"{_INGEST}/test_limits.py -k agree",
    ),
    Control(
        "a quota counts from when it was set",
        "services/ingest/limit_script.py",
        "local used =\n        {day_events + accepted,",
        "local used =\n        {day_events + (number(ARGV[11]) < 0 and 0 or accepted),",
        f"{_INGEST}/test_project_settings.py -k start_of_its_period",
    ),
    Control(
        "a quota forgets what PostgreSQL has counted",
        "services/ingest/submit.py",
        "seed = _count(batch.project_id, day=answer[1])",
        "seed = (0, 0)",
        f"{_INGEST}/test_project_settings.py -k lost_its_data",
    ),
    Control(
        "dropped events use up the project's limit",
        "services/ingest/limits.py",
        '"accepted" if per_client else "received"',
        '"received"',
        f"{_INGEST}/test_limits.py -k against_the_client_alone",
    ),
    Control(
        "a public key uses up what is reserved for the secret key",
        "services/ingest/limits.py",
        "reserved = _reserved(policy.rate_limit_per_minute) if is_public else 0",
        "reserved = 0",
        f"{_INGEST}/test_limits.py -k reserved",
    ),
    Control(
        "a client has no limit by default",
        "services/ingest/limits.py",
        "0 if is_private(address) else defaults.client_events_per_minute",
        "0",
        f"{_INGEST}/test_limits.py -k default_limit",
    ),
    Control(
        "bytes are not counted",
        "services/ingest/limit_script.py",
        "if size > room_bytes then",
        "if false then",
        f"{_INGEST}/test_limits.py -k bytes",
    ),
    Control(
        "the quota of bytes counts from when it was set",
        "services/ingest/limit_script.py",
        "day_bytes + size, month_bytes + size}",
        "day_bytes + (number(ARGV[13]) < 0 and 0 or size), month_bytes + size}",
        f"{_INGEST}/test_limits.py -k quotas_of_bytes",
    ),
    Control(
        "a new day begins with what the day before used",
        "services/ingest/limit_script.py",
        "day, day_events, day_bytes, seeded = today, 0, 0, 0",
        "day, seeded = today, 0",
        f"{_INGEST}/test_limits.py -k next_day",
    ),
    Control(
        "every session start leaves something in Redis",
        "services/ingest/client_sessions.py",
        "if surplus > 0 then",
        "if false then",
        f"{_INGEST}/test_endpoints.py -k oldest_sessions",
    ),
    Control(
        "a purge forgets what limits have counted",
        "services/processor/maintenance/project_deletion.py",
        "for key in (limits_key(project_id), client_sessions_key(project_id)):",
        "for key in (client_sessions_key(project_id),):",
        "tests/integration/processor/test_project_deletion.py -k nothing_is_left",
    ),
    Control(
        "a rate limit is looked at, and not charged",
        "services/ingest/limit_script.py",
        "current, current_bytes = current + cost, current_bytes + size",
        "current_bytes = current_bytes + size",
        f"{_INGEST}/test_limits.py {_INGEST}/test_project_settings.py -k 'rate or limit'",
    ),
    Control(
        "a revoked key is remembered",
        "shared/policies/lookup.py",
        "if changes.has_changed(known.key_hash, known.version):",
        "if False:",
        f"{_INGEST}/test_policies.py -k revoked",
    ),
    Control(
        "changes are missed where Redis lost the list of them",
        "shared/policies/changes.py",
        "entries[0][0] != self._position",
        "False",
        f"{_INGEST}/test_policies.py -k forgot",
    ),
    Control(
        "every process of the edge asks anew for all keys when one has changed",
        "shared/policies/changes.py",
        "self._changed |= dict.fromkeys(changed, self.version)",
        "self.lost_at, self.lost_since = time.monotonic(), self.seen_at",
        f"{_INGEST}/test_policy_calls.py -k changed_key_alone",
    ),
    Control(
        "policies are asked for one by one when they are old",
        "shared/policies/lookup.py",
        "if is_current and now < known.asked_at + _RENEW_SECONDS:",
        "if is_current and now < known.asked_at + REMEMBERED_SECONDS:",
        f"{_INGEST}/test_policy_calls.py -k renewed_together",
    ),
    Control(
        "threads of a process charge a window past each other",
        "services/ingest/limits.py",
        "        with self._lock:\n            return self._refusal(",
        "        if self._lock:\n            return self._refusal(",
        f"{_INGEST}/test_limits.py -k threads",
    ),
    Control(
        "made-up keys cost a call to auth each",
        "shared/policies/unknown_keys.py",
        "own.left -= 1",
        "pass",
        f"{_INGEST}/test_policy_calls.py -k made_up",
    ),
    Control(
        "a key of the wrong form costs a call to auth",
        "shared/policies/lookup.py",
        "(self._unknown.is_fresh(key) or not looks_like_key(key))",
        "self._unknown.is_fresh(key)",
        f"{_INGEST}/test_policy_calls.py -k wrong_form",
    ),
    Control(
        "a refresh token is taken again and again",
        "shared/auth/login_sessions.py",
        "elseif ARGV[1] ~= session[1] then",
        "elseif false then",
        f"{_LOGINS} -k stolen_refresh",
    ),
    Control(
        "a lost answer of a refresh may be asked for without end",
        "shared/auth/login_sessions.py",
        "  redis.call('HDEL', KEYS[1], 'previous')\n",
        "",
        f"{_LOGINS} -k repeated_once",
    ),
    Control(
        "revocation is not looked at",
        "shared/auth/login_sessions.py",
        "if current != claims.token_id.encode():",
        "if False:",
        f"{_TENANCY} -k across_projects",
    ),
    Control(
        "a changed password leaves logins as they are",
        "services/auth/accounts.py",
        "    user.password_hash = hash_password(new)\n    end_logins(user)\n",
        "    user.password_hash = hash_password(new)\n",
        f"{_LOGINS} -k unlisted_logins",
    ),
    Control(
        "a wrong password is counted after it was looked at",
        "services/auth/accounts.py",
        "    lockout.begin()\n    user = account_store.get_user_by_email",
        "    user = account_store.get_user_by_email",
        f"{_LOCKOUT} -k five_failures",
    ),
    Control(
        "an unknown account is refused without work",
        "services/auth/passwords.py",
        "        _hasher.verify(password_hash or _NOBODY, password)\n",
        "        _hasher.verify(password_hash or 'none', password)\n",
        f"{_LOCKOUT} -k same_work",
    ),
    Control(
        "other sites' pages may call",
        "shared/auth/access.py",
        "    if not same:\n        raise Forbidden",
        "    if False:\n        raise Forbidden",
        "tests/integration/auth/test_accounts.py -k other_sites",
    ),
    Control(
        "anybody may see any project",
        "shared/auth/access.py",
        "    return membership.role if membership is not None else None",
        '    return membership.role if membership is not None else "viewer"',
        f"{_TENANCY} -k across_projects",
    ),
    Control(
        "a public key reads",
        "shared/auth/access.py",
        "    if not key.startswith(SECRET_PREFIX):",
        "    if False:",
        f"{_TENANCY} -k across_projects",
    ),
    Control(
        "an address that nobody verified opens its account",
        "services/auth/oidc.py",
        'is_verified = claims.get("email_verified") in (True, "true")',
        "is_verified = True",
        f"{_ELSEWHERE} -k not_verified",
    ),
    Control(
        "the provider opens accounts that have a password",
        "services/auth/sso.py",
        "        raise LinkRequiresLogin(identity)\n",
        "        pass\n",
        f"{_ELSEWHERE} -k 'same_browser or got_round'",
    ),
    Control(
        "an account goes to whoever has its address now",
        "services/auth/sso.py",
        "if user is not None and account_store.has_identity_of(session, identity.issuer, user.id):",
        "if False:",
        f"{_ELSEWHERE} -k new_holder",
    ),
    Control(
        "the nonce of a sign-in is not looked at",
        "services/auth/oidc.py",
        '                    "nonce": nonce,\n',
        "",
        f"{_ELSEWHERE} -k lies",
    ),
    Control(
        "any browser may bring a sign-in's answer",
        "services/auth/routes/oidc.py",
        'if not hmac.compare_digest(state_cookie.encode(), answer.get("state", "").encode()):',
        "if False:",
        f"{_ELSEWHERE} -k from_the_browser",
    ),
    Control(
        "a deletion forgets a table",
        "services/processor/maintenance/project_deletion.py",
        '_NOT_DELETED = ("project_deletions",)',
        '_NOT_DELETED = ("project_deletions", "dead_letters")',
        "tests/integration/processor/test_project_deletion.py -k nothing_is_left",
    ),
    Control(
        "a deletion waits for nobody to change their mind",
        "services/processor/maintenance/project_deletion.py",
        '"WHERE purge_after <= %s AND',
        "\"WHERE purge_after <= %s + interval '7 days' AND",
        "tests/integration/processor/test_project_deletion.py -k taken_back",
    ),
    Control(
        "a cell of a CSV export may be a formula",
        "shared/web/csv_cells.py",
        'return f"\'{cell}" if cell.startswith(_FORMULA) else cell',
        "return cell",
        "tests/e2e/test_hostile_names.py -k formula",
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
        "answers of before know a deleted person",
        "services/processor/jobs/tasks.py",
        "contain the person.\n        data_version.advance(get_patient_cache(), project_id)\n",
        "contain the person.\n",
        "tests/integration/query/test_insights_http.py -k deleted_on_request",
    ),
    Control(
        "a page may run inline scripts",
        "deploy/nginx/gateway.conf.template",
        '${API_DOCS_ROOT}/";\n        index index.html;\n        expires -1;\n'
        "        add_header Content-Security-Policy \"default-src 'self'; script-src 'self';",
        '${API_DOCS_ROOT}/";\n        index index.html;\n        expires -1;\n'
        "        add_header Content-Security-Policy "
        "\"default-src 'self'; script-src 'self' 'unsafe-inline';",
        "tests/deploy/test_security_headers.py -k 'runs_only and docs'",
    ),
    Control(
        "a package that has to be compiled is let through",
        "tools/wheels_check.py",
        "        if not fits:\n",
        "        if not fits and False:\n",
        "tests/unit/tools/test_wheels_check.py",
    ),
    Control(
        "logs grow without end",
        "deploy/local/supervision.py",
        "stdout_logfile_maxbytes=_LOG_BYTES",
        "stdout_logfile_maxbytes=0",
        f"{_SUPERVISION} -k closed_terminal",
    ),
    Control(
        "a process that was killed is not started again",
        "deploy/local/supervision.py",
        "autorestart=RestartWhenExitUnexpected if program.runs_once else RestartUnconditionally",
        "autorestart=False",
        f"{_SUPERVISION} -k 'killed_master'",
    ),
    Control(
        "the workers of a killed master stay",
        "deploy/local/orphans.py",
        "                child.terminate()\n                self._terminated_at",
        "                self._terminated_at",
        f"{_SUPERVISION} -k 'killed_master'",
    ),
    Control(
        "a cache that hangs is waited for",
        "shared/runtime/redis_clients.py",
        "_CACHE_TIMEOUT_SECONDS = 0.15",
        "_CACHE_TIMEOUT_SECONDS = 2.0",
        f"{_SUPERVISION} -k 'hangs'",
    ),
    Control(
        "answers are cached where logins are",
        "shared/runtime/redis_clients.py",
        "timeout_seconds=_CACHE_TIMEOUT_SECONDS) if url else get_cache()",
        "timeout_seconds=_CACHE_TIMEOUT_SECONDS) if not url else get_cache()",
        f"{_ROLES} -k full_cache",
    ),
    Control(
        "a full cache refuses answers for good",
        "deploy/local/valkey.py",
        '("allkeys-lru", "no") if self._evicts',
        '("noeviction", "no") if self._evicts',
        f"{_ROLES} -k only_the_cache",
    ),
    Control(
        "embedded servers take all memory",
        "deploy/local/valkey.py",
        'f"maxmemory {self._max_memory}\\n',
        'f"maxmemory 0\\n',
        f"{_ROLES} -k has_a_limit",
    ),
    Control(
        "one project fills the cache",
        "services/query/execution/query_cache.py",
        "    redis.call('DEL', oldest)\n",
        "",
        f"{_ROLES} -k share",
    ),
    Control(
        "lost data versions bring back answers of before",
        "shared/runtime/data_version.py",
        "    redis.set(key, time.time_ns() // 1000, nx=True)\n",
        "    redis.set(key, 1, nx=True)\n",
        f"{_ROLES} -k of_before_returns",
    ),
    Control(
        "health does not know that logins are about to fail",
        "services/query/monitoring/installation_health.py",
        "        if not memory.exceeds(full_share):\n",
        "        if memory.used:\n",
        f"{_ROLES} -k named_by_health",
    ),
    Control(
        "a full Redis is only said to be away",
        "shared/web/factory.py",
        "        if is_redis_full(error.__cause__):\n",
        "        if error is None:\n",
        "tests/integration/auth/test_login_sessions.py -k full_redis",
    ),
    Control(
        "a stream without maxmemory has no bound",
        "services/ingest/submit.py",
        "not memory.maximum and memory.used > self._max_bytes",
        "not memory.maximum and memory.used > 1 << 60",
        "tests/integration/ingest/test_limits.py -k full_by_its_bytes",
    ),
    Control(
        "a cache that hangs is asked again and again",
        "shared/runtime/circuit_breaker.py",
        "self._is_open, self._process = True, os.getpid()",
        "self._is_open, self._process = False, os.getpid()",
        "tests/integration/shared/test_circuit_breaker.py -k only_the_first",
    ),
    Control(
        "the schedule ends when its Redis is away",
        "services/processor/jobs/schedule.py",
        "patience.answered()\n                except RedisError as error",
        "patience.answered()\n                except ZeroDivisionError as error",
        f"{_SUPERVISION} -k not_there_yet",
    ),
    Control(
        "a number means something else than its document says",
        "services/query/sources/session_rows.py",
        "rows.c.events <= 1",
        "rows.c.events <= 2",
        "tests/docs/test_metrics.py",
    ),
)


def main() -> int:
    """Run the controls; answers the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="those whose names contain this")
    options.add_argument("--parallel", type=int, default=2)
    chosen = options.parse_args()
    controls = [control for control in CONTROLS if chosen.only in control.name]
    with ThreadPoolExecutor(chosen.parallel) as workers:
        problems = [problem for problem in workers.map(_try, controls) if problem]
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    print(f"{len(controls) - len(problems)} of {len(controls)} protections are watched over")
    return 1 if problems else 0


def _try(control: Control) -> str | None:
    """None: the tests noticed; else what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tidemark"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=_ignored)
        path = copy / control.path
        source = path.read_text()
        if source.count(control.protection) != 1:
            return f"{control.name}: its place in {control.path} is gone; mend the control"
        path.write_text(source.replace(control.protection, control.instead))
        done = _run_tests(copy, folder, control)
        if not _has_failed(done):
            # Servers of the control beside this one may have taken a port; so once more.
            done = _run_tests(copy, folder, control)

    # A test that could not even begin (an error, no failure) says nothing about the protection.
    if _has_failed(done):
        print(f"red, as it should be: {control.name}", flush=True)
        return None
    return (
        f"{control.name}: pytest {control.tests} ended with {done.returncode}\n"
        f"{done.stdout[-2000:]}{done.stderr[-1000:]}"
    )


def _run_tests(copy: Path, folder: str, control: Control) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        # A folder of its own: pytest takes the rights of others away from the one it shares,
        # which the servers of a test beside it run in.
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
         "--basetemp", f"{folder}/pytest", *shlex.split(control.tests)],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def _has_failed(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a test failed, and not only could not begin."""
    return done.returncode == _TESTS_FAILED and bool(re.search(r"\b\d+ failed\b", done.stdout))


def _ignored(folder: str, names: list[str]) -> set[str]:
    """What tests do not need, and what is large."""
    large = {".git", ".venv", ".data", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache"}
    return large & set(names) | ({"dashboard"} if folder == str(ROOT) else set())


if __name__ == "__main__":
    sys.exit(main())
