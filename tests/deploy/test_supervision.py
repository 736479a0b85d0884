"""`make run` keeps everything running: killed, hanging and absent processes, and no event lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import requests

from deploy.local import leftovers
from deploy.local.children import free_port
from deploy.local.postgres import Postgres
from deploy.local.valkey import Valkey
from tests.conftest import (
    ROOT,
    Installation,
    plain_url,
    read_installation,
    start_installation,
)
from tests.support.prepared_cluster import lay_cluster
from tests.support.waiting import wait_for

_BACK_SECONDS = 20
_EVERY_PROCESS = (
    *("worker", "schedule", "processor", "processor.2", "processor-web", "query", "flags", "live"),
    *("auth", "state", "stream", "cache", "postgres", "ingest", "gateway"),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of this module's own; stopping it leaves no process, whatever was done."""
    data_dir = tmp_path_factory.mktemp("supervised")
    lay_cluster(data_dir / "postgres")
    process, log = start_installation(data_dir, free_port())
    try:
        yield read_installation(process, data_dir, log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0, log.read_text()[-3000:]
        assert not processes_of(data_dir)


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Every process that was started for an installation, found by its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DATA_DIR") == str(data_dir) and process.pid != os.getpid():
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def supervised(running: Installation) -> dict[str, dict[str, Any]]:
    """What the supervisor says of each process."""
    text = (running.data_dir / "run" / "supervision.json").read_text()
    found: dict[str, dict[str, Any]] = json.loads(text)["processes"]
    return found


def pid_of(running: Installation, name: str) -> int:
    return int(supervised(running)[name]["pid"])


def health_of(running: Installation) -> dict[str, Any]:
    """The report of the installation's health, as anybody may read it."""
    report: dict[str, Any] = requests.get(f"{running.url}/api/v1/health/", timeout=10).json()
    return report


def is_ready(running: Installation) -> bool:
    try:
        answer = requests.get(f"{running.url}/api/v1/health/ready", timeout=5)
    except requests.RequestException:
        return False
    return answer.status_code == 200


class Senders:
    """Clients that send events all the time, and remember what was answered for."""

    def __init__(self, running: Installation) -> None:
        self._url = f"{running.url}/api/v1/events/ingest"
        self._headers = running.public_headers
        self.acknowledged: list[str] = []
        self.failures: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        while not self._stop.is_set():
            ids = [str(uuid.uuid4()) for _ in range(5)]
            events = [
                {"event_name": "load", "distinct_id": f"p{one[:2]}", "event_id": one} for one in ids
            ]
            try:
                answer = requests.post(self._url, json=events, headers=self._headers, timeout=15)
            except requests.RequestException as error:
                self.failures[type(error).__name__] += 1
            else:
                if answer.status_code == 202 and answer.json()["accepted"] == len(ids):
                    self.acknowledged += ids
                else:
                    self.failures[str(answer.status_code)] += 1
            time.sleep(0.02)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def stored(running: Installation) -> tuple[Counter[str], int]:
    """How often each event of the load is stored, and what their counts add up to."""
    connection = psycopg2.connect(plain_url(running.environment["DATABASE_URL"]))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_id::text, count(*) FROM events WHERE event_name = 'load' GROUP BY 1"
            )
            rows = Counter(dict(cursor.fetchall()))
            cursor.execute(
                "SELECT coalesce(sum(events), 0) FROM event_counts WHERE event_name = 'load'"
            )
            (counted,) = cursor.fetchone() or (0,)
            return rows, int(counted)
    finally:
        connection.close()


@pytest.mark.timeout(900)
def test_every_process_killed_twice_under_load_is_restarted_and_no_event_is_lost(
    running: Installation,
) -> None:
    assert set(supervised(running)) == set(_EVERY_PROCESS)
    senders = Senders(running)
    took: dict[str, float] = {}
    try:
        wait_for(lambda: len(senders.acknowledged) > 100, 20)
        for round_ in range(2):
            for name in _EVERY_PROCESS:
                failures = senders.failures.total()
                before = len(senders.acknowledged)
                old = pid_of(running, name)
                os.kill(old, signal.SIGKILL)
                key = f"{name} {round_ + 1}"
                took[key] = wait_for(
                    lambda name=name, old=old: (
                        pid_of(running, name) not in {0, old}  # type: ignore[misc]
                        and is_ready(running)
                    ),
                    _BACK_SECONDS,
                    f"{name} was not back: {supervised(running)[name]}",
                )
                if name not in {"ingest", "gateway"}:
                    assert senders.failures.total() == failures, f"{name}: {senders.failures}"
                wait_for(lambda before=before: len(senders.acknowledged) > before, 10)  # type: ignore[misc]
    finally:
        senders.stop()
    print({name: round(seconds, 1) for name, seconds in took.items()}, senders.failures)
    running.wait_until_stored(60)
    acknowledged = set(senders.acknowledged)
    # What waited in PostgreSQL while the stream was away is drained beside it.
    wait_for(lambda: acknowledged <= set(stored(running)[0]), 60, "acknowledged events are missing")
    rows, counted = stored(running)
    assert max(rows.values()) == 1
    assert counted == rows.total()


