"""Say why a job failed, from the text of its exception, without any secret."""

from __future__ import annotations

import re

_MAX_CHARACTERS = 500
_NO_MESSAGE = "Its process ended without a message: it may lack memory."
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]*@")
_SECRET_FIELD = re.compile(r"(?i)\b(password|passwd|secret|token|api_key)(\s*[=:]\s*)\S+")
_MODULE = re.compile(r"^(?:\w+\.)+(?=\w+(?::|$))")
_KEY = re.compile(r"\b[sp]k_[\w-]{8,}")


def cause_of(traceback: str | None) -> str:
    """Return the type and the first line of the message of the exception that ended a job.

    The message may have further lines, such as PostgreSQL's details with the values of a row; they
    are left out. What looks like a password, a token or a key is replaced.
    """
    lines = [line for line in (traceback or "").splitlines() if line.strip()]
    # The exception follows its frames, which are indented.
    last_frame = max(
        (at for at, line in enumerate(lines) if line.startswith("  File ")), default=-1
    )
    rest = (line for line in lines[last_frame + 1 :] if not line.startswith(" "))
    cause = next(rest, None)
    if cause is None:
        return _NO_MESSAGE
    return without_secrets(_MODULE.sub("", cause))[:_MAX_CHARACTERS]


def without_secrets(text: str) -> str:
    """Replace what looks like a password, a token or a key."""
    text = _CREDENTIALS.sub("…@", text)
    text = _SECRET_FIELD.sub(r"\1\2…", text)
    return _KEY.sub("…", text)
