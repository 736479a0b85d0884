"""What crawlers sent, apart from people's events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.time_range import TimeRange
from shared.models import CrawlerCount, CrawlerEvent
from shared.responses import Doc

MAX_PAGES = 100

CrawlerClassDoc = Annotated[
    str,
    Doc(
        "What the crawler is for: search, ai, assistant (a person asked an assistant, which "
        "fetched the page), seo, preview, monitoring, feed, scanner, archiver, advertising, other.",
        example="ai",
    ),
]
OperatorDoc = Annotated[str, Doc("A domain; empty: unknown.", example="openai.com")]


@dataclass(frozen=True, slots=True)
class CrawlerSource:
    """Events that crawlers of one class and operator sent."""

    crawler_class: CrawlerClassDoc
    operator: OperatorDoc
    events: int


@dataclass(frozen=True, slots=True)
class CrawledPage:
    """Events of crawlers of one class and operator on one page."""

    page_url: Annotated[str, Doc("Empty where the events name no page.")]
    crawler_class: CrawlerClassDoc
    operator: OperatorDoc
    events: int


@dataclass(frozen=True, slots=True)
class CrawlersResponse:
    """What crawlers sent in a range; no figure of people contains any of it."""

    events: Annotated[
        int,
        Doc(
            "All events of crawlers that were received in the range, also those that the project "
            "samples out. What it keeps is counted by event id."
        ),
    ]
    sources: Annotated[list[CrawlerSource], Doc("Most events first.")]
    pages: Annotated[
        list[CrawledPage],
        Doc(
            "The 100 pages with most events that happened in the range, of those that the project "
            "keeps (its setting `filter_bots` is off); estimated where it samples."
        ),
    ]


def count_crawlers(project_id: int, time_range: TimeRange) -> CrawlersResponse:
    """Count the events of crawlers in a range by class and operator, and those kept by page."""
    with limited_session(project_id) as session:
        sources = _sources(session, project_id, time_range)
        pages = _pages(session, project_id, time_range)
    return CrawlersResponse(sum(source.events for source in sources), sources, pages)


def _sources(session: Session, project_id: int, time_range: TimeRange) -> list[CrawlerSource]:
    events = func.sum(CrawlerCount.events)
    rows = session.execute(
        select(CrawlerCount.crawler_class, CrawlerCount.operator, events)
        .where(
            CrawlerCount.project_id == project_id,
            CrawlerCount.bucket >= time_range.start,
            CrawlerCount.bucket < time_range.end,
        )
        .group_by(CrawlerCount.crawler_class, CrawlerCount.operator)
        .order_by(events.desc(), CrawlerCount.crawler_class, CrawlerCount.operator)
    )
    return [CrawlerSource(kind, operator, int(count)) for kind, operator, count in rows]


def _pages(session: Session, project_id: int, time_range: TimeRange) -> list[CrawledPage]:
    page = func.coalesce(CrawlerEvent.page_url, "").label("page")
    events = func.sum(CrawlerEvent.sample_weight)
    rows = session.execute(
        select(page, CrawlerEvent.crawler_class, CrawlerEvent.operator, events)
        .where(
            CrawlerEvent.project_id == project_id,
            CrawlerEvent.timestamp >= time_range.start,
            CrawlerEvent.timestamp < time_range.end,
        )
        .group_by(page, CrawlerEvent.crawler_class, CrawlerEvent.operator)
        .order_by(events.desc(), page, CrawlerEvent.crawler_class, CrawlerEvent.operator)
        .limit(MAX_PAGES)
    )
    return [CrawledPage(url, kind, operator, round(count)) for url, kind, operator, count in rows]
