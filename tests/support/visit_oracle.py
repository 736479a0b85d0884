"""Visits counted one by one, in plain Python, and events for tests of the web report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.events.dimensions import PAGE_EVENTS
from tests.support.insights import Sample
from tests.support.session_oracle import with_sessions

OWN = "https://www.reef.example"
PAGES: dict[str | None, str | None] = {
    None: None,
    f"{OWN}/": "/",
    f"{OWN}?utm_source=x": "/",
    f"{OWN}/docs?a=1#b": "/docs",
    f"{OWN}/Docs/": "/Docs/",
    "https://shop.reef.example/ü": "/ü",
}
"""Addresses with their paths."""
REFERRERS: dict[str | None, str | None] = {
    None: None,
    "https://www.google.com/search?q=reef": "google.com",
    "https://news.ycombinator.com": "news.ycombinator.com",
    "http://Google.com:80/other": "google.com",
    f"{OWN}/pricing": None,
    "https://reef.example/x": None,
    "https://cafe.example/reef.example": "cafe.example",
    "https://notreef.example/": "notreef.example",
    "nonsense": None,
}
"""Referrers with the site that a visit came from; of the project's own sites it is none."""
NAMES = ("page_view", "$pageview", "clicked", "signup", "$session_start")
CAMPAIGNS = ((None, None), ("Newsletter", "email"), ("google", "CPC"), (" x ", None))


@dataclass(frozen=True)
class Visit:
    """A visit as the oracle counts it."""

    start: datetime
    seconds: float
    events: int
    rows: tuple[Sample, ...]

    @property
    def first(self) -> Sample:
        """The first event."""
        return self.rows[0]

    @property
    def pages(self) -> list[str]:
        """The addresses of the page views, in order; empty: without one."""
        return [row.page or "" for row in self.rows if row.name in PAGE_EVENTS]

    @property
    def source(self) -> str | None:
        """The site that it came from, or the source of its campaign."""
        entry = (self.pages or [""])[0]
        site = REFERRERS[self.first.referrer]
        is_own = site is None and (self.first.referrer or "").startswith("http")
        if is_own and "reef.example" not in entry:
            # Nothing says here that the site is the project's own.
            site = "reef.example"
        campaign = (self.first.utm_source or "").strip().lower() or None
        return site or campaign


def events(begin: datetime, days: int) -> Any:
    """Random events of few persons, pages and sources; ties in time are in order of storing."""

    def build(parts: Any) -> Sample:
        step, name, person, page, referrer, campaign, country, session = parts
        return Sample(
            begin + timedelta(minutes=10 * step),
            name,
            person,
            country,
            f"s{person}-{session}" if session else None,
            page=page,
            referrer=referrer,
            region=None if country is None else f"{country}-1",
            utm_source=campaign[0],
            utm_medium=campaign[1],
        )

    return st.lists(
        st.tuples(
            st.integers(0, days * 144 - 1),
            st.sampled_from(NAMES),
            st.integers(1, 4),
            st.sampled_from(list(PAGES)),
            st.sampled_from(list(REFERRERS)),
            st.sampled_from(CAMPAIGNS),
            st.sampled_from([None, "CA", "DE"]),
            st.integers(0, 2),
        ).map(build),
        max_size=40,
    )


def visits_of(rows: Sequence[Sample]) -> list[Visit]:
    """Return the visits of a project's events, given in the order of storing."""
    by_session: dict[str | None, list[tuple[datetime, int, Sample]]] = defaultdict(list)
    for index, row in enumerate(with_sessions(rows)):
        by_session[row.session].append((row.at, index, row))
    found = []
    for group in by_session.values():
        ordered = tuple(row for *_, row in sorted(group, key=lambda one: one[:2]))
        start, end = ordered[0].at, ordered[-1].at
        counted = sum(not row.name.startswith("$session") for row in ordered)
        found.append(Visit(start, (end - start).total_seconds(), counted, ordered))
    return found


def numbers(visits: Sequence[Visit]) -> dict[str, Any]:
    """Return the numbers of visits as the API names them."""
    count, views = len(visits), sum(len(visit.pages) for visit in visits)
    return {
        "visitors": len({visit.first.person for visit in visits}),
        "visits": count,
        "page_views": views,
        "views_per_visit": round(views / count, 4) if count else None,
        "bounce_rate": round(sum(one.events <= 1 for one in visits) / count, 6) if count else None,
        "visit_seconds": round(sum(one.seconds for one in visits) / count, 3) if count else None,
    }


def by_value(
    visits: Sequence[Visit], value: Callable[[Visit], str | None], *, with_null: bool = True
) -> list[tuple[str | None, list[Visit]]]:
    """Return the visits by a value: most visitors first, ties in order of the value, null last."""
    groups: dict[str | None, list[Visit]] = defaultdict(list)
    for visit in visits:
        if with_null or value(visit) is not None:
            groups[value(visit)].append(visit)
    return sorted(
        groups.items(),
        key=lambda one: (-len({v.first.person for v in one[1]}), one[0] is None, one[0] or ""),
    )
