"""GCRA: never more than burst + rate × time, and at least 99 % of what is entitled."""

from __future__ import annotations

import multiprocessing
import random
import time
from copy import deepcopy
from multiprocessing.queues import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from deploy.local.backends import Backends
from services.ingest.limits import LocalRates, Rate, limits_for
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from shared.errors import PayloadTooLarge, TooManyRequests
from shared.events.envelope import Batch
from shared.policies.networks import network_of
from tests.support.factories import a_policy

PER_MINUTE = 1200
SECONDS = 4.0
FOR_EVER = -1


def test_four_processes_together_let_through_what_is_entitled_and_no_more(
    backends: Backends, stream: Redis
) -> None:
    results: Queue[int] = multiprocessing.get_context("fork").Queue()
    began = redis_seconds(stream)
    workers = [
        multiprocessing.get_context("fork").Process(
            target=send_without_pause, args=(backends.stream_redis_url, seed, results)
        )
        for seed in range(4)
    ]
    for worker in workers:
        worker.start()
    passed = sum(results.get(timeout=60) for _ in workers)
    took = redis_seconds(stream) - began
    for worker in workers:
        worker.join(10)
    assert passed <= PER_MINUTE + PER_MINUTE / 60 * took
    # The shortest span in which all four tried without pause.
    assert passed >= 0.99 * (PER_MINUTE + PER_MINUTE / 60 * SECONDS)


def test_a_clock_that_was_set_back_costs_a_minute_at_most(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    two_days_ahead = (redis_seconds(stream) - 1_735_689_600 + 2 * 86_400) * 1_000_000
    stream.set("rate:902", f"{two_days_ahead:.3f}")
    policy = a_policy(project_id=902, rate_limit_per_minute=600)
    with pytest.raises(TooManyRequests) as refused:
        submitter.submit(a_batch(), limits_for(policy, "", 300, time.time()), 300)
    assert (refused.value.retry_after_seconds or 0) <= 60
    time.sleep(1.1)
    submitter.submit(a_batch(), limits_for(policy, "", 1, time.time()), 1)


def send_without_pause(url: str, seed: int, results: Queue[int]) -> None:
    """Ask for 1 to 3 events at a time for a while; answers how many passed."""
    chance, client = random.Random(seed), Redis.from_url(url)
    submitter = Submitter(client, Spool(1), 10_000_000)
    policy = a_policy(project_id=901, rate_limit_per_minute=PER_MINUTE)
    passed, until = 0, redis_seconds(client) + SECONDS
    while redis_seconds(client) < until:
        cost = chance.randint(1, 3)
        try:
            submitter.submit(a_batch(), limits_for(policy, "", cost, time.time()), cost)
        except TooManyRequests:
            continue
        else:
            passed += cost
    results.put(passed)


def redis_seconds(client: Redis) -> float:
    """The clock that counts."""
    seconds, microseconds = client.time()
    return float(seconds + microseconds / 1e6)


def a_batch() -> Batch:
    return Batch(project_id=901, received_at_us=0, events=[])


def test_a_bucket_that_refuses_leaves_the_others_uncharged(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 1000)
    policy = a_policy(client_rate_limit_per_minute=2, rate_limit_per_minute=6)
    submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 2, 0.0), 2)
    before = stream.get("rate:7")
    with pytest.raises(TooManyRequests, match="client"):
        submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 2, 0.0), 2)
    assert stream.get("rate:7") == before
    assert stream.xlen("events:ingest") == 1


def test_the_script_is_loaded_again_after_the_server_forgot_it(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 1000)
    for _ in range(2):
        submitter.submit(a_batch(), limits_for(a_policy(), "", 1, 0.0), 1)
        stream.script_flush()
    assert stream.xlen("events:ingest") == 2


def test_limits_leave_no_keys_behind(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 1000)
    policy = a_policy(daily_quota=10, monthly_quota=10, client_rate_limit_per_minute=60)
    submitter.submit(a_batch(), limits_for(policy, "2001:db8::1", 1, time.time()), 1)
    for key in stream.scan_iter():
        assert key == b"events:ingest" or stream.pttl(key) != FOR_EVER, key


@given(
    st.integers(1, 100_000),
    st.lists(st.tuples(st.integers(1, 500), st.floats(0, 20)), max_size=60),
)
@settings(max_examples=200)
def test_the_limit_of_one_process_is_the_same_algorithm(
    per_minute: int, requests: list[tuple[int, float]]
) -> None:
    rate, rates, now, passed = Rate("project", "p", per_minute), LocalRates(), 0.0, 0
    for cost, pause in requests:
        now += pause
        wait = rates.wait_seconds((rate,), cost, now)
        if not wait:
            passed += cost
            assert passed <= per_minute + per_minute / 60 * now + per_minute * 1e-6
        elif cost <= per_minute:
            # Whoever waits as long as was said gets through.
            assert deepcopy(rates).wait_seconds((rate,), cost, now + wait) == 0


def test_what_can_never_pass_is_not_asked_to_wait() -> None:
    with pytest.raises(PayloadTooLarge):
        limits_for(a_policy(rate_limit_per_minute=10), "", 11, 0.0)


def test_networks() -> None:
    assert network_of("2001:db8:1:2:3::4") == "2001:db8:1:2::"
    assert network_of("::ffff:198.51.100.7") == network_of("198.51.100.7") == "198.51.100.7"
    assert network_of("nonsense") == "nonsense"
