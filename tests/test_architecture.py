"""The lines between the parts: who may import whom, and what the storage rules are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import models
from shared.models import Base
from shared.runtime import database_roles
from tests.conftest import ROOT

SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")
# Of services/query, from the top: each imports only from the lines below its own.
QUERY_LAYERS = (
    ("api",),
    ("reports", "saved", "visitors", "monitoring"),
    ("records",),
    ("sources",),
    ("execution",),
    ("parsing",),
)
# Of services/auth, the rooms that each may import.
AUTH_ROOMS: dict[str, set[str]] = {
    "routes": {"accounts", "members", "projects", "flags"},
    "accounts": {"members", "projects"},
    "members": {"projects"},
    "projects": set(),
    "flags": set(),
}
FORBIDDEN_NAMES = {"utils", "helpers", "service", "manager", "redis", "rq", "logging", "types"}
# Tables about tenants, not of tenants: copied to every node of a distributed database.
REFERENCE_TABLES = {
    "users",
    "external_identities",
    "projects",
    "memberships",
    "invitations",
    "api_keys",
    "event_sources",
    "import_uploads",
}


def modules(folder: str) -> Iterator[Path]:
    yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: absolute imports only"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_services_never_import_each_other(service: str) -> None:
    for path in modules(f"services/{service}"):
        for name in imports(path):
            if name.startswith("services."):
                assert name.split(".")[1] == service, f"{path} imports {name}"
            assert not name.startswith(("deploy.", "tests.", "benchmarks.")), f"{path}: {name}"


def test_questions_are_written_for_postgresql_in_one_place() -> None:
    """Reports are SQLAlchemy Core; what only PostgreSQL understands has a name in one module."""
    own_words = re.compile(
        r"sqlalchemy\.dialects|func\.(array_|jsonb_|unnest|width_bucket|percentile_|strpos|to_char"
        r"|timezone|date_trunc|date_bin|pg_)|\.op\(|bool_op\("
    )
    for path in modules("services/query"):
        if path.name not in {"postgres.py", "copy_columns.py"}:
            assert not own_words.search(path.read_text()), path


def test_each_layer_of_query_imports_only_the_layers_below_it() -> None:
    folder = ROOT / "services/query"
    level = {name: number for number, names in enumerate(QUERY_LAYERS) for name in names}
    for path in modules("services/query"):
        layer = path.relative_to(folder).parts[0]
        if layer in {"__init__.py", "app.py", "gunicorn.conf.py"}:
            continue
        assert layer in level, f"{path} lies outside the layers"
        for name in imports(path):
            parts = name.split(".")
            if parts[:2] == ["services", "query"] and parts[2] in level and parts[2] != layer:
                assert level[parts[2]] > level[layer], f"{path} imports {name}"


def test_each_room_of_auth_imports_only_those_below_it() -> None:
    folder = ROOT / "services/auth"
    for path in modules("services/auth"):
        room = path.relative_to(folder).parts[0]
        if room in {"__init__.py", "__main__.py", "app.py", "gunicorn.conf.py"}:
            continue
        for name in imports(path):
            used = name.split(".")[2] if name.startswith("services.auth.") else room
            if used in AUTH_ROOMS and used != room:
                assert used in AUTH_ROOMS.get(room, set()), f"{path} imports {name}"


def test_parsing_a_query_needs_no_database() -> None:
    for path in modules("services/query/parsing"):
        used = {name.split(".")[0] for name in imports(path)}
        assert not used & {"sqlalchemy", "psycopg2", "redis"}, path


def test_every_module_of_reports_is_a_report() -> None:
    for path in modules("services/query/reports"):
        functions = {
            node.name
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef)
        }
        is_report = any(name.startswith("run_") for name in functions)
        assert is_report or path.name in {"__init__.py", "registry.py"}, path


def test_shared_imports_no_service() -> None:
    for path in modules("shared"):
        assert not any(name.startswith(("services", "deploy")) for name in imports(path)), path


def test_domain_modules_know_no_web_framework() -> None:
    web = {"flask", "flask_smorest", "werkzeug"}
    for service in SERVICES:
        for path in modules(f"services/{service}"):
            relative = path.relative_to(ROOT / "services" / service).parts
            if relative[0] in {"routes", "routes.py", "api", "app.py"}:
                continue
            used = {name.split(".")[0] for name in imports(path)}
            assert not used & web, path


def test_routes_hold_no_sql() -> None:
    for service in SERVICES:
        for path in modules(f"services/{service}"):
            relative = path.relative_to(ROOT / "services" / service)
            if {"routes", "routes.py", "api"} & set(relative.parts):
                used = {name.split(".")[0] for name in imports(path)}
                assert not used & {"sqlalchemy", "psycopg2", "redis"}, path


def test_every_download_takes_a_thread_of_downloads() -> None:
    small = {"export_visitors": "a line for each day", "post_sql": "at most 16 MB"}
    unlimited = set()
    for path in sorted((ROOT / "services").glob("*/api/**/*.py")):
        for route in ast.walk(ast.parse(path.read_text())):
            if isinstance(route, ast.FunctionDef) and _answers_with_a_download(route):
                called = {one.id for one in ast.walk(route) if isinstance(one, ast.Name)}
                if not called & {"start_file", "persons_file"}:
                    unlimited.add(route.name)
    assert unlimited == set(small)


def _answers_with_a_download(route: ast.FunctionDef) -> bool:
    is_documented = any("file_response(" in ast.unparse(one) for one in route.decorator_list)
    return is_documented or "Content-Disposition" in ast.unparse(route)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_spine(service: str) -> None:
    folder = ROOT / "services" / service
    for name in ("__init__.py", "app.py", "gunicorn.conf.py"):
        assert (folder / name).exists(), name
    purpose = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    for word in ("In:", "Out:", "Next:", "Never:"):
        assert word in purpose


def test_no_module_has_a_catch_all_name() -> None:
    for folder in ("services", "shared", "deploy"):
        for path in modules(folder):
            assert path.stem not in FORBIDDEN_NAMES, path


def test_every_key_of_a_tenant_table_starts_with_the_project() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name in REFERENCE_TABLES:
            continue
        keys = [list(index.columns) for index in table.indexes]
        if list(table.primary_key.columns):
            keys.append(list(table.primary_key.columns))
        for key in keys:
            assert key[0].name == "project_id", f"{table.name}: {[c.name for c in key]}"
        assert not table.foreign_keys, f"{table.name} refers to another table"


def test_tests_stay_short_enough_to_read() -> None:
    """A test longer than this asserts several things, or hides what it asserts in its set-up."""
    for path in modules("tests"):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 55, f"{path}: {node.name} has {lines} lines"


def test_each_migration_follows_one_other() -> None:
    """Of two branches that took the same number, the later one takes the next when it rebases."""
    folder = ROOT / "shared/migrations/versions"
    found = [
        re.findall(r'^(?:down_)?revision = (?:"(\w+)"|None)$', path.read_text(), re.MULTILINE)
        for path in sorted(folder.glob("[0-9]*.py"))
    ]
    assert found
    assert [one[1] for one in found] == ["", *(one[0] for one in found[:-1])]


def test_every_table_that_queries_use_is_theirs_to_read() -> None:
    allowed = {*database_roles.READABLE, *database_roles.SAVED, *database_roles.READABLE_COLUMNS}
    used = {
        getattr(models, name.name).__tablename__
        for path in [*(ROOT / "services" / "query").rglob("*.py"), ROOT / "shared/auth/access.py"]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "shared.models"
        for name in node.names
        if hasattr(getattr(models, name.name), "__tablename__")
    }
    missing = used - allowed
    assert not missing, f"enter {missing} in shared/runtime/database_roles.py, READABLE or SAVED"
