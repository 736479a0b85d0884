"""Protections of feature flags."""

from __future__ import annotations

from tests.negative_controls.control import Control

_OUTAGES = "tests/integration/flags/test_outages.py"
_HTTP = "tests/integration/auth/test_flags_http.py"
_RULES = "tests/unit/flags/test_evaluation.py"

CONTROLS = (
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
        "services/auth/flags.py",
        "    project_store.get_locked_project(session, project_id)\n",
        "",
        f"{_HTTP} -k at_once",
    ),
    Control(
        "a flag that is switched off is still on for single persons",
        "shared/flags/evaluation.py",
        "        if not definition.is_active:\n",
        "        if not definition.is_active and not definition.overrides:\n",
        f"{_RULES} -k above_everything",
    ),
)
