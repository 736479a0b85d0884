"""Auth alone, as a process with settings of a test's own, and a Redis that may be stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from deploy.local.backends import Backends
from deploy.local.children import free_port
from deploy.local.valkey import Valkey
from tests.conftest import ROOT, SECRET_KEY


@dataclass(frozen=True)
class AuthService:
    """A running auth service, without a gateway before it."""

    url: str
    redis: Valkey


@contextmanager
def running_auth(
    backends: Backends, folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[AuthService]:
    """Auth with a Redis of its own, until the end of the block."""
    port, redis = free_port(), Valkey(folder / "redis")
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        redis.start()
        stack.callback(redis.stop)
        environment = {
            **os.environ,
            **backends.environment,
            "REDIS_URL": redis.url,
            "CACHE_REDIS_URL": redis.url,
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": url,
            "COOKIE_SECURE": "false",
            "LOG_FORMAT": "text",
            "LOGIN_FAILURES_PER_MINUTE": "1000",
            "REGISTRATIONS_PER_MINUTE": "1000",
            **(settings or {}),
        }
        command = [
            "-m", "gunicorn", "-c", "services/auth/gunicorn.conf.py",
            "--bind", f"127.0.0.1:{port}", "services.auth.app:create_app()",
        ]  # fmt: skip
        stack.enter_context(
            running(command, lambda: _answers(f"{url}/healthz"), folder / "auth.log", environment)
        )
        yield AuthService(url, redis)


@contextmanager
def running(
    arguments: Sequence[str],
    is_ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """A Python process of our own, from when it is ready until the end of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 60
        while not is_ready():
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.RequestException:
        return False


def provider_answers(url: str) -> bool:
    """Whether an OpenID Connect provider listens there."""
    return _answers(f"{url}/.well-known/openid-configuration")
