"""Protections of the edge: normalising, limits, spool and stream."""

from __future__ import annotations

from tests.negative_controls.control import Control

_INGEST = "tests/integration/ingest"
CONTROLS = (
    Control(
        "names of properties are as long as clients like",
        "services/ingest/properties.py",
        "    return len(encoded) > MAX_NAME_CHARACTERS and max(",
        "    return False and max(",
        "tests/unit/ingest/test_normalise.py -k name_of_a_property",
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
        "the clock of the stream is believed however far it was ahead",
        "services/ingest/limit_script.py",
        "if is_set_back then write() end",
        "",
        f"{_INGEST}/test_limits.py -k set_back",
    ),
    Control(
        "the stream is trimmed as it is written",
        "services/ingest/limit_script.py",
        "call('XADD', KEYS[1], '*', ARGV[1], ARGV[2])",
        "call('XADD', KEYS[1], 'MAXLEN', 5, '*', ARGV[1], ARGV[2])",
        f"{_INGEST}/test_outages.py -k restart_of_ingest",
    ),
    Control(
        "the kind of key is forgotten at the edge",
        "services/ingest/pipeline.py",
        "        key_kind=context.policy.kind,\n",
        "",
        "tests/contracts/test_public_keys.py -k merges",
    ),
    Control(
        "an event older than its project's retention is accepted",
        "services/ingest/normalise.py",
        "if timestamp_us < context.retained_since_us:",
        "if False:",
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
        "seed = (0, 0, answer[1])",
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
        "a rate limit is looked at, and not charged",
        "services/ingest/limit_script.py",
        "current, current_bytes = current + cost, current_bytes + size",
        "current_bytes = current_bytes + size",
        f"{_INGEST}/test_limits.py {_INGEST}/test_project_settings.py -k 'rate or limit'",
    ),
    Control(
        "threads of a process charge a window past each other",
        "services/ingest/limits.py",
        "        with self._lock:\n            return self._refusal(",
        "        if self._lock:\n            return self._refusal(",
        f"{_INGEST}/test_limits.py -k threads",
    ),
    Control(
        "a stream without maxmemory has no bound",
        "services/ingest/submit.py",
        "not memory.maximum and memory.used > self._max_bytes",
        "not memory.maximum and memory.used > 1 << 60",
        "tests/integration/ingest/test_limits.py -k full_by_its_bytes",
    ),
)
