"""Structured logs on standard error, each line with the request id it belongs to."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), *range(127, 160))}
"""Control characters but the tab; some of them rewrite lines of a terminal."""
_ROWS = re.compile(
    r"\n(?:DETAIL|CONTEXT|LINE \d+): .*?"
    r"(?=\n\n(?:During handling of the above|The above) exception|\Z)",
    re.DOTALL,
)
"""What PostgreSQL says about an error after its first line; it quotes values of rows."""


class _JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": _without_rows(record.getMessage()),
            "request_id": request_id.get(),
        }
        if record.exc_info:
            line["exception"] = _without_rows(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class _TextFormatter(logging.Formatter):
    """Keep messages on one line, and indent exceptions, so that no text looks like another line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        return _without_rows(super().formatMessage(record)).translate(_ESCAPES)

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        lines = _without_rows(super().formatException(ei)).splitlines()
        return "\n".join(f"  {line.translate(_ESCAPES)}" for line in lines)


def _without_rows(text: str) -> str:
    """Leave out what an error of PostgreSQL quotes of rows: logs hold no ids or addresses."""
    return _ROWS.sub("", text)


def configure_logging(service: str, *, level: str, log_format: str) -> None:
    """Send every log line of this process to standard error, as JSON or as text."""
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        handler.setFormatter(_JsonFormatter(service))
    else:
        handler.setFormatter(_TextFormatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("urllib3").setLevel(logging.WARNING)
