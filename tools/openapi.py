"""Write the OpenAPI document of every service to ``docs/openapi``: ``python -m tools.openapi``.

The dashboard's types are generated from the documents, and its constants are written with them;
tests compare both with the services.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.runtime.settings import get_settings
from tools import dashboard_constants

DOCUMENTED = ("auth", "ingest", "processor", "query", "flags", "live")
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "openapi"

# Placeholders: the documents do not depend on these, and creating an app connects to nothing.
_SETTINGS = {
    "DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STREAM_REDIS_URL": "redis://127.0.0.1:1/0",
    "CACHE_REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "0" * 32,
}


def document(service: str) -> dict[str, Any]:
    """Return the OpenAPI document of a service, as the service publishes it."""
    missing = _SETTINGS.keys() - os.environ.keys()
    os.environ.update({name: _SETTINGS[name] for name in missing})
    try:
        app = import_module(f"services.{service}.app").create_app()
        answer = app.test_client().get(f"/api/v1/openapi/{service}.json")
    finally:
        for name in missing:
            del os.environ[name]
        if missing:  # the process may set real values later
            get_settings.cache_clear()
    content: dict[str, Any] = answer.get_json()
    return content


def committed_document(service: str) -> dict[str, Any]:
    """Return the document of a service from ``docs/openapi``."""
    content: dict[str, Any] = json.loads(path(service).read_text(encoding="utf-8"))
    return content


def path(service: str) -> Path:
    """Return the path of a service's document."""
    return FOLDER / f"{service}.json"


def main() -> None:
    """Write all documents."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for service in DOCUMENTED:
        text = json.dumps(document(service), indent=2, sort_keys=True, ensure_ascii=False)
        path(service).write_text(text + "\n", encoding="utf-8")
    dashboard_constants.write()


if __name__ == "__main__":
    main()
