"""A web shop: sources, campaigns, orders, an outage, a newsletter and a wave of bots."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tools.demo_data import saved_items
from tools.demo_data.timeline import Calendar, Event, Note, Story, Visit, hour_of_day, in_order
from tools.demo_data.visitors import (
    CRAWLER,
    SCRAPER,
    SCRAPER_ADDRESS,
    Visitor,
    email,
    make_visitor,
)

_SITE = "https://reef.example"
_PRODUCTS = {
    "dive-mask": 49.0,
    "fins": 79.0,
    "wetsuit": 219.0,
    "snorkel": 24.0,
    "torch": 64.0,
    "dry-bag": 34.0,
}
_SOURCES: dict[tuple[str, str], int] = {
    ("", ""): 30,
    ("https://www.google.com/", ""): 30,
    ("https://www.instagram.com/", ""): 10,
    ("https://news.ycombinator.com/item?id=1", ""): 3,
    ("https://duckduckgo.com/", ""): 4,
    ("", "utm_source=newsletter&utm_medium=email&utm_campaign=autumn-dive"): 8,
    ("https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=masks"): 9,
    ("https://www.facebook.com/", "utm_source=facebook&utm_medium=social&utm_campaign=reels"): 6,
}
_OUTAGE_DAYS_AGO, _BOTS_DAYS_AGO, _SALE_DAYS_AGO = 18, 9, 5


def _events(calendar: Calendar) -> Iterator[list[Event]]:
    chance = random.Random(f"shop {calendar.seed}")
    known: list[Visitor] = []
    for number, date in calendar.all_days():
        ago = (calendar.today - date).days
        visits = []
        factor = 1.6 if ago == _SALE_DAYS_AGO else 1.0
        for index in range(calendar.count(chance, 170 * factor, number, weekend=1.25)):
            if known and chance.random() < 0.3:
                visitor = chance.choice(known[-4000:])
            else:
                visitor = make_visitor(chance, f"shop-{number}-{index}")
                known.append(visitor)
            visits.append(_visit(chance, visitor, hour_of_day(chance, date, 12, 20)))
        if ago == _OUTAGE_DAYS_AGO:
            start = date + timedelta(hours=11)
            end = start + timedelta(hours=3)
            visits = [visit for visit in visits if not start <= visit.start < end]
        if ago == _BOTS_DAYS_AGO:
            visits += _bots(chance, date + timedelta(hours=3), calendar.size)
        yield in_order(visits, calendar.now)


def _visit(chance: random.Random, visitor: Visitor, start: datetime) -> Visit:
    referrer, campaign = chance.choices(list(_SOURCES), list(_SOURCES.values()))[0]
    visit = Visit(chance, visitor, start, {"source": "web"})

    def page(path: str, query: str = "", came_from: str = "") -> None:
        url = f"{_SITE}{path}" + (f"?{query}" if query else "")
        more: dict[str, Any] = {"referrer": came_from} if came_from else {}
        visit.add("page_view", page_url=url, **more)

    page(chance.choice(["/", "/", "/", "/guides/first-dive", "/products"]), campaign, referrer)
    if chance.random() < 0.42:
        return visit
    basket: list[str] = []
    for _ in range(chance.randrange(1, 5)):
        product = chance.choice(list(_PRODUCTS))
        page(f"/products/{product}")
        if chance.random() < 0.3:
            basket.append(product)
            visit.add("add_to_cart", properties={"product": product, "price": _PRODUCTS[product]})
    if chance.random() < 0.2:
        visit.add(
            "search",
            properties={"query": chance.choice(["mask", "kids wetsuit", "torch", "gift"])},
        )
    if basket and chance.random() < 0.62:
        _checkout(visit, basket, page)
    return visit


def _checkout(visit: Visit, basket: list[str], page: Any) -> None:
    chance = visit.chance
    total = round(sum(_PRODUCTS[product] for product in basket), 2)
    page("/checkout")
    visit.add("checkout_started", properties={"items": len(basket), "value": total})
    if chance.random() < 0.35:
        return
    person = {"email": email(visit.visitor), "name": visit.visitor.name}
    visit.add("$identify", properties={"$set": person})
    visit.add(
        "purchase",
        page_url=f"{_SITE}/checkout/thanks",
        properties={
            "revenue": total,
            "currency": "EUR",
            "order_id": visit.session_id,
            "items": len(basket),
            "payment": chance.choice(["card", "card", "paypal", "invoice"]),
        },
    )


def _bots(chance: random.Random, start: datetime, size: float) -> list[Visit]:
    """Return a wave: crawlers that say what they are, and a scraper that does not."""
    visits = []
    for index in range(round(400 * size)):
        name, agent = ("crawler", CRAWLER) if index % 2 else ("scraper", SCRAPER)
        visitor = Visitor(f"{name}-{index}", SCRAPER_ADDRESS, agent, "")
        visit = Visit(chance, visitor, start + timedelta(seconds=index * 9), {"source": "web"})
        visit.add("page_view", page_url=f"{_SITE}/products/{chance.choice(list(_PRODUCTS))}")
        visits.append(visit)
    return visits


def _notes(calendar: Calendar) -> list[Note]:
    return [
        (calendar.ago(60) + timedelta(hours=9), "New checkout is live"),
        (calendar.ago(_OUTAGE_DAYS_AGO) + timedelta(hours=11), "Outage: the shop was down for 3 h"),
        (calendar.ago(_BOTS_DAYS_AGO) + timedelta(hours=3), "Scraper reads every product"),
        (calendar.ago(_SALE_DAYS_AGO), "Autumn sale"),
    ]


SHOP = Story("Reef (sample shop)", "reef.example", _events, _notes, saved_items.SHOP)
