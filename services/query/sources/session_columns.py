"""Expressions over a row of ``sessions``: where the visit came from, its pages, its numbers.

A source belongs to the visit: it is the site that the first event came from. Sites of the project
itself are no source, so a visit that goes on after a pause came directly.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, func, literal, literal_column, or_, select

from services.query.sources.channels import (
    ASSISTANT_NAMES,
    ASSISTANT_SITES,
    MAIL_SITES,
    SEARCH_NAMES,
    SEARCH_SITES,
    SOCIAL_NAMES,
    SOCIAL_SITES,
)
from services.query.sources.postgres import matches
from shared.events.dimensions import DIMENSIONS
from shared.models import Project, SessionRow

_SITE, _PATH = DIMENSIONS["referrer_domain"], DIMENSIONS["page_path"]
_PAID = r"^(cpc|cpm|cpv|ppc|retargeting|paid.*|.*paid)$"
_MAIL = r"^(e[-_ ]?mail|newsletter)$"
_SOCIAL_MEDIUM = r"^(social|social[-_ ]?(media|network)|sm)$"
CHANNELS = (
    *("Direct", "Organic search", "Paid search", "Organic social", "Paid social", "AI assistants"),
    *("Email", "Display", "Affiliates", "Other paid", "Campaigns", "Referral"),
)
"""Kinds of sources: by medium of the campaign first, then by the site that the visit came from."""
SESSION_NUMBERS: dict[str, ColumnElement[Any]] = {
    "duration_seconds": func.extract("epoch", SessionRow.ended_at - SessionRow.started_at),
    "events": SessionRow.__table__.c.events,
    "page_views": SessionRow.__table__.c.pageviews,
}
"""Properties of sessions that are numbers."""
SESSION_COLUMNS = (
    *("utm_source", "utm_medium", "utm_campaign", "country", "device_type", "browser", "os_name"),
)
"""Dimensions of events that a session has of its first event."""
FOLDED_TEXTS = frozenset(
    {"visit_source", "utm_source", "utm_medium", "utm_campaign", "device_type"}
)
"""Texts of sessions that are in lower case, without needless blanks."""


def session_text(name: str, project_id: int) -> ColumnElement[Any]:
    """Return a property of a session as text; null if the session has none."""
    if name in SESSION_COLUMNS:
        return _sql(DIMENSIONS[name].expression_of(f"sessions.{name}"))
    if name in {"entry_page", "exit_page"}:
        # A page view without a page is stored as the page "".
        return func.nullif(SessionRow.__table__.c[name], "")
    if name in {"entry_path", "exit_path"}:
        page = f"nullif(sessions.{name.removesuffix('path')}page, '')"
        return _sql(_PATH.expression_of(page))
    site = _referring_site(project_id)
    if name == "referrer_page":
        path = _sql(_PATH.expression_of("sessions.referrer"))
        return case((site.is_not(None), site.concat(path)), else_=None)
    campaign = session_text("utm_source", project_id)
    if name == "visit_source":
        return func.coalesce(site, campaign, type_=Text())
    assert name == "channel", name
    return _channel(site, session_text("utm_medium", project_id), campaign)


def _sql(text: str) -> ColumnElement[Any]:
    return literal_column(text, Text())


def _referring_site(project_id: int) -> ColumnElement[Any]:
    """Return the site that a visit came from; null: it came directly, or from the project's own."""
    site = _sql(_SITE.expression_of("sessions.referrer"))
    entry = _sql(_SITE.expression_of("sessions.entry_page"))
    domain = select(func.lower(Project.domain)).where(Project.id == project_id).scalar_subquery()
    own = or_(_is_within(site, entry), _is_within(entry, site), _is_within(site, domain))
    return case((site.is_(None), None), (func.coalesce(own, False), None), else_=site)


def _is_within(site: Any, other: Any) -> ColumnElement[bool]:
    """Return whether a site is another one, or a part of it, as shop.reef.example of reef.example.

    Both are null for what is no site.
    """
    dotted = literal(".").concat(other)
    return and_(func.right(literal(".").concat(site), func.length(dotted)) == dotted, other != "")


def _channel(site: Any, medium: Any, campaign: Any) -> ColumnElement[Any]:
    """Return one of ``CHANNELS``."""
    from_search = or_(matches(site, SEARCH_SITES), matches(campaign, SEARCH_NAMES))
    from_social = or_(matches(site, SOCIAL_SITES), matches(campaign, SOCIAL_NAMES))
    return case(
        (and_(site.is_(None), medium.is_(None), campaign.is_(None)), "Direct"),
        (and_(matches(medium, _PAID), from_search), "Paid search"),
        (and_(matches(medium, _PAID), from_social), "Paid social"),
        (medium.in_(["display", "banner", "interstitial"]), "Display"),
        (matches(medium, _PAID), "Other paid"),
        (matches(medium, _MAIL), "Email"),
        (medium.in_(["affiliate", "affiliates"]), "Affiliates"),
        (
            or_(matches(site, ASSISTANT_SITES), matches(campaign, ASSISTANT_NAMES)),
            "AI assistants",
        ),
        (matches(site, MAIL_SITES), "Email"),
        (or_(matches(medium, _SOCIAL_MEDIUM), matches(site, SOCIAL_SITES)), "Organic social"),
        (or_(medium == "organic", matches(site, SEARCH_SITES)), "Organic search"),
        (site.is_not(None), "Referral"),
        else_="Campaigns",
    )
