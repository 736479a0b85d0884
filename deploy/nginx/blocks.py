"""Write blocks of nginx's configuration."""

from __future__ import annotations


def location(match: str, *lines: str) -> str:
    """Return a location block of these directives, indented as in a server block."""
    body = "\n".join(f"        {line}" for line in lines)
    return f"    location {match} {{\n{body}\n    }}\n"


def indent(text: str, columns: int) -> str:
    """Return the text with blanks before each line."""
    return "\n".join(" " * columns + line for line in text.splitlines())


def proxy_to(service: str) -> tuple[str, str]:
    """Return the directives that proxy a request; the variable is for the log of failures."""
    return f"set $tidemark_service {service};", f"proxy_pass http://tidemark_{service};"
