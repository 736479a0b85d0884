"""Protections of imports: each row is stored and counted once."""

from __future__ import annotations

from tests.negative_controls.control import Control

_IMPORTS = "tests/integration/processor/test_imports.py"

_LIMITS = "tests/integration/query/test_import_limits.py"

CONTROLS = (
    Control(
        "an account takes a share of imports for each of its projects",
        "services/query/saved/import_limits.py",
        "return counts_for == first_owner(session, project_id)",
        "return EventImport.project_id == project_id",
        f"{_LIMITS} -k one_share",
    ),
    Control(
        "an account pays for projects that made it an owner",
        "shared/auth/first_owner.py",
        "ORDER BY owners.role_since, owners.user_id",
        "ORDER BY owners.user_id",
        f"{_LIMITS} -k nobodys_imports",
    ),
    Control(
        "who was a viewer before the owner counts as the earlier owner",
        "services/auth/members/members.py",
        "            membership.role_since = func.now()\n",
        "",
        f"{_LIMITS} -k nobodys_imports",
    ),
    Control(
        "uploads that are cancelled count for nothing",
        "services/query/saved/import_limits.py",
        "    _refuse_cancelled_bytes(session, project_id, size)\n",
        "",
        f"{_LIMITS} -k cancelling_makes_room",
    ),
    Control(
        "all accounts together may fill the disk with files",
        "services/query/saved/import_limits.py",
        "settings.import_total_bytes, true()",
        "1 << 60, true()",
        f"{_LIMITS} -k share_together",
    ),
    Control(
        "files are taken until events are refused",
        "shared/runtime/disk_space.py",
        "MIN_FREE_FACTOR = 2",
        "MIN_FREE_FACTOR = 1",
        f"{_LIMITS} -k leave_more_room",
    ),
    Control(
        "imports count for sizes that nobody has sent",
        "services/query/saved/import_limits.py",
        'case((EventImport.state == "uploading", held), else_=EventImport.size)',
        "EventImport.size",
        f"{_LIMITS} -k sent_nothing",
    ),
    Control(
        "imports that were begun together hold more than their account may",
        "services/query/saved/imports.py",
        "            refuse_part_beyond_share(session, project_id)\n",
        "",
        f"{_LIMITS} -k begun_together",
    ),
    Control(
        "a part of a file is replaced by others again and again",
        "services/query/saved/imports.py",
        "        if held is None:\n            refuse_part_beyond_share(session, project_id)\n"
        "            session.add(",
        "        if True:\n            session.merge(",
        f"{_LIMITS} -k not_written_again",
    ),
    Control(
        "an upload that goes on for ever is not ended",
        "services/processor/imports/store.py",
        "OR created_at < now() - interval '1 day'",
        "",
        f"{_LIMITS} -k lasts_too_long",
    ),
    Control(
        "an import that waits for ever holds its file for ever",
        "services/processor/imports/store.py",
        "WHERE state = 'waiting' AND created_at <",
        "WHERE state = 'none' AND created_at <",
        f"{_LIMITS} -k waits_for_weeks",
    ),
    Control(
        "an account's imports in many projects come before those of others",
        "services/processor/imports/waiting.py",
        "            turns[one.account] += 1\n",
        "",
        f"{_IMPORTS} -k take_turns",
    ),
    Control(
        "imports use up the quotas of clients",
        "services/ingest/usage.py",
        "sum(events - imported)",
        "sum(events)",
        f"{_IMPORTS} -k quotas_of_clients",
    ),
    Control(
        "an import fills the disk",
        "services/processor/imports/run.py",
        "            _wait_while_disk_is_low()\n",
        "",
        "tests/integration/processor/test_imports.py -k disk_that_is_nearly_full",
    ),
    Control(
        "the ledger forgets imported ids",
        "services/processor/maintenance/ledger.py",
        '"import_id IS NULL AND "',
        '"true AND "',
        f"{_IMPORTS} -k for_good",
    ),
    Control(
        "ids that the ledger has forgotten are imported again",
        "services/processor/imports/storing.py",
        "utc_day(item.event.timestamp_us) in self._forgotten for item",
        "False for item",
        f"{_IMPORTS} -k a_client_has_sent",
    ),
    Control(
        "rows without an id get a new one each time",
        "shared/imports/events.py",
        "row.raw.strip() + b",
        "str(id(row)).encode() + b",
        f"{_IMPORTS} -k imported_again",
    ),
    Control(
        "a row that an earlier attempt stored counts as a duplicate",
        "services/processor/imports/chunks.py",
        "if before.get(item.event.event_id) == rows[item.key].number:",
        "if before and False:",
        "tests/crash/test_import_crashes.py",
    ),
    Control(
        "a used-up quota does not stop an import",
        "services/processor/imports/run.py",
        "        if left.events <= 0:",
        "        if left.events < -(10**9):",
        f"{_IMPORTS} -k quota",
    ),
    Control(
        "a chunk that is larger than what a quota leaves is stored whole",
        "services/processor/imports/run.py",
        "importer.add(chunk[: left.events], ",
        "importer.add(chunk, ",
        f"{_IMPORTS} -k quota",
    ),
    Control(
        "imports ignore which sources and properties a project accepts",
        "services/processor/imports/translating.py",
        "self._translator.window, self._translator.rules = window, rules",
        "self._translator.window = window",
        f"{_IMPORTS} -k does_not_accept",
    ),
    Control(
        "a dry run does not know the project's settings",
        "shared/imports/dry_run.py",
        "        translator.rules = project.rules\n",
        "        translator.rules = translator.rules\n",
        f"{_IMPORTS} -k does_not_accept",
    ),
    Control(
        "conditions of flags do not learn of what was imported",
        "services/processor/imports/continuing.py",
        '    if state not in {BUSY, "running"}:\n',
        "    if False:\n",
        "tests/integration/processor/test_recent_events.py -k reach_into",
    ),
    Control(
        "a file whose parts are removed seems to end there",
        "services/processor/imports/file_parts.py",
        "            raise PartsMissing\n",
        "            return\n",
        f"{_IMPORTS} -k cancellation_removes",
    ),
    Control(
        "one text that cannot be packed ends the import that has it",
        "services/processor/imports/reading_ahead.py",
        "    except UnicodeEncodeError:\n",
        "    except ZeroDivisionError:\n",
        "tests/unit/processor/test_reading_ahead.py",
    ),
    Control(
        "a row that cannot be read ends the import",
        "shared/imports/reading.py",
        "    except RecursionError:\n        return None",
        "    except ZeroDivisionError:\n        return None",
        f"{_IMPORTS} -k odd_rows",
    ),
)
