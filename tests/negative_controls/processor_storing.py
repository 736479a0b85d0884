"""Protections of storing events exactly once."""

from __future__ import annotations

from tests.negative_controls.control import Control

_LOCKED = "tests/crash/test_locked_projects.py"
_READER = "tests/integration/processor/test_stream_reader.py"
_CRASHES = "tests/crash/test_processor_crashes.py"
_MERGES = "tests/integration/processor/test_large_merges.py"
_POISON = "tests/crash/test_poison.py"
_ISOLATION = "tests/crash/test_isolation.py"
_ISOLATOR = "tests/unit/processor/test_isolator.py"
_SPOOL = "tests/integration/processor/test_spool_reader.py"
_STORING = "tests/integration/processor/test_storing.py"
_PEOPLE = "tests/integration/processor/test_persons.py"
_KEY_KINDS = "tests/integration/processor/test_key_kinds.py"
_DAY_FILES = "tests/integration/processor/test_day_files.py"
_COPIES = "tests/integration/processor/test_file_copies.py"
CONTROLS = (
    Control(
        "what crawlers sent counts twice when a request is delivered twice",
        "services/processor/storing/outcome_counts.py",
        "crawlers.record(cursor, fresh)",
        "crawlers.record(cursor, list(notable.values()))",
        "tests/integration/processor/test_outcome_counts.py -k crawlers",
    ),
    Control(
        "the ids of a crawler with a public key hide those of a server",
        "services/processor/storing/crawlers.py",
        "                batch.key_kind,\n",
        '                "unknown",\n',
        "tests/integration/processor/test_outcome_counts.py -k one_of_its_kind",
    ),
    Control(
        "a transaction waits for the lock of sessions with rows that others need",
        "services/processor/sessions/locking.py",
        '        cursor.execute("ROLLBACK TO SAVEPOINT sessions")\n',
        "",
        "tests/integration/processor/test_session_races.py -k one_order",
    ),
    Control(
        "sessions are appended without the lock of their project",
        "services/processor/sessions/locking.py",
        "sorted({*exclusive, *stripes(shared)})",
        "exclusive",
        "tests/integration/processor/test_session_races.py -k one_order",
    ),
    Control(
        "copies of files stay when their persons are deleted",
        "services/processor/sealing/file_copies.py",
        "        copies.remove(path)\n",
        "",
        f"{_COPIES} -k deleted_person",
    ),
    Control(
        "files that a manifest names are removed before it is written",
        "services/processor/sealing/file_copies.py",
        '        if copies.read(f"{month}/{_MANIFEST}") != manifest:\n',
        '        for path in sizes.keys() - {f"{month}/{file.copy_name}" for file in listed}:\n'
        "            copies.remove(path)\n"
        '        if copies.read(f"{month}/{_MANIFEST}") != manifest:\n',
        f"{_COPIES} -k was_killed",
    ),
    Control(
        "an installation removes the copies of another",
        "services/processor/sealing/file_copies.py",
        "found != own",
        "False",
        f"{_COPIES} -k never_share",
    ),
    Control(
        "a damaged file is copied",
        "services/processor/sealing/file_copies.py",
        "damage_of(source, file.bytes, file.sha256)",
        "False",
        f"{_COPIES} -k damaged",
    ),
    Control(
        "the file of a dirty day is read",
        "services/query/sources/day_files.py",
        "            SealedDay.version == SealedDay.sealed_version,\n",
        "",
        f"{_DAY_FILES} -k the_same_from_files",
    ),
    Control(
        "a damaged file is read",
        "services/query/sources/file_columns.py",
        "hashlib.sha256(content).hexdigest() != file.sha256",
        "False",
        f"{_DAY_FILES} -k damaged",
    ),
    Control(
        "a property among the others is taken for a missing one",
        "services/query/sources/file_columns.py",
        "name.startswith(PROPERTY_PREFIX) and has_all",
        "name.startswith(PROPERTY_PREFIX)",
        f"{_DAY_FILES} -k without_a_column",
    ),
    Control(
        "the files of a deleted person stay",
        "services/processor/persons/deletion.py",
        "    day_files.remove(unused)\n",
        "",
        f"{_DAY_FILES} -k deleted_person",
    ),
    Control(
        "files of sealed days take the room that events need",
        "services/processor/sealing/day_files.py",
        "    if root is None or not _has_room(root):",
        "    if root is None:",
        f"{_DAY_FILES} -k events_may_need",
    ),
    Control(
        "a file is registered for a day that changed meanwhile",
        "services/processor/sealing/day_files.py",
        "    if cursor.fetchone() is None:\n        return [path]\n",
        "    cursor.fetchone()\n",
        f"{_DAY_FILES} -k changes_while",
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
        "stored = [key for key in keys if key[0] not in waiting]",
        "stored = list(keys)",
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
        "                    deliveries=deliveries,\n",
        "",
        f"{_POISON} -k ends_its_processor",
    ),
    Control(
        "answers are cached over what was stored from the spool beside a locked project",
        "services/processor/storing/consumer.py",
        "self._publish(result)\n        suspicious",
        "suspicious",
        "tests/crash/test_locked_projects.py -k spool",
    ),
    Control(
        "entries are acknowledged before they are committed",
        "services/processor/storing/consumer.py",
        "            stored = self._store_with_retries(entries)\n",
        "            self._reader.acknowledge(entries)\n"
        "            stored = self._store_with_retries(entries)\n",
        f"{_CRASHES} -k named_point",
    ),
    Control(
        "an account with many groups to isolate comes before others",
        "services/processor/storing/isolator.py",
        "            self._last_turns |= ",
        "            _ = ",
        f"{_ISOLATOR} -k one_turn",
    ),
    Control(
        "an event that always fails temporarily is isolated for ever",
        "services/processor/storing/isolator.py",
        "        for number in range(_TRIES):\n",
        "        for number in range(10**9):\n",
        f"{_ISOLATOR} -k always_fails",
    ),
    Control(
        "entries that are isolated with one that always fails are not stored",
        "services/processor/storing/isolator.py",
        "            if result is None and len(groups) > 1:\n",
        "            if False:\n",
        f"{_ISOLATOR} -k always_fails",
    ),
    Control(
        "nothing is read while an event is isolated",
        "services/processor/storing/consumer.py",
        "        if suspects and not self._isolator.take(suspects):\n",
        "        self._isolator.take(suspects)\n"
        "        if suspects and self._isolator._thread.join(60):\n",
        f"{_ISOLATION} -k others_are_stored",
    ),
    Control(
        "the spool is not read while one of its events is isolated",
        "services/processor/storing/consumer.py",
        "            self._spool.begin_isolation(suspects)\n",
        "            self._spool.begin_isolation(suspects)\n"
        "            self._isolator._thread.join(60)\n",
        f"{_ISOLATION} -k of_the_spool_is_isolated",
    ),
    Control(
        "what is isolated is read from the spool again",
        "services/processor/storing/spool.py",
        "        self._isolated.update(_keys(entries))\n",
        "",
        f"{_SPOOL} -k is_not_read_again",
    ),
    Control(
        "two processors isolate the same batch of the spool",
        "services/processor/storing/spool.py",
        "if self._locked_on is not connection or self._isolated:",
        "if self._locked_on is not connection:",
        f"{_ISOLATION} -k of_the_spool_is_isolated",
    ),
    Control(
        "a database that does not answer makes batches of the spool suspects",
        "services/processor/storing/spool.py",
        "is_new = [key not in self._counted for key in chosen]",
        "is_new = [True for _ in chosen]",
        f"{_ISOLATION} -k makes_no_batch",
    ),
    Control(
        "a processor that stops leaves the child that isolates",
        "services/processor/storing/isolation.py",
        "if not stopping.is_set() and time.monotonic() < deadline:",
        "if time.monotonic() < deadline:",
        f"{_ISOLATION} -k others_are_stored",
    ),
    Control(
        "projects wait until the failing events of another one are found",
        "services/processor/storing/isolation.py",
        "for item in part})) > 1:",
        "for item in part})) > 1_000:",
        f"{_ISOLATION} -k before_the_halves",
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
        "entries that Redis refuses while they leave the memory are kept from others",
        "services/processor/storing/consumer.py",
        "            with self._released_on_failure(entries):\n                is_held",
        "            if True:\n                is_held",
        "tests/crash/test_failed_acknowledgements.py -k kept_from_others",
    ),
    Control(
        "entries that nobody releases fill the memory",
        "services/processor/storing/heartbeat.py",
        "self._held.items() if one[1] > oldest}",
        "self._held.items()}",
        "tests/crash/test_failed_acknowledgements.py -k leave_the_memory",
    ),
    Control(
        "entries of a project that is locked for long are taken over",
        "services/processor/storing/consumer.py",
        "        self._heartbeat.hold(self._waiting.entries())\n",
        "",
        f"{_LOCKED} -k stay_held",
    ),
    Control(
        "entries that are left to others again and again keep new ones from being read",
        "services/processor/storing/stream_reader.py",
        "        self._reclaimed_last = is_reclaimed\n",
        "",
        f"{_READER} -k left_to_others",
    ),
    Control(
        "projects that wait are forgotten when another fails",
        "services/processor/storing/consumer.py",
        "self._process(self._waiting.pop(project_id))\n",
        "entries = self._waiting.pop(project_id)\n"
        "            self._waiting.clear()\n"
        "            self._process(entries)\n",
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
        "services/processor/storing/stream_reader.py",
        "MAX_DELIVERIES = 3\n",
        "MAX_DELIVERIES = 3_000\n",
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
        "the ledger takes an id again",
        "services/processor/storing/event_store.py",
        "        SELECT project_id, event_id, by_secret_key FROM wanted\n"
        "        EXCEPT ALL SELECT project_id, event_id, by_secret_key FROM claimed\n",
        "        SELECT project_id, event_id, by_secret_key FROM wanted WHERE false\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "ids that COPY found in the ledger count as new",
        "services/processor/storing/event_store.py",
        '        return False\n    cursor.execute("RELEASE SAVEPOINT ledger")\n',
        '        return True\n    cursor.execute("RELEASE SAVEPOINT ledger")\n',
        f"{_STORING} -k come_again",
    ),
    Control(
        "the ledger fails on an id it knows",
        "services/processor/storing/event_store.py",
        "            FROM wanted\n            ON CONFLICT DO NOTHING\n",
        "            FROM wanted\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "counts are written in the order they come",
        "services/processor/storing/rows.py",
        "in sorted(counts.items())\n    ]",
        "in counts.items()\n    ]",
        f"{_STORING} -k deadlock",
    ),
    Control(
        "late events do not mark their day",
        "services/processor/storing/pipeline.py",
        "            dirty_days.mark_dirty(cursor, buckets | changed_sessions)\n",
        "",
        "tests/integration/processor/test_sealing.py -k late_event",
    ),
    Control(
        "a processor trusts its memory of persons",
        "services/processor/storing/pipeline.py",
        "self._persons.confirm(cursor, ready.persons)",
        "ready.persons",
        f"{_PEOPLE} -k remembers_a_merged",
    ),
    Control(
        "an id joined by a public key stays joined when a server uses it",
        "services/processor/storing/pipeline.py",
        "        if secret_ids.claim(connection, events, self._persons):\n",
        "        if False:\n",
        f"{_KEY_KINDS} -k uses_later",
    ),
    Control(
        "a public key uses up the event ids of a server",
        "services/processor/storing/event_store.py",
        "    return known - _claim_beside_other_kind(cursor, {key: times[key] for key in known})\n",
        "    return known\n",
        "tests/integration/processor/test_event_ids_by_key.py -k are_apart",
    ),
    Control(
        "a processor cannot start while the stream's memory is full",
        "services/processor/storing/stream_reader.py",
        "            if self._has_group(name):  #",
        "            if False:  #",
        "tests/integration/processor/test_stream_reader.py -k starts_while_the_memory_is_full",
    ),
)
