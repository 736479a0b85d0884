"""The blueprint of every service: flask-smorest's, with a parser that survives any body."""

from __future__ import annotations

import json
from typing import Any

import flask_smorest
from flask import Request
from webargs.flaskparser import FlaskParser

from shared.errors import BadRequest


class _Parser(FlaskParser):
    """Handles deep nesting and huge numbers, on which Python's JSON decoder fails.

    Refuses unknown parameters of a URL, where the schema does not exclude them: a filter that is
    ignored answers for everything.
    """

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (as in the base)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,
        "querystring": None,
    }

    def _raw_load_json(self, req: Request) -> Any:
        try:
            return super()._raw_load_json(req)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise  # webargs answers these
        except (RecursionError, ValueError) as error:
            raise BadRequest(
                "The body is nested too deeply, or contains too long a number. Send a simpler one."
            ) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A group of routes."""

    ARGUMENTS_PARSER = _Parser()
