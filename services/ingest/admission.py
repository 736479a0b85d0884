"""Whether the project wants an event at all: its sources, bots, privacy and sampling."""

from __future__ import annotations

import hashlib

from services.ingest.outcomes import Dropped
from shared.events.envelope import Event
from shared.events.outcomes import DropReason
from shared.policies.policy import Policy

_GRANTED = frozenset({"granted", "true", "yes", "1"})


def is_open(policy: Policy) -> bool:
    """Whether the project takes everything: no sources, samples or consent to be looked at."""
    return (
        not policy.allowed_sources
        and not policy.sources
        and policy.sample_rate >= 1.0
        and policy.consent == "implied"
        and policy.ip_mode == "none"
    )


def check_source(source: object, policy: Policy) -> None:
    """Refuse an event from a source that the project does not take events from.

    Raises:
        Dropped: it is not among the allowed ones, or it is switched off.
    """
    if policy.allowed_sources and source not in policy.allowed_sources:
        raise Dropped(
            DropReason.SOURCE_NOT_ALLOWED,
            f"The project does not take events from source {str(source)[:100]!r}.",
        )
    rule = policy.sources.get(source) if isinstance(source, str) else None
    if rule is not None and not rule.is_active:
        raise Dropped(
            DropReason.SOURCE_NOT_ALLOWED, f"Source {str(source)[:100]!r} is switched off."
        )


def check_bot(is_crawler: bool, policy: Policy) -> None:
    """Refuse what a crawler did.

    Raises:
        Dropped: its user agent is a crawler's, and the project filters them.
    """
    if is_crawler and policy.filter_bots:
        raise Dropped(DropReason.BOT, "The user agent is a crawler's; the project filters them.")


def must_anonymise(consent: object, wants_no_tracking: bool, policy: Policy) -> bool:
    """Whether the event may be kept only without what tells people apart.

    Args:
        consent: what the event says: a boolean, or a word such as "granted" or "denied".
        wants_no_tracking: Do-Not-Track or Global Privacy Control was sent.
        policy: what the project makes of either.

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
            raise Dropped(DropReason.NO_CONSENT, "The event does not say that consent was given.")
        anonymise = True
    return anonymise


def anonymise(event: Event, visitor_id: str) -> None:
    """Remove what outlives the day or narrows down who it was; the counts stay whole."""
    event.distinct_id = visitor_id
    event.session_id = event.device_id = event.ip = event.region = event.city = None
    event.person = event.group = event.groups = None


def sample(event: Event, policy: Policy) -> None:
    """Keep the project's share of persons, and note how many events each kept one stands for.

    The same person is kept or not in every request, so funnels and retention stay whole: the
    choice is a hash of project and distinct id. A higher share keeps everybody a lower one kept.
    What links two ids is always kept.

    Raises:
        Dropped: the person is not in the sample.
    """
    rule = policy.sources.get(event.source) if event.source is not None else None
    rate = policy.sample_rate * (rule.sample_rate if rule is not None else 1.0)
    if rate >= 1.0 or (event.person is not None and event.person.link is not None):
        return
    if position_of(policy.project_id, event.distinct_id) >= rate:
        raise Dropped(
            DropReason.SAMPLED_OUT, f"The project keeps {rate:.4g} of all persons; not this one."
        )
    event.sample_weight = 1.0 / rate


def position_of(project_id: int, distinct_id: str) -> float:
    """Where a person stands between 0 (inclusive) and 1 (exclusive), evenly spread and for good."""
    text = f"{project_id}\n{distinct_id}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big") / 2**48


def _is_granted(consent: object) -> bool:
    if isinstance(consent, bool):
        return consent
    return str(consent).strip().lower() in _GRANTED
