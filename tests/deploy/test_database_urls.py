"""Which role each process of make run has with a PostgreSQL of one's own."""

from __future__ import annotations

from pathlib import Path

from deploy.local.backends import laid_out_backends
from deploy.local.database_urls import DatabaseUrls
from deploy.local.programs import PREPARE

_SERVERS = ("REDIS_URL", "STREAM_REDIS_URL", "CACHE_REDIS_URL")


def urls_of(data_dir: Path, **given: str) -> DatabaseUrls:
    environ = {**dict.fromkeys(_SERVERS, "redis://elsewhere"), **given}
    return DatabaseUrls.of(laid_out_backends(data_dir, environ), environ)


def test_one_url_is_the_role_of_every_process(tmp_path: Path) -> None:
    urls = urls_of(tmp_path, DATABASE_URL="one")
    assert (urls.owner, urls.write, urls.read) == ("one", "one", "one")


def test_a_named_owner_migrates_and_removes_partitions_and_nothing_else(tmp_path: Path) -> None:
    urls = urls_of(tmp_path, DATABASE_URL="writer", DATABASE_OWNER_URL="owner")
    assert urls.of_program(PREPARE)["DATABASE_URL"] == "owner"
    assert urls.of_program("worker") == {"DATABASE_OWNER_URL": "owner"}
    environment = urls.for_all({"DATABASE_OWNER_URL": "owner", "DATABASE_URL": "writer"})
    assert environment == {"DATABASE_URL": "writer"}
    assert urls.of_program("query") == {"DATABASE_URL": "writer"}


def test_the_roles_with_fewer_rights_are_used_where_they_suffice(tmp_path: Path) -> None:
    urls = urls_of(
        tmp_path, DATABASE_URL="owner", DATABASE_WRITE_URL="writer", DATABASE_READ_URL="reader"
    )
    assert urls.of_program(PREPARE)["DATABASE_URL"] == "owner"
    assert urls.for_all({})["DATABASE_URL"] == "writer"
    assert urls.of_program("query")["DATABASE_URL"] == "reader"
