"""Who asks for flags: the holder of a project's key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timezone
from functools import cache
from typing import Any, NamedTuple

from flask import request

from services.flags.evaluation_budget import EvaluationBudget
from services.flags.evaluation_counts import EvaluationCounts
from services.flags.flag_sets import FlagSets
from services.flags.known_persons import with_what_is_known
from services.flags.served_flags import ServedFlags
from services.flags.tagged import Tagged
from services.flags.version_cache import local_definitions
from shared.errors import Unauthorized
from shared.flags.evaluation import Evaluation, Person
from shared.flags.evaluation_counts import Request
from shared.flags.publication import STREAM_PATH
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.redis_clients import get_jobs_redis, get_state_redis
from shared.runtime.settings import get_settings
from shared.web.request_scope import client_address


def sent_key() -> str | None:
    """Return the key in the headers of the request; None: there is none."""
    return request.headers.get("X-API-Key") or bearer_key()


def bearer_key() -> str | None:
    """Return the key in the header ``Authorization``, as bearer; None: there is none."""
    authorization = request.authorization
    return authorization.token if authorization and authorization.type == "bearer" else None


class FlagsOfKey(NamedTuple):
    """The flags of a key's project, and who evaluating them is charged to."""

    served: ServedFlags
    account: int


def flags_of_key(key: str | None, environ: Mapping[str, Any] | None = None) -> FlagsOfKey:
    """Return the flags of a key's project.

    Args:
        key: None or empty: there was none.
        environ: the request's, outside of Flask.

    Raises:
        Unauthorized: the key is missing, or not valid.
        Unavailable: neither the key nor the flags can be looked up.
    """
    policy = _policy(key, environ)
    return FlagsOfKey(_flag_sets().for_project(policy.project_id), policy.account)


def stream_of_key(key: str | None, environ: Mapping[str, Any] | None = None) -> str | None:
    """Return the path where pages are told that flags have changed; None: for no secret key.

    A page can send no header with its request for events, and a secret key is in no address.
    """
    return f"{STREAM_PATH}?key={key}" if _policy(key, environ).kind == "public" else None


def charged(
    key: str | None, environ: Mapping[str, Any] | None = None
) -> AbstractContextManager[None]:
    """Return what charges the processor time of a block to the account of a key.

    Raises:
        Unauthorized, Unavailable: as ``flags_of_key``, at once; and as ``evaluate`` the block.
    """
    return _budget().spend(_policy(key, environ).account)


def charged_for_body(
    key: str, read_text: Callable[[], bytes], environ: Mapping[str, Any] | None = None
) -> AbstractContextManager[None]:
    """Return what charges for a block by the key of the URL, or else the first valid in a text.

    Args:
        key: of the URL; empty: none was sent.
        read_text: returns the text, or its beginning; not called for a client that guesses keys.
        environ: of the request, before Flask has it.

    Raises:
        Unauthorized, TooManyRequests, Unavailable: as ``charged``; and TooManyRequests at once for
            a client that guesses keys.
    """
    if key:
        with suppress(Unauthorized):
            return charged(key, environ)
    policy = _policies().in_text(read_text, time.time(), client_address(environ))
    return _budget().spend(policy.account)


def evaluate(
    flags: FlagsOfKey, person: Person, counted_as: Request, keys: Iterable[str] | None = None
) -> dict[str, Evaluation]:
    """Return the values of a project's flags for a person now, by key, and count them.

    Args:
        flags: the project's, and who is charged.
        person: whom they are evaluated for.
        counted_as: what the request says of the need for these flags.
        keys: see ``PreparedFlags``.

    Raises:
        TooManyRequests: the account's flags have taken more than their share of this process.
    """
    now = datetime.now(timezone.utc)
    known = with_what_is_known(flags.served, person, now)
    with _budget().spend(flags.account):
        found = flags.served.prepared.evaluate(known, now, keys)
        if found:
            project_id = flags.served.flags.project_id
            _counts().count(flags.account, project_id, counted_as, found.values())
        return found


def count_definitions(account: int, project_id: int) -> None:
    """Count a request for the definitions of all flags of an account's project."""
    _counts().count_definitions(account, project_id)


def definitions_of_secret_key(key: str | None) -> Tagged:
    """Return the flags of a secret key's project as SDKs evaluate them locally.

    Raises:
        Unauthorized, Unavailable: as ``flags_of_key``.
        TooManyRequests: as ``evaluate``.
    """
    policy = _policy(key)
    if policy.kind != "secret":
        raise Unauthorized(
            "Flag definitions need the project's secret key. Send it as Authorization: Bearer."
        )
    flags = _flag_sets().for_project(policy.project_id)
    with _budget().spend(policy.account):
        found = local_definitions(flags.flags, datetime.now(timezone.utc))
    count_definitions(policy.account, policy.project_id)
    return found


def _policy(key: str | None, environ: Mapping[str, Any] | None = None) -> Policy:
    return _policies().for_key(key, time.time(), client_address(environ))


@cache
def _policies() -> Policies:
    return Policies(get_state_redis(), get_settings())


@cache
def _flag_sets() -> FlagSets:
    return FlagSets(get_state_redis(), get_settings())


@cache
def _counts() -> EvaluationCounts:
    counts = EvaluationCounts(get_jobs_redis())
    counts.start()
    return counts


@cache
def _budget() -> EvaluationBudget:
    return EvaluationBudget()
