"""Protections of the client for Python."""

from __future__ import annotations

from tests.negative_controls.control import Control

_CLIENT = "tests/clients/test_python_sdk.py"
_FLAGS = "tests/clients/test_flags_with_tidemark.py"
CONTROLS = (
    Control(
        "the Python client keeps no event on disk",
        "sdk/python/src/tidemark/delivery.py",
        "self._disk.add(event_id, event)",
        "pass",
        f"{_CLIENT} -k killed_app",
    ),
    Control(
        "the Python client drops events when its key is refused",
        "sdk/python/src/tidemark/request.py",
        "frozenset({401, 408, 425, 429})",
        "frozenset({408, 425, 429})",
        f"{_CLIENT} -k wrong_key",
    ),
    Control(
        "flush of the Python client waits for the end of the pause after a failure",
        "sdk/python/src/tidemark/delivery.py",
        "lambda: self._closed or self._flushes != flushes",
        "lambda: self._closed",
        f"{_CLIENT} -k flush_tries_at_once",
    ),
    Control(
        "a forked process sends what its parent had queued",
        "sdk/python/src/tidemark/forks.py",
        'after_in_child=call("start_over")',
        'after_in_child=call("release")',
        f"{_CLIENT} -k fork",
    ),
    Control(
        "the Python client does not say who an anonymous visitor was",
        "sdk/python/src/tidemark/visits.py",
        "self._client.identify(visit.user_id, anonymous_id=anonymous_id, timestamp=at)",
        "self._client.identify(visit.user_id)",
        "tests/clients/test_visits_of_servers.py -k conversion",
    ),
    Control(
        "visits are lost with a killed app although it has a disk queue",
        "sdk/python/src/tidemark/delivery.py",
        "            record()\n            return\n",
        "            pass\n",
        f"{_CLIENT} -k is_on_disk",
    ),
    Control(
        "recording a visit makes Django's pages vary by cookie",
        "sdk/python/src/tidemark/django.py",
        "if session is not None and accessed is False:",
        "if False:",
        "tests/clients/test_visits_of_servers.py -k no_header",
    ),
    Control(
        "a function that fails breaks the answers of the app whose visits are recorded",
        "sdk/python/src/tidemark/visits.py",
        '            log.exception("user_id() failed; the visit counts as anonymous.")\n'
        "            return None\n",
        "            raise SystemExit from None\n",
        "tests/clients/test_visits_of_servers.py -k answers_as_before",
    ),
    Control(
        "the Python client evaluates a property that it was not passed",
        "sdk/python/src/tidemark/evaluation.py",
        '            raise Unsure(f"The property {name} may be stored of the {kind}.")',
        "            return False",
        f"{_FLAGS} -k only_the_server_knows",
    ),
    Control(
        "the Python client compares ids of overrides without regard to case",
        "sdk/python/src/tidemark/evaluation.py",
        'if test.get("is_override"):',
        "if False:",
        f"{_FLAGS} -k same_value_remotely",
    ),
    Control(
        "the Python client records each reading of a flag",
        "sdk/python/src/tidemark/flags.py",
        "now - self._called.get(call, -_REMEMBERED_SECONDS) < _REMEMBERED_SECONDS",
        "False",
        f"{_FLAGS} -k recorded_once",
    ),
    Control(
        "a forked process never hears of changed flags",
        "sdk/python/src/tidemark/definitions.py",
        "        self._thread: threading.Thread | None = None",
        '        self._thread = getattr(self, "_thread", None)',
        f"{_FLAGS} -k forked_process",
    ),
    Control(
        "the Python client waits for each byte of an answer",
        "sdk/python/src/tidemark/request.py",
        "answers.get(timeout=seconds)",
        "answers.get()",
        f"{_FLAGS} -k drips",
    ),
    Control(
        "the Python client remembers a reading that it could not record",
        "sdk/python/src/tidemark/flags.py",
        "                self._called.pop(call, None)\n",
        "                pass\n",
        f"{_FLAGS} -k a_day_later",
    ),
    Control(
        "the Python client sends values of deleted flags",
        "sdk/python/src/tidemark/flags.py",
        "(definitions is None or key in definitions)",
        "True",
        f"{_FLAGS} -k deleted_flag",
    ),
)
