"""Read the values of settings, which are texts in the environment.

Each function raises ValueError with what to write instead; the message goes to the operator.
"""

from __future__ import annotations

from email.utils import parseaddr
from urllib.parse import urlsplit

from shared.channels.recipients import is_mail_address
from shared.outgoing.networks import parse_targets

_PLACEHOLDERS = ("change", "placeholder", "secret-key", "your-secret", "example", "insecure")
_MINIMUM_SECRET_LENGTH = 32
_MIN_QUERY_THREADS = 6


def text(raw: str) -> str:
    """Return a text as it is."""
    return raw


def flag(raw: str) -> bool:
    """Read true or false."""
    lowered = raw.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("use true or false")


def query_threads(raw: str) -> int:
    """Read the number of threads of the query service."""
    value = int(raw)
    if value < _MIN_QUERY_THREADS:
        raise ValueError(f"use a whole number of at least {_MIN_QUERY_THREADS}")
    return value


def positive(raw: str) -> int:
    """Read a whole number above 0."""
    value = int(raw)
    if value <= 0:
        raise ValueError("use a whole number above 0")
    return value


def online_minutes(raw: str) -> int:
    """Read a number of minutes from 1 to 30."""
    value = int(raw)
    if not 1 <= value <= 30:
        raise ValueError("use a whole number from 1 to 30")
    return value


def not_negative(raw: str) -> int:
    """Read a whole number of at least 0."""
    value = int(raw)
    if value < 0:
        raise ValueError("use a whole number, 0 or above")
    return value


def database_url(raw: str) -> str:
    """Read the URL of PostgreSQL."""
    # Names the driver: SQLAlchemy 2.1 resolves a bare postgresql:// to psycopg 3.
    for bare in ("postgresql://", "postgres://"):
        if raw.startswith(bare):
            return "postgresql+psycopg2://" + raw.removeprefix(bare)
    if not raw.startswith("postgresql+psycopg2://"):
        raise ValueError("use postgresql://user:password@host:port/database")
    return raw


def redis_url(raw: str) -> str:
    """Read the URL of a Redis."""
    if not raw.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("use redis://[:password@]host:port/database")
    return raw


def secret(raw: str) -> str:
    """Read a secret that is long enough and no placeholder."""
    if len(raw) < _MINIMUM_SECRET_LENGTH:
        raise ValueError(f"use at least {_MINIMUM_SECRET_LENGTH} random characters")
    if any(word in raw.lower() for word in _PLACEHOLDERS):
        raise ValueError("this is a placeholder; make one with: openssl rand -hex 32")
    return raw


def log_format(raw: str) -> str:
    """Read the format of logs."""
    if raw not in {"json", "text"}:
        raise ValueError("use json or text")
    return raw


def issuer(raw: str) -> str:
    """Read the address of a provider of logins."""
    parts = urlsplit(raw)
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise ValueError("use an https:// address, as the provider names itself")
    return raw


def origins(raw: str) -> tuple[str, ...]:
    """Read origins, separated by commas or blanks."""
    origins = tuple(one.rstrip("/").lower() for one in raw.replace(",", " ").split())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}"):
            raise ValueError(f"{origin} is not an origin; use the form https://example.org, or *")
    return origins


def registration(raw: str) -> str:
    """Read who may create an account."""
    if raw not in {"open", "invitation", "closed"}:
        raise ValueError("use open, invitation or closed")
    return raw


def smtp_security(raw: str) -> str:
    """Read how the connection to the mail server is encrypted."""
    if raw not in {"starttls", "tls", "none"}:
        raise ValueError("use starttls, tls or none")
    return raw


def sender(raw: str) -> str:
    """Read the sender of mail: an address, or a name with one."""
    address = parseaddr(raw)[1]
    if not is_mail_address(address) or any(character in raw for character in "\r\n"):
        raise ValueError("use an address, or a name with one: Tidemark <tidemark@example.org>")
    return raw


def outgoing_hosts(raw: str) -> str:
    """Read the hosts of the own network that messages may go to."""
    parse_targets(raw, "")
    return raw


def outgoing_ports(raw: str) -> str:
    """Read the ports that messages may go to."""
    parse_targets("", raw)
    return raw
