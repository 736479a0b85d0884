"""Decide whether the project accepts events: page origins, bots, privacy, sampling."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prometheus_client import Counter

from services.ingest.bots import Crawler
from shared.errors import ErrorCode, Forbidden
from shared.events.drops import Dropped
from shared.events.envelope import CrawlerEvent, Event
from shared.events.local_days import day_of, midnight
from shared.events.outcomes import DropReason
from shared.policies.policy import Policy

log = logging.getLogger(__name__)

_CRAWLERS = Counter(
    "tidemark_ingest_crawler_events_total",
    "Events of crawlers, by what they crawl for.",
    ["crawler"],
)
_STORED_WITHIN = timedelta(hours=1)
_GRANTED = frozenset({"granted", "true", "yes", "1"})


def accepts_everything(policy: Policy) -> bool:
    """Return whether the policy has no rule about sources, sampling, consent or the client."""
    return (
        not policy.allowed_sources
        and not policy.sources
        and policy.sample_rate >= 1.0
        and policy.consent == "implied"
        and policy.ip_mode == "none"
        and not policy.store_user_agent
    )


def retained_since_us(policy: Policy, now: float) -> int:
    """Return the time before which retention removes raw events, in microseconds since 1970.

    Events of a day that expires within the next hour are refused already: an event accepted just
    before midnight may be stored just after it.

    Args:
        policy: the policy of the request's key.
        now: seconds since 1970, UTC.
    """
    if policy.retention_days is None and not policy.expired_until:
        return 0
    expired_us = int(policy.expired_until * 1_000_000)
    if policy.retention_days is None:
        return expired_us
    return max(
        expired_us, _first_retained_us(policy.timezone, policy.retention_days, int(now // 900))
    )


@lru_cache(maxsize=10_000)
def _first_retained_us(zone_name: str, days: int, quarter_hour: int) -> int:
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        # Retention leaves such a project out as well, so no event is too old for it.
        log.error(
            "this system does not know the time zone %r of a project; choose another one in the "
            "project's settings, or update the package tzdata",
            zone_name,
        )
        return 0
    soon = datetime.fromtimestamp(quarter_hour * 900, timezone.utc) + _STORED_WITHIN
    return int(midnight(day_of(soon, zone) - timedelta(days=days), zone).timestamp()) * 1_000_000


def check_page_origin(origin: str, policy: Policy) -> None:
    """Refuse a request from a page whose origin is not in the project's allow-list.

    Raises:
        Forbidden: the project allows other origins only.
    """
    if policy.allowed_origins and origin and origin not in policy.allowed_origins:
        raise Forbidden(
            "Pages of this origin may not send events to this project. Add the origin to the "
            "allowed origins in the project's settings.",
            code=ErrorCode.ORIGIN_NOT_ALLOWED,
        )


def check_bot(crawler: Crawler, policy: Policy) -> None:
    """Refuse an event of a crawler if the project keeps none; count it by class.

    Raises:
        Dropped: the project keeps no events of crawlers. They are counted apart.
    """
    _CRAWLERS.labels(crawler.crawler_class).inc()
    if policy.filter_bots:
        raise Dropped(
            DropReason.BOT,
            f"The user agent is a crawler ({crawler.crawler_class}); the project keeps no events "
            "of crawlers.",
            CrawlerEvent(crawler.crawler_class, crawler.operator),
        )


def must_anonymise(consent: object, wants_no_tracking: bool, policy: Policy) -> bool:
    """Return whether the event may be kept only without identifying fields.

    Args:
        consent: the event's consent field: a boolean, or a word such as "granted" or "denied".
        wants_no_tracking: Do-Not-Track or Global Privacy Control was sent.
        policy: decides what either of them means.

    Raises:
        Dropped: the project refuses such events altogether.
    """
    anonymise = False
    if wants_no_tracking and policy.do_not_track != "ignore":
        if policy.do_not_track == "refuse":
            raise Dropped(DropReason.DO_NOT_TRACK, "The visitor asked not to be tracked.")
        anonymise = True
    denied = consent is not None and not _is_granted(consent)
    if denied or (consent is None and policy.consent != "implied"):
        if policy.consent == "refuse":
            raise Dropped(DropReason.NO_CONSENT, "The event does not state that consent was given.")
        anonymise = True
    return anonymise


def anonymise(event: Event, visitor_id: str) -> None:
    """Remove every field that identifies the person beyond the day; counts stay correct."""
    event.distinct_id = visitor_id
    event.session_id = event.device_id = event.ip = event.region = event.city = None
    event.person = event.group = event.groups = None


def sample(event: Event, policy: Policy, crawler: Crawler | None) -> None:
    """Accept the project's share of distinct ids, and set the weight of each accepted event.

    A hash of project and distinct id decides, so of one id every event is accepted or none. A
    person with several ids may be stored in part. A higher share accepts every id that a lower one
    accepts. Events that link two ids are always accepted.

    Raises:
        Dropped: the distinct id is not in the sample.
    """
    rule = policy.sources.get(event.source) if event.source is not None else None
    rate = policy.sample_rate * (rule.sample_rate if rule is not None else 1.0)
    if rate >= 1.0 or (event.person is not None and event.person.link is not None):
        return
    if sample_position(policy.project_id, event.distinct_id) >= rate:
        raise Dropped(
            DropReason.SAMPLED_OUT,
            f"The project stores {rate:.4g} of all distinct ids; this one is not in the sample.",
            None if crawler is None else CrawlerEvent(crawler.crawler_class, crawler.operator),
        )
    event.sample_weight = 1.0 / rate


def sample_position(project_id: int, distinct_id: str) -> float:
    """Return the fixed position of a distinct id in [0, 1), uniformly distributed."""
    text = f"{project_id}\n{distinct_id}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big") / 2**48


def _is_granted(consent: object) -> bool:
    if isinstance(consent, bool):
        return consent
    return str(consent).strip().lower() in _GRANTED
