"""Protections of feature flags."""

from __future__ import annotations

from tests.negative_controls.control import Control

_STREAMS = "tests/integration/flags/test_streams.py"
_OUTAGES = "tests/integration/flags/test_outages.py"
_HTTP = "tests/integration/auth/test_flags_http.py"
_COSTS = "tests/integration/flags/test_costs.py"
_UNIT_COSTS = "tests/unit/flags/test_costs.py"
_EVENTS = "tests/integration/processor/test_recent_events.py"
_FILES = "tests/unit/flags/test_flag_files.py"
_FILES_HTTP = "tests/integration/auth/test_flag_files_http.py"
_RULES = "tests/unit/flags/test_evaluation.py"

_HISTORY = "tests/integration/auth/test_flag_history.py"
_PREVIEWS = "tests/integration/query/test_flag_previews.py"

CONTROLS = (
    Control(
        "a preview finds persons of every project",
        "services/query/records/flag_preview.py",
        "PersonDistinctId.project_id == project_id, PersonDistinctId.distinct_id == distinct_id",
        "PersonDistinctId.distinct_id == distinct_id",
        f"{_PREVIEWS} -k other_projects",
    ),
    Control(
        "a preview evaluates a flag that depends on itself",
        "services/query/records/flag_preview.py",
        "        _check(session, project_id, definition, others)\n",
        "",
        f"{_PREVIEWS} -k unsaved_flag",
    ),
    Control(
        "a preview evaluates persons for as long as a definition takes",
        "services/query/records/flag_preview.py",
        "        if monotonic() > end:\n            return\n",
        "",
        f"{_PREVIEWS} -k ends_after_a_time",
    ),
    Control(
        "a preview asks with ids that SDKs made up",
        "services/query/records/flag_persons.py",
        "if not _GENERATED.fullmatch(one))",
        "if _GENERATED.fullmatch(one))",
        f"{_PREVIEWS} -k a_share_is_of",
    ),
    Control(
        "flags are lost while auth and Redis are away",
        "services/flags/flag_sets.py",
        "                if last is None:\n",
        "                if True:\n",
        f"{_OUTAGES} -k last_known",
    ),
    Control(
        "a slower publisher puts older flags back",
        "shared/flags/publication.py",
        "if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end\n",
        "",
        f"{_OUTAGES} -k older_version",
    ),
    Control(
        "flags depend on each other in a circle",
        "shared/flags/checks.py",
        "        if cycle:\n",
        "        if False:\n",
        f"{_HTTP} -k one_direction",
    ),
    Control(
        "two changes at once are checked beside what the other one replaces",
        "services/auth/flags/changes.py",
        "    project_store.get_locked_project(session, project_id)\n",
        "",
        f"{_HTTP} -k at_once",
    ),
    Control(
        "a flag that is switched off is still on for single persons",
        "shared/flags/prepared.py",
        "        if not definition.is_active:\n",
        "        if not definition.is_active and not definition.overrides:\n",
        f"{_RULES} -k above_everything",
    ),
    Control(
        "clients are told of a change before the flags service has looked at it",
        "services/live/flag_changes.py",
        "_SETTLE_SECONDS = CHECK_SECONDS + 0.1\n",
        "_SETTLE_SECONDS = 0.0\n",
        f"{_STREAMS} -k asks_when_it_is_told",
    ),
    Control(
        "what changed while Redis was away is not told of",
        "services/live/flag_changes.py",
        "                self._unsure[project_id] = None\n",
        "                pass\n",
        f"{_STREAMS} -k outlast",
    ),
    Control(
        "a client that comes back is not told what it has missed",
        "services/live/flag_changes.py",
        "            if after is not None or was_recent:\n",
        "            if False:\n",
        f"{_STREAMS} -k comes_back",
    ),
    Control(
        "streams tell of the flags of every project",
        "services/live/flag_changes.py",
        "            self._see(project_id, int(version))",
        "            [self._see(one, int(version)) for one in project_ids]",
        f"{_STREAMS} -k own_project",
    ),
    Control(
        "the stream of a revoked key stays open",
        "services/live/api/flag_streams.py",
        '    _viewer_of(viewer.key, "")\n',
        "    pass\n",
        f"{_STREAMS} -k valid_keep",
    ),
    Control(
        "a secret key is in an address",
        "services/flags/routes/callers.py",
        ' if _policy(key, environ).kind == "public" else None',
        "",
        f"{_STREAMS} -k public_keys_only",
    ),
    Control(
        "the flags of a project may fill Redis",
        "shared/flags/checks.py",
        "    elif size + sum(map(_size, others.values())) > MAX_PROJECT_BYTES:\n",
        "    elif False:\n",
        f"{_HTTP} -k largest_size",
    ),
    Control(
        "copies of flags and policies take the memory of logins",
        "shared/runtime/redis_memory.py",
        "    if len(small) == len(copies) or read_memory(redis).exceeds(COPIES_SHARE):\n",
        "    if len(small) == len(copies):\n",
        f"{_COSTS} -k leave_room",
    ),
    Control(
        "the flags of many projects fill the memory of the service",
        "services/flags/flag_sets.py",
        " or self._bytes > _MAX_REMEMBERED_BYTES",
        "",
        f"{_COSTS} -k bounded_number",
    ),
    Control(
        "a property is made a text for each filter",
        "shared/flags/matching.py",
        "        if name not in self._compared:\n",
        "        if True:\n",
        f"{_UNIT_COSTS} -k once",
    ),
    Control(
        "values of any size are compared with filters",
        "shared/flags/matching.py",
        "        is_kept = len(text) <= _MAX_VALUE_CHARACTERS\n",
        "        is_kept = True\n",
        f"{_UNIT_COSTS} -k stored_of_no_person",
    ),
    Control(
        "a project that is alone has a share of the processor only",
        "services/flags/evaluation_budget.py",
        "        if wait > 0 and not is_alone:\n",
        "        if wait > 0:\n",
        f"{_UNIT_COSTS} -k beside_others",
    ),
    Control(
        "a request that is refused before Flask is answered there as if it were not",
        "services/flags/routes/answers.py",
        "    if error is not None:\n",
        "    if False:\n",
        f"{_COSTS} -k one_of_flask",
    ),
    Control(
        "an event that was not kept for a while counts as complete",
        "services/processor/recent_events/building.py",
        "        if dropped:\n",
        "        if False:\n",
        f"{_EVENTS} -k asked_for_again",
    ),
    Control(
        "stored properties that were missed are never found",
        "services/processor/recent_events/properties.py",
        "        _copy(connection, redis, project_id, wrong, days)\n",
        "",
        f"{_EVENTS} -k were_missed",
    ),
    Control(
        "persons with properties take the room of conditions on events",
        "services/processor/recent_events/building.py",
        "        _leave_out_properties(redis, project_id, days)\n        return True\n    for",
        "        return False\n    for",
        f"{_EVENTS} -k too_many_persons_with",
    ),
    Control(
        "a cohort that is too large takes the room of all conditions",
        "services/processor/recent_events/building.py",
        "        if size > MAX_MEMBERS:\n",
        "        if False:\n",
        f"{_EVENTS} -k too_large",
    ),
    Control(
        "a cohort that a flag names is deleted",
        "services/query/saved/cohorts.py",
        "        if flags:\n",
        "        if False:\n",
        f"{_PREVIEWS} -k by_cohort",
    ),
    Control(
        "the history of a flag grows without a bound",
        "services/auth/flags/store.py",
        "FeatureFlagVersion.version < oldest",
        "FeatureFlagVersion.version < 0",
        _HISTORY,
    ),
    Control(
        "the flags of one project take the whole service",
        "services/flags/evaluation_budget.py",
        "        if wait > 0 and not is_alone:\n",
        "        if False:\n",
        f"{_UNIT_COSTS} -k share",
    ),
    Control(
        "evaluating flags is not charged to their project",
        "services/flags/routes/callers.py",
        "    with _budget().spend(flags.flags.project_id):\n",
        "    if True:\n",
        f"{_UNIT_COSTS} -k charged_to_their",
    ),
    Control(
        "what is unknown of a person's events passes as not done",
        "shared/flags/prepared.py",
        "run.did.get(question) is expected",
        "bool(run.did.get(question)) is expected",
        f"{_RULES} -k unknown",
    ),
    Control(
        "a processor that died before it added events to bitmaps loses them",
        "services/processor/recent_events/keeping.py",
        "chain(stored, repeated)",
        "stored",
        f"{_EVENTS} -k died",
    ),
    Control(
        "events that were missed while Redis was away count as not done",
        "services/processor/recent_events/keeping.py",
        "                self._redis.delete(prefix_of(project_id))\n",
        "                pass\n",
        f"{_EVENTS} -k 'missed or cannot_be_kept'",
    ),
    Control(
        "a merged person's events are forgotten",
        "shared/flags/recent_events.py",
        "== 1 then redis.call('SETBIT', key, ARGV[3], 1) end",
        "== 2 then redis.call('SETBIT', key, ARGV[3], 1) end",
        f"{_EVENTS} -k agrees",
    ),
    Control(
        "distinct ids of a deleted person stay in Redis",
        "services/processor/recent_events/changes_of_persons.py",
        "        if ids:\n            yield ids",
        "        if ids and False:\n            yield ids",
        f"{_EVENTS} -k left",
    ),
    Control(
        "an undone merge leaves what the other did",
        "services/processor/recent_events/changes_of_persons.py",
        "            redis.set(stale_key(project_id), 1)\n",
        "            pass\n",
        f"{_EVENTS} -k undone",
    ),
    Control(
        "the ids of one project fill the Redis that holds logins",
        "shared/flags/recent_events.py",
        "if redis.call('HLEN', ids) < tonumber(ARGV[3]) or",
        "if true or",
        f"{_EVENTS} -k too_many",
    ),
    Control(
        "a few lines of YAML stand for gigabytes",
        "services/auth/flags/files.py",
        '        if getattr(event, "anchor", None) is not None:\n',
        "        if False:\n",
        f"{_FILES} -k plain_file",
    ),
    Control(
        "one of two flags of the same key in a file is lost",
        "services/auth/flags/files.py",
        "            if key.value in keys:\n",
        "            if False:\n",
        f"{_FILES} -k plain_file",
    ),
    Control(
        "a dry run of a file changes flags",
        "services/auth/flags/replacement.py",
        "        if dry_run or changes.is_empty:\n",
        "        if changes.is_empty:\n",
        f"{_FILES_HTTP} -k dry_run",
    ),
    Control(
        "flags of a file are checked beside those that it replaces",
        "services/auth/flags/replacement.py",
        "        _check_all(session, project_id, before, after, wanted)\n",
        "        _check_all(session, project_id, before, {**before, **after}, wanted)\n",
        f"{_FILES_HTTP} -k depend_on_each_other",
    ),
    Control(
        "conditions on events take the memory of logins",
        "services/processor/recent_events/building.py",
        "    if not read_memory(redis).exceeds(COPIES_SHARE):\n",
        "    if True:\n",
        "tests/integration/processor/test_recent_events.py -k largest_projects",
    ),
)
