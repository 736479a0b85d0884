"""Evaluate flags with Tidemark's client for Python, remotely and locally; print both as JSON.

Standard input is a JSON list of ``[distinct_id, {person_properties, groups, group_properties}]``.
``asked`` is how many requests for single persons the local evaluation needed.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tidemark import Client
from tidemark.evaluation import Evaluation, Person
from tidemark.flag_server import FlagServer

evaluate = FlagServer.evaluate
asked: list[Person] = []


def count(self: FlagServer, person: Person, deadline: float) -> dict[str, Evaluation]:
    asked.append(person)
    return evaluate(self, person, deadline)


FlagServer.evaluate = count  # type: ignore[method-assign]
persons = json.load(sys.stdin)
remote = Client(os.environ["HOST"], os.environ["KEY"])
local = Client(os.environ["HOST"], os.environ["SECRET"], local_flags=True)


def ask(client: Client, person: tuple[str, dict[str, Any]]) -> Any:
    distinct_id, passed = person
    values = client.flags.values(distinct_id, **passed)
    return values, client.flags.payload("variants", distinct_id, **passed)


with ThreadPoolExecutor(6) as threads:
    answers = list(threads.map(lambda person: ask(remote, person), persons))
before = len(asked)
found = [ask(local, person) for person in persons]
json.dump({"remote": answers, "local": found, "asked": len(asked) - before}, sys.stdout)
