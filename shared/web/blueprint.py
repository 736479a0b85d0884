"""The blueprint of every service: flask-smorest's, with a parser no body can break."""

from __future__ import annotations

import json
from typing import Any

import flask_smorest
from flask import Request
from webargs.flaskparser import FlaskParser

from shared.errors import BadRequest


class _Parser(FlaskParser):
    """Python's JSON reader gives up on deep nesting and on numbers of thousands of digits."""

    def _raw_load_json(self, req: Request) -> Any:
        try:
            return super()._raw_load_json(req)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise  # webargs answers these
        except (RecursionError, ValueError) as error:
            raise BadRequest(
                "The body is nested too deeply, or has a number that is too long."
            ) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """Routes that belong together."""

    ARGUMENTS_PARSER = _Parser()
