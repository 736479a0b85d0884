"""Who asks for flags: the holder of a project's key."""

from __future__ import annotations

import time
from functools import cache

from flask import request

from services.flags.flag_sets import FlagSets
from shared.errors import Unauthorized
from shared.flags.definition import FlagSet
from shared.flags.publication import STREAM_PATH
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import get_settings
from shared.web.request_scope import client_address


def sent_key() -> str | None:
    """Return the key in the headers of the request; None: there is none."""
    return request.headers.get("X-API-Key") or bearer_key()


def bearer_key() -> str | None:
    """Return the key in the header ``Authorization``, as bearer; None: there is none."""
    authorization = request.authorization
    return authorization.token if authorization and authorization.type == "bearer" else None


def flags_of_key(key: str | None) -> FlagSet:
    """Return the flags of a key's project.

    Raises:
        Unauthorized: the key is missing, or not valid.
        Unavailable: neither the key nor the flags can be looked up.
    """
    return _flag_sets().for_project(_policy(key).project_id)


def stream_of_key(key: str | None) -> str | None:
    """Return the path where pages are told that flags have changed; None: for no secret key.

    A page can send no header with its request for events, and a secret key is in no address.
    """
    return f"{STREAM_PATH}?key={key}" if _policy(key).kind == "public" else None


def flags_of_secret_key(key: str | None) -> FlagSet:
    """Return the flags of a secret key's project; see ``flags_of_key``."""
    policy = _policy(key)
    if policy.kind != "secret":
        raise Unauthorized(
            "Flag definitions need the project's secret key. Send it as Authorization: Bearer."
        )
    return _flag_sets().for_project(policy.project_id)


def _policy(key: str | None) -> Policy:
    return _policies().for_key(key, time.time(), client_address())


@cache
def _policies() -> Policies:
    return Policies(get_state_redis(), get_settings())


@cache
def _flag_sets() -> FlagSets:
    return FlagSets(get_state_redis(), get_settings())
