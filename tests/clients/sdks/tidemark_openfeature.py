"""Evaluate flags with OpenFeature's Python SDK and Tidemark's provider; print them as JSON.

Standard input is a JSON list of ``[targeting key, attributes]``.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from tidemark import Client
from tidemark.openfeature import TidemarkProvider

local = bool(os.environ["SECRET"])
key = os.environ["SECRET"] if local else os.environ["KEY"]
api.set_provider(TidemarkProvider(Client(os.environ["HOST"], key, local_flags=local)))
client = api.get_client()


def details(found: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(found).items()
        if name in {"value", "variant", "reason", "error_code", "error_message"}
    }


answers = []
for targeting_key, attributes in json.load(sys.stdin):
    context = EvaluationContext(targeting_key or None, attributes)
    answers.append(
        {
            "rollout": details(client.get_boolean_details("rollout", False, context)),
            "variants": details(client.get_string_details("variants", "default", context)),
            "prices": details(client.get_object_details("prices", {"price": 0}, context)),
            "plan": details(client.get_boolean_details("for/plans", False, context)),
            "off": details(client.get_string_details("off", "default", context)),
            "missing": details(client.get_boolean_details("missing", True, context)),
            "wrong-type": details(client.get_boolean_details("variants", True, context)),
        }
    )
json.dump(answers, sys.stdout, default=str)
