"""The first start: create the owner and a project, and write their credentials to a file."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from services.auth import account_store
from services.auth.accounts.accounts import create_user
from services.auth.audit import Actor
from services.auth.projects.projects import add_project
from shared.runtime.database import session_scope

OWNER_EMAIL = "owner@tidemark.local"


def bootstrap(
    credentials: Path, url: str, *, email: str | None, project: str | None, with_demo: bool
) -> bool:
    """Create the owner and the first project unless there is an account already.

    With ``with_demo`` the demos get a sample project of their own, so that playing does not mix
    with what an app sends to the first project.

    The credentials are written before the transaction commits: a crash in between leaves a file
    that the next start replaces, never an owner with an unknown password.

    Returns:
        Whether this was the first start. Later starts only update ``url``.
    """
    with session_scope() as session:
        account_store.lock_setup(session)
        if account_store.count_users(session):
            _update_url(credentials, url)
            return False
        password = secrets.token_urlsafe(15)
        owner = create_user(
            session,
            email=email or OWNER_EMAIL,
            name="Owner",
            password=password,
            is_superuser=True,
        )
        actor = Actor(owner.id, owner.email)
        first = add_project(session, actor, project or "My first project")
        demo = add_project(session, actor, "Demos", is_sample=True) if with_demo else None
        _write(
            credentials,
            {
                "url": url,
                "email": owner.email,
                "password": password,
                "project_id": first.id,
                "public_key": first.public_key,
                "secret_key": first.secret_key,
                **({"demo_public_key": demo.public_key} if demo else {}),
            },
        )
    return True


def _update_url(credentials: Path, url: str) -> None:
    if not credentials.exists():
        return
    known = json.loads(credentials.read_text())
    if known.get("url") != url:
        _write(credentials, {**known, "url": url})


def _write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
