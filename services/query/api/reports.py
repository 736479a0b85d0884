"""Reports by mail: their times and recipients, previews, and the links to unsubscribe."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template_string

from services.query.api.responses import file_response, json_response
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas.reports import REPORT_UPDATE, ReportRequest
from services.query.api.unsubscribe_page import PAGE, TEXTS
from services.query.saved.report_jobs import (
    ReportPreviewResponse,
    ReportSendingResponse,
    preview,
    send_to_oneself,
)
from services.query.saved.reports import (
    REPORTS,
    ReportResponse,
    Subscription,
    set_subscription,
    subscription_of,
)
from shared.auth.access import current_caller, project_for
from shared.errors import NotFound
from shared.reports.links import UNSUBSCRIBE_PATH, Unsubscription, read_token
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "reports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/reports",
    description="Reports by mail",
)
add_object_routes(blueprint, REPORTS, ReportResponse, ReportRequest, REPORT_UPDATE)
own_blueprint = Blueprint(
    "own_reports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/reports",
    description="Reports that users send to themselves: a secret key has no address",
)
unsubscribe_blueprint = Blueprint(
    "unsubscribe_reports",
    __name__,
    url_prefix=UNSUBSCRIBE_PATH.rstrip("/"),
    description="Links with which recipients leave a report",
)
_PAGE = file_response("A page for people.", "text/html")
_NO_LINK = "This link is not valid, or the report does not exist any more. You get no more of it."


@blueprint.get("/<string:key>/preview")
@blueprint.response(200, response_schema(ReportPreviewResponse))
def preview_report(project_id: int, key: str) -> Response:
    """Get the mail as it would be sent now. It is made first: ask again until it is ready."""
    project_for(project_id)
    return json_response(preview(project_id, key))


@own_blueprint.post("/<string:key>/send-now")
@own_blueprint.response(202, response_schema(ReportSendingResponse))
def send_report_now(project_id: int, key: str) -> Response:
    """Send the report to the caller's own address, as if it were due now."""
    project_for(project_id)
    caller = current_caller()
    assert caller.user_id is not None  # the guard lets users in alone
    return json_response(send_to_oneself(project_id, key, caller.user_id, caller.email), 202)


@unsubscribe_blueprint.get("/<string:token>")
@unsubscribe_blueprint.doc(responses=_PAGE)
def get_unsubscribe_page(token: str) -> Response:
    """Show the page of a link. It changes nothing: programs that check mails open links too."""
    return _page(token, subscription_of(_link(token)))


@unsubscribe_blueprint.post("/<string:token>")
@unsubscribe_blueprint.doc(responses=_PAGE)
def unsubscribe(token: str) -> Response:
    """Leave the report of a link, in one click (RFC 8058)."""
    return _page(token, set_subscription(_link(token), wanted=False))


@unsubscribe_blueprint.post("/<string:token>/undo")
@unsubscribe_blueprint.doc(responses=_PAGE)
def subscribe_again(token: str) -> Response:
    """Get the report of a link again, after having left it."""
    return _page(token, set_subscription(_link(token), wanted=True))


def _link(token: str) -> Unsubscription:
    link = read_token(get_settings().secret_key, token)
    if link is None:
        raise NotFound(_NO_LINK)
    return link


def _page(token: str, subscription: Subscription | None) -> Response:
    if subscription is None:
        raise NotFound(_NO_LINK)
    values: dict[str, Any] = {
        "texts": TEXTS[subscription.language],
        "language": subscription.language,
        "report": subscription.report,
        "is_unsubscribed": subscription.is_unsubscribed,
        "action": f"{UNSUBSCRIBE_PATH}{token}{'/undo' if subscription.is_unsubscribed else ''}",
    }
    response = Response(render_template_string(PAGE, **values), content_type="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
