"""Protections of live views."""

from __future__ import annotations

from tests.negative_controls.control import Control

_READERS = "tests/unit/live/test_readers.py"
_PUBLICATION = "tests/integration/processor/test_live_publication.py"

CONTROLS = (
    Control(
        "a connection stays open after the logins of its account have ended",
        "shared/auth/access.py",
        "user.session_version != login_version",
        "user.session_version < login_version",
        "tests/e2e/test_live_views.py -k earlier_version",
    ),
    Control(
        "readers are not told that events are missing after a mark was lost",
        "services/live/feed.py",
        "        self._has_gap = True\n",
        "",
        f"{_READERS} -k gap",
    ),
    Control(
        "one viewer has as many filters as connections",
        "services/live/feed.py",
        "if wanted not in of_viewer and len(of_viewer) >= MAX_FILTERS_OF_VIEWER:",
        "if False:",
        f"{_READERS} -k one_viewer",
    ),
    Control(
        "a slow reader is ended by its heartbeat",
        "services/live/readers.py",
        "if self._is_heard or (self._was_waiting and taken > self._taken):",
        "if self._is_heard:",
        f"{_READERS} -k slow_reader",
    ),
    Control(
        "events of a time without the cache are missing unsaid",
        "services/processor/storing/publication.py",
        "                self._skipped[project_id] += len(events)\n",
        "                pass\n",
        f"{_PUBLICATION} -k without_the_cache",
    ),
    Control(
        "live streams take the whole cache",
        "services/processor/storing/publication.py",
        "int(share / (size + _ENTRY_OVERHEAD_BYTES))",
        "10**6",
        f"{_PUBLICATION} -k bounded_share",
    ),
)
