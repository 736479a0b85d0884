"""Evaluate flags with PostHog's Python SDK, remotely and locally; print both as JSON.

Standard input is a JSON list of ``[distinct_id, person_properties, groups, group_properties]``.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from posthog import Posthog

persons = json.load(sys.stdin)
key, host = os.environ["KEY"], os.environ["HOST"]
remote = Posthog(key, host=host, send=False)
local = Posthog(key, host=host, send=False, personal_api_key=os.environ["SECRET"])
local.load_feature_flags()


def ask(client: Posthog, person: tuple[str, Any, Any, Any], **options: Any) -> Any:
    distinct_id, properties, groups, group_properties = person
    return client.get_all_flags_and_payloads(
        distinct_id,
        person_properties=properties,
        groups=groups,
        group_properties=group_properties,
        disable_geoip=True,
        **options,
    )


with ThreadPoolExecutor(6) as threads:
    answers = list(threads.map(lambda person: ask(remote, person), persons))
json.dump(
    {
        "remote": answers,
        "local": [ask(local, person, only_evaluate_locally=True) for person in persons],
    },
    sys.stdout,
)
sys.stdout.flush()
os._exit(0)  # the poller's thread would hold the process for a minute
