"""Protections of persons and sessions."""

from __future__ import annotations

from tests.negative_controls.control import Control

_LOCKED = "tests/crash/test_locked_projects.py"
_MERGES = "tests/integration/processor/test_large_merges.py"
_PEOPLE = "tests/integration/processor/test_persons.py"
_UNDOING = "tests/integration/processor/test_undone_merges.py"
_PROPERTIES = "tests/integration/processor/test_properties_by_key.py"
_KEY_KINDS = "tests/integration/processor/test_key_kinds.py"
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
        "a batch is put back when another one of its project takes a second",
        "services/processor/persons/changes.py",
        '_BATCH_LOCK_TIMEOUT = "30s"\n',
        '_BATCH_LOCK_TIMEOUT = "500ms"\n',
        f"{_LOCKED} -k waits_for_another",
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
        "an export outlives its person",
        "services/processor/persons/deletion.py",
        '        _remove(cursor, "person_export_parts", project_id, person_id)\n',
        "",
        "tests/integration/processor/test_jobs.py -k deleted_with_its_person",
    ),
    Control(
        "a late event does not join sessions",
        "services/processor/sessions/store.py",
        "to_store += join_close(sessions, timeouts[person[0]])",
        "to_store += sessions",
        "tests/integration/processor/test_sessions.py -k order",
    ),
    Control(
        "known users of one device are made one",
        "services/processor/persons/link_rules.py",
        "    if pending.is_known(project_id, previous) and (\n",
        "    if False and (\n",
        f"{_PEOPLE} -k two_known_users",
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
        "a deleted person leaves no tombstone",
        "services/processor/persons/resolver.py",
        "deleted_at is not None and to_datetime(time_us) <= deleted_at",
        "False and to_datetime(time_us) <= deleted_at",
        f"{_PEOPLE} -k stays_gone",
    ),
)
