"""Compare the evaluation of 50 flags through the gateway with a bare route: ``make bench-flags``.

Start Tidemark first (``make run``). In turns it measures the two requests that SDKs send most, each
of which evaluates all flags of a project for one of 20,000 persons, and a bare Flask route that
parses the same body and answers with as many bytes, under the same gunicorn settings and without
the gateway: the limit of the framework.

``SECONDS=4 CONNECTIONS=32 RUNS=3 DATA_DIR=.data``. Exits with 1 when a request was refused, or is
slower than the bars below.
"""

from __future__ import annotations

import os
import statistics
import sys
from typing import Any

import msgspec
import requests
from flask import Flask, Response, request

from benchmarks.attach import Running, attach_or_exit
from benchmarks.bare_service import bare_service
from benchmarks.load import Load, Sent, run

_FLAGS = 50
_POSTHOG, _OFREP = "/flags/?v=2", "/ofrep/v1/evaluate/flags"
_MIN_RATE, _MAX_P99_MS, _MIN_SHARE = 1_500, 60, 0.6
"""Requests a second, latency, and rate compared with the bare route, each the median of the runs,
on two cores."""
_PROPERTIES = '"plan": "pro", "level": 12, "mail": "ada@example.org"'


def bare_app() -> Flask:
    """Create the least Flask app that parses a body and answers with as many bytes as flags."""
    app = Flask("bare")
    body = b"x" * int(os.environ["ANSWER_BYTES"])

    @app.post("/flags/")
    def answer() -> Response:
        msgspec.json.decode(request.get_data(cache=False))
        return Response(body, content_type="application/json")

    return app


def main() -> int:
    """Attach, measure in turns, print."""
    running = attach_or_exit()
    key = _project_with_flags(running)
    posthog = (
        f'{{"token": "{key}", "distinct_id": "person-%d", "person_properties": {{{_PROPERTIES}}}}}'
    )
    ofrep = f'{{"context": {{"targetingKey": "person-%d", {_PROPERTIES}}}}}'
    size = len(requests.post(running.url + _POSTHOG, data=posthog % 1, timeout=10).content)
    print(f"{_FLAGS} flags, {size:,} bytes an answer")
    seconds = float(os.environ.get("SECONDS", "4"))
    connections = int(os.environ.get("CONNECTIONS", "32"))
    answer = {"ANSWER_BYTES": str(size)}
    with bare_service("flags", "benchmarks.flags:bare_app()", answer) as bare:
        loads = {
            "bare route": (bare, _POSTHOG, posthog),
            "PostHog": (running.url, _POSTHOG, posthog),
            "OFREP": (running.url, _OFREP, ofrep),
        }
        sent: dict[str, list[Sent]] = {name: [] for name in loads}
        for _ in range(int(os.environ.get("RUNS", "3"))):
            for name, (url, path, body) in loads.items():
                load = Load(url, (key,), connections, 1, seconds, path=path, body=body, success=200)
                sent[name].append(run(load))
    _print(sent)
    missed = _missed(sent)
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed or any(one.refused for runs in sent.values() for one in runs) else 0


def _missed(sent: dict[str, list[Sent]]) -> list[str]:
    """Return the bars that a kind of request does not reach."""
    bare = statistics.median(one.requests / one.seconds for one in sent["bare route"])
    missed = []
    for name, runs in sent.items():
        if name == "bare route":
            continue
        rate = statistics.median(one.requests / one.seconds for one in runs)
        p99 = statistics.median(one.p99_ms for one in runs)
        if rate < _MIN_RATE:
            missed.append(f"{name}: {rate:,.0f} requests/s, not {_MIN_RATE:,}")
        if p99 > _MAX_P99_MS:
            missed.append(f"{name}: p99 {p99:.0f} ms, not {_MAX_P99_MS}")
        if rate < _MIN_SHARE * bare:
            missed.append(f"{name}: {rate / bare:.2f} of the bare route, not {_MIN_SHARE}")
    return missed


def _print(sent: dict[str, list[Sent]]) -> None:
    limit = statistics.median(one.requests / one.seconds for one in sent["bare route"])
    for name, runs in sent.items():
        rates = [one.requests / one.seconds for one in runs]
        middle = statistics.median(rates)
        print(
            f"  {name:<12} {middle:>7,.0f} requests/s ({min(rates):,.0f} to {max(rates):,.0f})"
            f" {middle * _FLAGS:>9,.0f} flags/s  {middle / limit:>5.2f} of bare"
            f"  p50 {statistics.median(one.p50_ms for one in runs):>3.0f} ms"
            f"  p99 {statistics.median(one.p99_ms for one in runs):>3.0f} ms"
        )
        refused = {status for one in runs for status in one.refused}
        if refused:
            print(f"    other answers than 200: {refused}")


def _project_with_flags(running: Running) -> str:
    """Return the public key of a new project with flags of several kinds."""
    owner = running.login()
    made = owner.post(
        f"{running.url}/api/v1/projects/", json={"name": "Benchmark of flags"}, timeout=10
    )
    made.raise_for_status()
    place = f"{running.url}/api/v1/projects/{made.json()['id']}/feature-flags/"
    for number in range(_FLAGS):
        answer = owner.post(place, json=_flag(number), timeout=10)
        answer.raise_for_status()
    key: str = made.json()["public_key"]
    return key


def _flag(number: int) -> dict[str, Any]:
    """Return a flag: a rollout, conditions on properties, or variants with payloads."""
    flag: dict[str, Any] = {"key": f"flag-{number}", "rollout_percentage": 2 * number}
    if number % 3 == 1:
        plan = {"property": "plan", "value": ["pro", "team"]}
        level = {"property": "level", "operator": "gte", "value": [number]}
        mail = {"property": "mail", "operator": "contains", "value": ["@example."]}
        flag["conditions"] = [{"filters": [plan, level]}, {"filters": [mail]}]
    if number % 3 == 2:
        flag["variants"] = [{"key": key, "rollout_percentage": 50} for key in ("a", "b")]
        flag["payloads"] = {"a": {"colour": "red", "size": number}, "b": {"colour": "blue"}}
    return flag


if __name__ == "__main__":
    sys.exit(main())