def test_workers_of_a_killed_master_end_and_the_master_is_restarted(running: Installation) -> None:
    for name in ("ingest", "gateway"):
        # What ends before it has run for ten seconds is started again by another rule.
        wait_for(lambda name=name: supervised(running)[name]["state"] == "running", 20)  # type: ignore[misc]
        master = psutil.Process(pid_of(running, name))
        workers = master.children()
        assert workers
        master.kill()
        _, alive = psutil.wait_procs(workers, timeout=10)
        assert not alive, name
        wait_for(
            lambda name=name, old=master.pid: (  # type: ignore[misc]
                pid_of(running, name) not in {0, old} and is_ready(running)
            ),
            _BACK_SECONDS,
            f"{name} was not started again: {supervised(running)[name]}",
        )


def test_a_crashing_process_is_reported_while_others_keep_running(
    tmp_path: Path,
) -> None:
    lay_cluster(tmp_path / "postgres")
    process, log = start_installation(tmp_path, free_port())
    running = read_installation(process, tmp_path, log)
    others = {name: pid_of(running, name) for name in _EVERY_PROCESS if name != "worker"}
    killed: set[int] = set()
    try:
        while len(killed) < 4:
            pid = pid_of(running, "worker")
            if pid and pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            time.sleep(0.05)
        wait_for(lambda: supervised(running)["worker"]["ended"] == 4, 10)
        # Health is read in the background, at most every 5 seconds.
        wait_for(lambda: "ended 4 times" in health_of(running)["processes"]["worker"], 15)
        assert health_of(running)["status"] == "degraded"
        wrong = {
            name: said
            for name, said in health_of(running)["processes"].items()
            if said != "running"
        }
        assert set(wrong) == {"worker"}
        assert "ended 4 times" in wrong["worker"]
        assert "SIGKILL" in wrong["worker"]
        doctor = subprocess.run(
            [sys.executable, "-m", "services.processor.commands", "doctor"],
            cwd=ROOT,
            env={**os.environ, **running.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert doctor.returncode == 1
        assert "WRONG  The process worker is" in doctor.stdout, doctor.stdout
        assert "tidemark: worker exited unexpectedly (killed by SIGKILL)" in log.read_text()
        assert running.ingest(running.credentials["public_key"], {"event": "a"}).status_code == 202
        assert others == {name: pid_of(running, name) for name in others}
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


_CHATTY = """
import sys
from pathlib import Path
from deploy.local.programs import Program, Stage
from deploy.local.supervision import Runner
from deploy.local.terminal import Terminal
program = Program("chatty", "yes a line of a process that writes much", Stage.SERVICES)
runner = Runner([program], Path(sys.argv[1]), Terminal(["chatty"]))
print("runs", flush=True)
runner.run_until_stopped()
"""


def test_logs_stay_small_and_a_closed_terminal_is_no_reason_to_stop(tmp_path: Path) -> None:
    run_dir, logs = tmp_path / "run", tmp_path / "logs"
    run_dir.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", _CHATTY, str(run_dir)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        process.stdout.close()
        # It has to write more than it may keep.
        wait_for((logs / "chatty.log.2").exists, 60)
        time.sleep(2)
        assert process.poll() is None
        assert sum(log.stat().st_size for log in logs.iterdir()) < 16_000_000
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


_ONE_CHILD = _CHATTY.replace("yes a line of a process that writes much", "sleep 600")


def test_a_runner_killed_at_once_leaves_no_process_unrecorded(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    runner = subprocess.Popen(
        [sys.executable, "-c", _ONE_CHILD, str(run_dir)], cwd=ROOT, start_new_session=True
    )
    wait_for(lambda: bool(psutil.Process(runner.pid).children()), 30)
    [child] = psutil.Process(runner.pid).children()
    # Far less than the ten seconds after which it counts as running.
    time.sleep(1)
    runner.kill()
    runner.wait()
    assert child.is_running()
    leftovers.terminate(run_dir / "processes.json")
    assert not child.is_running()


_ENVIRONMENTS = _CHATTY.replace(
    'Program("chatty", "yes a line of a process that writes much", Stage.SERVICES)',
    'Program("chatty", "sleep 600", Stage[sys.argv[2]])',
)


@pytest.mark.parametrize(
    ("stage", "knows"), [("SERVERS", False), ("GATEWAY", False), ("SERVICES", True)]
)
def test_servers_and_gateway_do_not_know_the_secrets_of_the_services(
    tmp_path: Path, stage: str, *, knows: bool
) -> None:
    (tmp_path / "run").mkdir()
    secrets = {"SECRET_KEY": "k", "DATABASE_URL": "u", "REDIS_URL": "r", "OIDC_CLIENT_SECRET": "o"}
    runner = subprocess.Popen(
        [sys.executable, "-c", _ENVIRONMENTS, str(tmp_path / "run"), stage],
        cwd=ROOT,
        env={**os.environ, **secrets, "DATA_DIR": str(tmp_path), "NGINX_BINARY": "n"},
        start_new_session=True,
    )
    try:
        wait_for(lambda: "sleep" in names_of_children(runner.pid), 30)
        [child] = psutil.Process(runner.pid).children()
        variables = child.environ()
        assert (secrets.items() <= variables.items()) is knows
        assert bool(secrets.keys() & variables.keys()) is knows
        # What nginx's configuration is found by, and this test's way to find an installation.
        assert {"PATH", "DATA_DIR", "NGINX_BINARY"} <= variables.keys()
    finally:
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(30) == 0


def names_of_children(pid: int) -> set[str]:
    """The programs that a process runs, none that is about to be executed."""
    return {child.name() for child in psutil.Process(pid).children()}


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that takes connections and never answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("server", ["state", "cache"])
def test_a_redis_that_hangs_costs_a_request_little_and_the_schedule_nothing(
    running: Installation, server: str
) -> None:
    wait_for(lambda: is_ready(running), _BACK_SECONDS)
    session, asked = requests.Session(), count(1)

    def ask() -> int:
        # Another question each time: the answer of none is in the cache.
        day = date(2026, 1, 1) + timedelta(days=next(asked))
        url = f"{running.url}/api/v1/analytics/{running.project_id}/overview?from={day}"
        return session.get(url, headers=running.secret_headers, timeout=30).status_code

    def send() -> int:
        url = f"{running.url}/api/v1/events/ingest"
        body = {"event_name": "hang", "distinct_id": "p"}
        return session.post(url, json=body, headers=running.public_headers, timeout=30).status_code

    def timed(call: Callable[[], int], wanted: int) -> float:
        began = time.perf_counter()
        assert call() == wanted
        return time.perf_counter() - began

    usual = {
        "query": max(timed(ask, 200) for _ in range(20)),
        "ingest": max(timed(send, 202) for _ in range(20)),
    }
    pids = {name: pid_of(running, name) for name in ("schedule", "worker", "processor")}
    took: dict[str, list[float]] = {"query": [], "ingest": []}
    with frozen(pid_of(running, server)):
        # Longer than the schedule's time-out and than known keys are believed unseen.
        until = time.monotonic() + 14
        while time.monotonic() < until:
            took["ingest"].append(timed(send, 202))
            took["query"].append(timed(ask, 200))
            time.sleep(0.2)
    # But for two of about fifty, which may have waited for a busy machine; none costs a time-out.
    cost = {name: sorted(times)[-3] - usual[name] for name, times in took.items()}
    assert max(map(max, took.values())) < 2, took
    print({name: f"{1000 * seconds:.0f} ms" for name, seconds in cost.items()})
    assert max(cost.values()) <= 0.3, cost
    wait_for(lambda: is_ready(running), _BACK_SECONDS)
    assert pids == {name: pid_of(running, name) for name in pids}
    assert running.login()


@pytest.mark.timeout(240)
def test_servers_that_are_not_there_yet_are_waited_for(tmp_path: Path) -> None:
    redis, postgres = Valkey(tmp_path / "redis"), Postgres(tmp_path / "postgres")
    redis.lay_out()
    postgres.lay_out()
    process, log = start_installation(
        tmp_path, free_port(), DATABASE_URL=postgres.url, REDIS_URL=redis.url
    )
    try:
        wait_for(lambda: "waiting for PostgreSQL" in log.read_text(), 60, log.read_text())
        postgres.start()
        for said in ("the worker of the queue system waits", "the schedule waits"):
            wait_for(lambda said=said: said in log.read_text(), 60, log.read_text())  # type: ignore[misc]
        assert "exited unexpectedly" not in log.read_text()
        redis.start()
        running = read_installation(process, tmp_path, log)
        key = running.credentials["public_key"]
        for _ in range(20):  # every process has seen the key
            assert running.ingest(key, {"event": "first"}).status_code == 202
        running.wait_until_stored()
        outage = [postgres, redis]
        for server in outage:
            server.stop()
        time.sleep(3)
        assert running.ingest(key, {"event": "kept in the stream"}).status_code == 202
        for server in outage:
            server.start()
        wait_for(lambda: is_ready(running), _BACK_SECONDS, log.read_text()[-3000:])
        running.wait_until_stored()
        assert "exited unexpectedly" not in log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0, log.read_text()[-3000:]
        redis.stop()
        postgres.stop()
