"""Ask OpenFeature's Python SDK for the flag ``variants`` of many persons; print the values.

Standard input is a JSON list of targeting keys.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

headers = {"X-API-Key": os.environ["KEY"]}
api.set_provider(OFREPProvider(os.environ["HOST"], headers_factory=lambda: headers))
client = api.get_client()


def variant(targeting_key: str) -> str:
    return str(client.get_string_value("variants", "default", EvaluationContext(targeting_key)))


with ThreadPoolExecutor(4) as pool:
    json.dump(list(pool.map(variant, json.load(sys.stdin))), sys.stdout)
