"""One typed settings object, read once from the environment.

Every entry carries its environment name, its default, how it is parsed and what it
means. ``.env.example`` is checked against this table by a test, so the two cannot drift.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cache
from typing import Any

from shared.runtime import setting_values as read


class SettingsError(Exception):
    """The environment does not describe an installation that may start."""


def _setting(doc: str, parse: Callable[[str], Any] = read.text, default: str | None = None) -> Any:
    """Declare one setting; ``default=None`` makes it required."""
    return field(metadata={"doc": doc, "parse": parse, "default": default})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set. Times carry their unit in the name."""

    database_url: str = _setting("PostgreSQL, as a URL.", read.database_url)
    database_owner_url: str = _setting(
        "PostgreSQL as the owner of the tables, for the worker, which removes partitions; empty: "
        "DATABASE_URL.",
        read.database_url,
        "",
    )
    redis_url: str = _setting(
        "Redis or Valkey for logins, limits, salts and jobs; with maxmemory, AOF and noeviction.",
        read.redis_url,
    )
    stream_redis_url: str = _setting(
        "Redis or Valkey that holds the event stream; keep it apart and with AOF.", read.redis_url
    )
    cache_redis_url: str = _setting(
        "Redis or Valkey for what may be lost at any time (cached answers), with maxmemory-policy "
        "allkeys-lru; empty: REDIS_URL.",
        read.redis_url,
        "",
    )
    secret_key: str = _setting(
        "Signs login tokens and derives the internal token. At least 32 random characters.",
        read.secret,
    )
    gateway_token: str = _setting(
        "Token with which the gateway proves itself to the services, so that they believe client "
        "addresses from it alone. Empty: they believe every process that reaches their ports.",
        default="",
    )
    public_url: str = _setting(
        "Public address of the dashboard; used in links.", default="http://127.0.0.1:8000"
    )
    cors_origins: tuple[str, ...] | str = _setting(
        "Exact origins, separated by commas, whose pages may read (CORS), those of other sites by "
        "token or secret key; * lets every page read that has one. Empty: only Tidemark's own "
        "pages.",
        read.origins,
        "",
    )
    auth_url: str = _setting("URL of the auth service.", default="http://auth:8000")
    ingest_url: str = _setting("URL of the ingest service.", default="http://ingest:8000")
    processor_url: str = _setting(
        "URL of the processor's health endpoint.", default="http://processor-web:8000"
    )
    query_url: str = _setting("URL of the query service.", default="http://query:8000")
    flags_url: str = _setting("URL of the flags service.", default="http://flags:8000")
    live_url: str = _setting("URL of the live service.", default="http://live:8000")
    cookie_secure: bool = _setting(
        "Send login cookies over HTTPS only; false for plain HTTP on one machine.",
        read.flag,
        "true",
    )
    access_token_expire_minutes: int = _setting("Lifetime of an access token.", read.positive, "30")
    refresh_token_expire_days: int = _setting("Lifetime of a refresh token.", read.positive, "7")
    login_lifetime_days: int = _setting(
        "Maximum lifetime of a login, however often it is renewed.", read.positive, "30"
    )
    registration: str = _setting(
        "Who may create an account: open (anyone), invitation, or closed.",
        read.registration,
        "invitation",
    )
    login_failures_per_minute: int = _setting(
        "Maximum number of wrong passwords a minute from one address, over all accounts.",
        read.positive,
        "20",
    )
    registrations_per_minute: int = _setting(
        "Maximum number of new accounts a minute from one address; those with a valid invitation "
        "are not counted.",
        read.positive,
        "5",
    )
    oidc_issuer: str = _setting(
        "OpenID Connect provider to sign in with, such as https://id.example.org; empty: none.",
        read.issuer,
        "",
    )
    oidc_client_id: str = _setting("Client id of this installation at the provider.", default="")
    oidc_client_secret: str = _setting("Client secret at the provider.", default="")
    oidc_name: str = _setting("Name of the provider on the button 'Sign in with …'.", default="SSO")
    oidc_sign_up: bool = _setting(
        "Create an account for everyone the provider signs in; false: only for invited addresses.",
        read.flag,
        "false",
    )
    db_pool_size: int = _setting(
        "Database connections that each process keeps open.", read.positive, "5"
    )
    db_max_overflow: int = _setting(
        "Additional database connections that each process may open at peaks.",
        read.positive,
        "10",
    )
    query_threads: int = _setting(
        "Threads of the query service. A project or an account may hold half of them; at least 6, "
        "and no more than the database connections of a process.",
        read.query_threads,
        "12",
    )
    client_requests_per_second: int = _setting(
        "Maximum number of API calls a second: at the gateway for one login or key, and for "
        "one address without one (with logins or keys: six times as many); in each process of a "
        "service for one user and for a project's secret keys. Events are not counted.",
        read.positive,
        "50",
    )
    projects_per_hour: int = _setting(
        "Maximum number of projects that an account may create in an hour.", read.positive, "60"
    )
    projects_per_account: int = _setting(
        "Maximum number of projects that an account may be the first owner of; owners of the "
        "installation may have more.",
        read.positive,
        "100",
    )
    query_timeout_ms: int = _setting(
        "A query that takes longer is cancelled and fails with 422.", read.positive, "20000"
    )
    cache_bytes_per_project: int = _setting(
        "Most bytes of cached answers of a project; its oldest ones give way.",
        read.positive,
        "33554432",
    )
    log_level: str = _setting("DEBUG, INFO, WARNING or ERROR.", default="INFO")
    log_format: str = _setting("json for machines, text for people.", read.log_format, "json")
    ingest_workers: int = _setting("Ingest processes in one container.", read.positive, "2")
    ingest_max_body_bytes: int = _setting(
        "Maximum size of a request body, after decompression.",
        read.positive,
        str(20 * 1024 * 1024),
    )
    ingest_max_batch: int = _setting(
        "Maximum number of events in one request.", read.positive, "10000"
    )
    stream_max_bytes: int = _setting(
        "Maximum number of bytes in the stream's Redis if it has no maxmemory; above it, or above "
        "80 % of its maxmemory, ingest answers 503.",
        read.positive,
        "858993459",
    )
    stream_partitions: int = _setting(
        "Number of streams that requests are divided into, by project; the same for all services.",
        read.positive,
        "1",
    )
    client_events_per_minute: int = _setting(
        "Maximum number of events a minute from one client address by public key; 0: no limit. "
        "Projects may set their own. Private addresses (proxies, containers) have only the "
        "project's own limit.",
        read.not_negative,
        "12000",
    )
    ingest_bytes_per_minute: int = _setting(
        "Maximum number of bytes of events a minute of a project; raised in proportion where "
        "its limit of events is above 60,000 a minute.",
        read.positive,
        "268435456",
    )
    spool_max_batches: int = _setting(
        "Maximum number of requests that PostgreSQL holds while the stream is unavailable.",
        read.positive,
        "200000",
    )
    geoip_database: str = _setting(
        "MMDB file with the locations of addresses; make run installs one with countries.",
        default="",
    )
    processor_batch_events: int = _setting(
        "Maximum number of events that a processor commits in one transaction.",
        read.positive,
        "5000",
    )
    processor_batch_wait_ms: int = _setting(
        "Maximum time that a processor waits for more events before it commits.",
        read.positive,
        "100",
    )
    processor_reclaim_idle_ms: int = _setting(
        "Time after which entries of an idle consumer are claimed by others.",
        read.positive,
        "30000",
    )
    processor_isolation_memory_mb: int = _setting(
        "Memory limit for storing an entry that failed three times; an event that needs more "
        "becomes a dead letter.",
        read.positive,
        "256",
    )
    disk_folders: str = _setting(
        "Folders, separated by colons, on whose disks events are stored; make run and Compose name "
        "those of their own servers.",
        default="",
    )
    disk_min_free_mb: int = _setting(
        "Megabytes that must be free on each of these disks; with less, ingest answers 503 until a "
        "quarter more are free.",
        read.positive,
        "1024",
    )
    day_files: str = _setting(
        "Folder in which each sealed day is also kept as a Parquet file, which many questions are "
        "read from; the same for the worker and the query service. Empty: none are kept. "
        "`make run` takes day-files in DATA_DIR, Compose its volume day-files.",
        default="",
    )
    day_file_copies: str = _setting(
        "Folder or bucket to which each file of a sealed day is copied once, within hours, with a "
        "manifest a month; for this installation alone. file:///mnt/copies, or "
        "s3://BUCKET/FOLDER?region=eu-central-1 (of another provider also "
        "&endpoint_override=HOST), with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set for the "
        "worker. Empty: none are made.",
        default="",
    )
    ledger_days: int = _setting(
        "Number of days for which event ids are stored for deduplication; older events are "
        "refused.",
        read.positive,
        "30",
    )
    audit_days: int = _setting(
        "Number of days for which entries of the audit log are stored; 0: for ever.",
        read.not_negative,
        "730",
    )
    import_days: int = _setting(
        "Number of days before now whose events an import may bring. Each day of events is a "
        "partition that all projects share.",
        read.positive,
        "1830",
    )
    import_max_bytes: int = _setting(
        "Largest file that may be imported, in bytes. It lies in PostgreSQL until it is imported.",
        read.positive,
        "4294967296",
    )
    import_account_bytes: int = _setting(
        "Bytes that the imports of all projects of one owner may hold together that have not "
        "ended; one that is uploaded counts with its parts.",
        read.positive,
        "8589934592",
    )
    import_total_bytes: int = _setting(
        "The same for all projects of the installation.",
        read.positive,
        "34359738368",
    )
    supervision_file: str = _setting(
        "File in which the supervisor of make run writes the states of its processes; none in "
        "containers.",
        default="",
    )
    smtp_host: str = _setting(
        "Mail server that sends alerts and reports; empty: there is no e-mail.", default=""
    )
    smtp_port: int = _setting("Port of the mail server.", read.positive, "587")
    smtp_user: str = _setting("Account at the mail server; empty: none is needed.", default="")
    smtp_password: str = _setting("Password of the account at the mail server.", default="")
    smtp_security: str = _setting(
        "How the connection to the mail server is encrypted: starttls, tls (from the beginning, "
        "mostly port 465) or none.",
        read.smtp_security,
        "starttls",
    )
    mail_from: str = _setting(
        "Sender of mail: an address, or a name with one, such as Tidemark <tidemark@example.org>.",
        read.sender,
        "",
    )
    outgoing_allowed: str = _setting(
        "Hosts of your own network that webhooks and chats may be sent to: names, names with a "
        "port, addresses or networks, separated by commas. Empty: only hosts on the internet.",
        read.outgoing_hosts,
        "",
    )
    outgoing_ports: str = _setting(
        "Ports that webhooks and chats may be sent to, separated by commas.",
        read.outgoing_ports,
        "80,443",
    )
    online_minutes: int = _setting(
        "Number of minutes after an event for which a visitor is online, from 1 to 30.",
        read.online_minutes,
        "5",
    )
    live_events_per_second: int = _setting(
        "Maximum number of events per project and second, of each processor, that live views show.",
        read.positive,
        "1000",
    )
    live_max_connections: int = _setting(
        "Maximum number of open connections of live views, of all users together; the projects of "
        "one owner may have half of them.",
        read.positive,
        "4000",
    )
    live_connections_per_user: int = _setting(
        "Maximum number of open connections of live views of one user, or of the secret keys of "
        "one owner's projects.",
        read.positive,
        "50",
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every entry.

        Raises:
            SettingsError: names every wrong or missing variable and what to write instead.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for entry in fields(cls):
            name = variable_name(entry)
            raw = environ.get(name) or entry.metadata["default"]
            if raw is None:
                problems.append(f"{name} is not set. {entry.metadata['doc']}")
                continue
            try:
                # An empty default stands for "not used" and needs no parsing.
                values[entry.name] = entry.metadata["parse"](raw) if raw else raw
            except ValueError as error:
                problems.append(f"{name} is not usable: {error}")
        if values.get("oidc_issuer") and not values.get("oidc_client_id"):
            problems.append("OIDC_CLIENT_ID is not set, but OIDC_ISSUER is. Set both or neither.")
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**values)


def variable_name(entry: Field[Any]) -> str:
    """Return the name of the environment variable of a settings field."""
    return entry.name.upper()


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read from its environment on first use."""
    return Settings.from_environment(os.environ)
