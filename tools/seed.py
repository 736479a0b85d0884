"""Send events of invented players to any project of a running Tidemark: ``make seed``.

Without a key, the events go to the first project of the installation in ``DATA_DIR`` (``.data``).
The options may also be given as ``API_KEY= URL= DAYS=14 PLAYERS=200 SEED=``. A project that is no
sample takes no events older than ``LEDGER_DAYS`` (30 unless set otherwise).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import requests

from tools.demo_data.sending import BATCH, post_events
from tools.demo_data.timeline import Calendar, Event, Visit, hour_of_day, in_order
from tools.demo_data.visitors import Visitor, make_visitor

_PAGE = "https://games.example/snake"
_REFERRERS = ("", "", "https://www.google.com/", "https://chatgpt.com/", "https://www.reddit.com/")


class NoKey(Exception):
    """Neither a key nor an installation on this machine was found; the message says what to do."""


def main() -> int:
    """Send the events and print their outcomes; return 1 unless every event was accepted."""
    options = _options()
    try:
        url, key = _address(options)
        counted = _send(url, key, players_events(options.days, options.players, options.seed))
    except (NoKey, requests.RequestException) as problem:
        response = getattr(problem, "response", None)
        detail = "" if response is None else f": {response.text[:500]}"
        print(f"tidemark: {problem}{detail}", file=sys.stderr)
        return 1
    sent, accepted = counted.total(), counted["accepted"]
    print(f"{sent} events sent to {url}, {accepted} accepted (SEED={options.seed})")
    for reason, events in sorted(counted.items()):
        if reason != "accepted":
            print(f"  {reason}: {events}")
    return 0 if accepted == sent else 1


def players_events(
    days: int, players: int, seed: int, now: datetime | None = None
) -> Iterator[list[Event]]:
    """Yield the events of each day, the oldest first; equal arguments give equal events.

    Every player comes on a day before today, and on some of the days after it.

    Args:
        days: how many days, today (UTC) included.
        players: how many persons there are.
        seed: chooses the persons and what they do.
        now: no event is later; default: the present.
    """
    chance = random.Random(f"seed {seed}")
    calendar = Calendar(now or datetime.now(timezone.utc), days=days, size=1, seed=seed)
    visitors = [make_visitor(chance, f"player-{seed}-{number}") for number in range(players)]
    # Before today, which is not over: everybody has been there.
    first_days = [chance.randrange(max(1, days - 1)) for _ in visitors]
    stays = [chance.choice((0.05, 0.2, 0.6)) for _ in visitors]
    for number, date in calendar.all_days():
        visits = []
        for visitor, first, share in zip(visitors, first_days, stays, strict=True):
            if number == first or (number > first and chance.random() < share):
                visits.append(_visit(chance, visitor, hour_of_day(chance, date, 12, 20)))
        yield in_order(visits, calendar.now)


def _visit(chance: random.Random, visitor: Visitor, start: datetime) -> Visit:
    visit = Visit(chance, visitor, start, {"source": "game"})
    referrer = chance.choice(_REFERRERS)
    more: Event = {"referrer": referrer} if referrer else {}
    visit.add("page_view", page_url=_PAGE, **more)
    for game in range(1, chance.randrange(2, 4)):
        score = chance.randrange(0, 40)
        visit.add("game_started", properties={"game_number": game})
        visit.add("food_eaten", properties={"score": score, "length": score + 3})
        visit.add(
            "game_over", properties={"score": score, "cause": chance.choice(("wall", "self"))}
        )
    return visit


def _send(url: str, key: str, days: Iterator[list[Event]]) -> Counter[str]:
    """Send every day; return how many events were accepted, or dropped for which reason."""
    counted: Counter[str] = Counter()
    for events in days:
        for start in range(0, len(events), BATCH):
            outcomes = post_events(url, key, events[start : start + BATCH])["results"]
            counted.update(outcome.get("reason") or outcome["status"] for outcome in outcomes)
    return counted


def _address(options: argparse.Namespace) -> tuple[str, str]:
    """Return the installation's address and the project's key.

    Raises:
        NoKey: no key is given, and no installation stands in ``DATA_DIR``.
    """
    if options.api_key:
        return (options.url or "http://127.0.0.1:8000").rstrip("/"), options.api_key
    if options.url:  # its secret key may not go to another place
        raise NoKey(f"name the key of a project of {options.url}: make seed API_KEY=sk_… URL=…")
    file = Path(os.environ.get("DATA_DIR") or ".data") / "credentials.json"
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise NoKey(
            f"no key is given, and {file} cannot be read ({error}). Name a project's key: "
            "make seed API_KEY=sk_… URL=https://…, or the folder of a `make run`: DATA_DIR=/path"
        ) from error
    return known["url"].rstrip("/"), known["secret_key"]


def _options() -> argparse.Namespace:
    given = os.environ
    parser = argparse.ArgumentParser(prog="python -m tools.seed", description=__doc__)
    parser.add_argument("--api-key", default=given.get("API_KEY"), help="of the project")
    parser.add_argument("--url", default=given.get("URL"), help="of the installation")
    parser.add_argument("--days", type=_count, default=given.get("DAYS") or "14")
    parser.add_argument("--players", type=_count, default=given.get("PLAYERS") or "200")
    parser.add_argument(
        "--seed",
        type=int,
        default=given.get("SEED") or str(random.randrange(2**31)),
        help="the same one makes the same events on the same day; default: a new one",
    )
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
