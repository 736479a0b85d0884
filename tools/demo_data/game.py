"""A mobile game: versions, levels, two currencies, purchases, advertisements and crashes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.demo_data import saved_items
from tools.demo_data.timeline import Calendar, Event, Note, Story, Visit, hour_of_day, in_order
from tools.demo_data.visitors import Visitor, make_visitor

_LEVELS = 40
_HARD_LEVEL = 12
_RELEASES = ((90, "1.4.2"), (45, "1.5.0"), (41, "1.5.1"), (12, "1.6.0"))
"""Days ago, version; 1.5.0 crashes."""
_OFFERS = {"gems_small": 1.99, "gems_large": 9.99, "starter_pack": 4.99}


@dataclass(slots=True)
class _Player:
    visitor: Visitor
    joined: datetime
    platform: str
    stays: float
    level: int = 1
    pays: bool = False


def _events(calendar: Calendar) -> Iterator[list[Event]]:
    chance = random.Random(f"game {calendar.seed}")
    players: list[_Player] = []
    for number, date in calendar.all_days():
        ago = (calendar.today - date).days
        version = [name for since, name in _RELEASES if ago <= since or since == 90][-1]
        visits = []
        for index in range(calendar.count(chance, 14, number, weekend=1.35)):
            player = _Player(
                make_visitor(chance, f"player-{number}-{index}"),
                date,
                chance.choice(["ios", "android", "android"]),
                chance.choice([0.04, 0.15, 0.4, 0.75]),
                pays=chance.random() < 0.1,
            )
            players.append(player)
            visits.append(_visit(chance, player, hour_of_day(chance, date, 13, 20), version))
        for player in players:
            if player.joined < date and chance.random() < player.stays:
                start = hour_of_day(chance, date, 13, 20)
                visits.append(_visit(chance, player, start, version))
                player.stays *= 0.96
        yield in_order(visits, calendar.now)


def _visit(chance: random.Random, player: _Player, start: datetime, version: str) -> Visit:
    common = {"source": player.platform, "app_version": version}
    visit = Visit(chance, player.visitor, start, common)
    visit.add("app_opened", properties={"first": player.joined.date() == start.date()})
    for _ in range(chance.randrange(2, 7)):
        if not _play_level(visit, player):
            player.stays *= 0.9
        if chance.random() < 0.25:
            ad = {"placement": "after_level", "network": chance.choice(["north", "south"])}
            visit.add("ad_shown", properties=ad)
    if version == "1.5.0" and chance.random() < 0.25:
        visit.add("crash", properties={"reason": "out of memory", "level": player.level})
        player.stays *= 0.6
        return visit
    if player.pays and chance.random() < 0.3:
        _buy(visit)
    return visit


def _play_level(visit: Visit, player: _Player) -> bool:
    level = f"level_{player.level:02}"
    chance = visit.chance
    visit.add("progression", properties={"status": "start", "progression01": level})
    easy = 0.35 if player.level == _HARD_LEVEL else 0.85 - 0.008 * player.level
    if chance.random() >= easy:
        visit.add(
            "progression",
            after=(20, 120),
            properties={"status": "fail", "progression01": level, "score": chance.randrange(500)},
        )
        return False
    score = chance.randrange(500, 5000)
    visit.add(
        "progression",
        after=(40, 180),
        properties={"status": "complete", "progression01": level, "score": score},
    )
    _resource(visit, "source", "coins", chance.randrange(20, 80), "level_reward")
    if chance.random() < 0.3:
        price, item = chance.choice([(30, "net"), (60, "boat"), (90, "lantern")])
        _resource(visit, "sink", "coins", price, item)
    player.level = min(_LEVELS, player.level + 1)
    return True


def _resource(visit: Visit, flow: str, currency: str, amount: int, item: str) -> None:
    properties = {"flow": flow, "currency": currency, "amount": amount, "item": item}
    visit.add("resource", after=(1, 5), properties=properties)


def _buy(visit: Visit) -> None:
    offer = visit.chance.choice(list(_OFFERS))
    visit.add("shop_opened")
    visit.add(
        "purchase",
        properties={
            "revenue": _OFFERS[offer],
            "currency": "USD",
            "order_id": visit.session_id,
            "item": offer,
        },
    )
    _resource(visit, "source", "gems", 100, offer)


def _notes(calendar: Calendar) -> list[Note]:
    notes = [(calendar.ago(since), f"Release {name}") for since, name in _RELEASES if since < 90]
    return [(at + timedelta(hours=10), text) for at, text in notes]


GAME = Story("Tide Runner (sample game)", "tiderunner.example", _events, _notes, saved_items.GAME)
