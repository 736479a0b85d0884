"""The auth application."""

from __future__ import annotations

from flask import Flask

from services.auth.routes.account import blueprint as account
from services.auth.routes.account import password_blueprint as password
from services.auth.routes.audit_log import blueprint as audit_log
from services.auth.routes.flag_files import blueprint as flag_files
from services.auth.routes.flags import admin_blueprint as admin_flags
from services.auth.routes.flags import blueprint as flags
from services.auth.routes.internal import blueprint as internal
from services.auth.routes.invitations import blueprint as members
from services.auth.routes.keys import blueprint as keys
from services.auth.routes.login import blueprint as login
from services.auth.routes.oidc import blueprint as oidc
from services.auth.routes.projects import blueprint as projects
from services.auth.routes.sources import blueprint as sources
from services.auth.routes.users import blueprint as users
from services.auth.routes.users import superuser_blueprint as installation
from shared.auth.access import refuse_other_sites, require_superuser, require_user
from shared.web.factory import create_service
from shared.web.readiness import postgresql, redis_cache


def create_app() -> Flask:
    """Make the app, with who may call each blueprint."""
    return create_service(
        "auth",
        "Accounts, login sessions, projects and keys.",
        [
            (login, refuse_other_sites),
            (oidc, None),
            (internal, None),
            (account, require_user),
            (password, require_user),
            (users, require_user),
            (installation, require_superuser),
            (projects, require_user),
            (keys, require_user),
            (sources, require_user),
            (flags, require_user),
            (flag_files, require_user),
            (admin_flags, require_user),
            (members, require_user),
            (audit_log, require_user),
        ],
        {"postgresql": postgresql, "redis": redis_cache},
        for_readers=True,
    )
