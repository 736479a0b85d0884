"""No minute has more than its limit; whoever waits as told gets through."""

from __future__ import annotations

import math
import multiprocessing
import random
import struct
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date, timedelta
from functools import partial
from multiprocessing.queues import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.ingest.limit_script import MONTH_OF, UNSEEDED
from services.ingest.limits import Cost, LimitDefaults, Rate, limits_for
from services.ingest.process_limits import ExhaustedRates, LocalRates
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from shared.errors import ErrorCode, PayloadTooLarge, TooManyRequests, Unavailable
from shared.events.envelope import Batch
from shared.policies.networks import network_of
from shared.policies.policy import Policy
from tests.support.factories import a_policy

PER_MINUTE = 1200
SECONDS = 4.0
FOR_EVER = -1
EPOCH = 1_735_689_600
"""Of the windows' clock: the start of 2025."""


def test_four_processes_together_accept_exactly_the_limit(
    backends: Backends, stream: Redis
) -> None:
    results: Queue[int] = multiprocessing.get_context("fork").Queue()
    workers = [
        multiprocessing.get_context("fork").Process(
            target=send_without_pause, args=(backends.stream_redis_url, seed, results)
        )
        for seed in range(4)
    ]
    for worker in workers:
        worker.start()
    passed = sum(results.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(10)
    assert passed == PER_MINUTE  # all at once, and nothing more within the minute


def test_accepted_events_stop_counting_after_exactly_a_minute(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(project_id=903, rate_limit_per_minute=10)
    limits = limits_for(policy, "", 5)
    submitter.submit(a_batch(), limits, cost_of(6))
    now = int((redis_seconds(stream) - EPOCH) * 2)
    with pytest.raises(TooManyRequests) as refused:
        submitter.submit(a_batch(), limits, cost_of(5))
    assert 58 <= (refused.value.retry_after_seconds or 0) <= 61
    for ago, free in ((119, False), (122, True)):
        # As if six events had passed so many half seconds ago.
        stream.set("limits:903", a_window(now - ago, 0, 6))
        if not free:
            with pytest.raises(TooManyRequests) as refused:
                submitter.submit(a_batch(), limits, cost_of(5))
            assert (refused.value.retry_after_seconds or 0) <= 2
        else:
            submitter.submit(a_batch(), limits, cost_of(5))


def test_a_clock_that_was_set_back_costs_a_minute_at_most(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    two_days_ahead = int((redis_seconds(stream) - EPOCH + 2 * 86_400) * 2)
    stream.set("limits:902", a_window(two_days_ahead, 300, 250))
    policy = a_policy(project_id=902, rate_limit_per_minute=600, kind="secret")
    limits = limits_for(policy, "", 50)
    with pytest.raises(TooManyRequests) as refused:
        submitter.submit(a_batch(), limits, cost_of(51))
    assert (refused.value.retry_after_seconds or 0) <= 61
    submitter.submit(a_batch(), limits, cost_of(50))
    assert tick_of(stream, "limits:902") < two_days_ahead - 300_000


def test_a_full_window_of_a_clock_that_was_set_back_empties(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    two_days_ahead = int((redis_seconds(stream) - EPOCH + 2 * 86_400) * 2)
    stream.set("limits:903", a_window(two_days_ahead, 0, 600))
    policy = a_policy(project_id=903, rate_limit_per_minute=600, kind="secret")
    with pytest.raises(TooManyRequests):
        submitter.submit(a_batch(), limits_for(policy, "", 1), cost_of(1))
    assert tick_of(stream, "limits:903") < two_days_ahead - 300_000


def send_without_pause(url: str, seed: int, results: Queue[int]) -> None:
    """Ask for 1 to 3 events at a time for a while; answers how many passed."""
    chance, client = random.Random(seed), Redis.from_url(url)
    submitter = Submitter(client, Spool(1), 10_000_000)
    policy = a_policy(project_id=901, rate_limit_per_minute=PER_MINUTE, kind="secret")
    passed, until = 0, redis_seconds(client) + SECONDS
    while redis_seconds(client) < until:
        cost = chance.randint(1, 3)
        try:
            submitter.submit(a_batch(), limits_for(policy, "", cost), cost_of(cost))
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


def cost_of(events: int) -> Cost:
    """A request of so many events, all accepted."""
    return Cost(events, events)


def test_a_bucket_that_refuses_leaves_the_others_uncharged(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(client_rate_limit_per_minute=2, rate_limit_per_minute=6)
    submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 2), cost_of(2))
    before = stream.get("limits:7")
    with pytest.raises(TooManyRequests, match="client"):
        submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 2), cost_of(2))
    assert stream.get("limits:7") == before
    assert stream.xlen("events:ingest") == 1


def test_a_client_whose_clock_was_set_back_waits_for_a_minute_at_most(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    two_days_ahead = int((redis_seconds(stream) - EPOCH + 2 * 86_400) * 2)
    key = "limits:904:client:198.51.100.7"
    stream.set(key, struct.pack("<IQQQQ", two_days_ahead, 0, 600, 0, 0), px=2 * 86_400_000)
    policy = a_policy(project_id=904, client_rate_limit_per_minute=600)
    with pytest.raises(TooManyRequests) as refused:
        submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 1), cost_of(1))
    assert (refused.value.retry_after_seconds or 0) <= 61
    assert 0 < stream.pttl(key) <= 61_000


def test_months_are_those_of_the_calendar(stream: Redis) -> None:
    """The script counts them from March of the year 0."""
    since = (date(1970, 1, 1) - date(2000, 3, 1)).days
    days = [*range(18_000, 30_000, 7), *(since + 10_957 + 365 * n for n in range(200))]
    script = MONTH_OF + "return month_of(tonumber(ARGV[1]))"
    for day in days:
        at = date(1970, 1, 1) + timedelta(days=day)
        assert stream.eval(script, 0, str(day)) == at.year * 12 + at.month - 3, at


def test_the_script_is_reloaded_after_redis_lost_it(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    for _ in range(2):
        submitter.submit(a_batch(), limits_for(a_policy(), "", 1), cost_of(1))
        stream.script_flush()
    assert stream.xlen("events:ingest") == 2


@pytest.mark.parametrize("has_maxmemory", [True, False])
def test_the_stream_is_full_by_its_bytes_however_few_its_entries(
    stream: Redis, has_maxmemory: bool
) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    limits = limits_for(a_policy(), "", 1)
    usual = str(stream.config_get("maxmemory")["maxmemory"])
    submitter.submit(a_batch(), limits, cost_of(1))
    for _ in range(6):
        stream.xadd("events:ingest", {"batch": b"x" * 2_500_000})
    # Not what is used now: that includes buffers of these commands, which shrink.
    stream.config_set("maxmemory", 6 * 2_500_000 if has_maxmemory else 0)
    try:
        time.sleep(1.1)  # the memory is looked at once a second
        with pytest.raises(Unavailable, match="waiting to be stored"):
            submitter.submit(a_batch(), limits, cost_of(1))
        assert stream.xlen("events:ingest") == 7
        stream.xtrim("events:ingest", maxlen=0, approximate=False)
        time.sleep(1.1)
        submitter.submit(a_batch(), limits, cost_of(1))
    finally:
        stream.config_set("maxmemory", usual)


def test_a_stream_that_fills_between_two_looks_refuses_and_the_spool_takes_nothing(
    stream: Redis,
) -> None:
    submitter = Submitter(stream, Spool(0), 10_000_000)
    limits = limits_for(a_policy(), "", 1)
    submitter.submit(a_batch(), limits, cost_of(1))
    usual = str(stream.config_get("maxmemory")["maxmemory"])
    stream.config_set("maxmemory", 1)
    try:
        with pytest.raises(Unavailable, match="Too many events are waiting to be stored"):
            submitter.submit(a_batch(), limits, cost_of(1))
    finally:
        stream.config_set("maxmemory", usual)
    submitter.submit(a_batch(), limits, cost_of(1))


def test_limits_leave_no_keys_behind(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(daily_quota=10, monthly_quota=10, client_rate_limit_per_minute=60)
    submitter.submit(a_batch(), limits_for(policy, "2001:db8::1", 1), cost_of(1))
    for key in stream.scan_iter():
        is_stream = key in {b"events:ingest", b"events:backlogs"}
        assert is_stream or stream.pttl(key) != FOR_EVER, key


@given(
    st.integers(1, 2_000),
    st.lists(st.tuples(st.integers(1, 500), st.floats(0, 50)), max_size=60),
)
@settings(max_examples=200)
def test_the_limit_of_one_process_is_the_same_window(
    per_minute: int, requests: list[tuple[int, float]]
) -> None:
    rate, rates, now = Rate("project", "p", per_minute), LocalRates(), 0.0
    passed: list[tuple[float, int]] = []
    for cost, pause in requests:
        now += pause
        if cost > per_minute:
            continue
        refused = rates.refusal((rate,), cost_of(cost), 0, now)
        if refused is None:
            passed.append((now, cost))
            assert sum(events for at, events in passed if at > now - 60) <= per_minute
        else:
            # Whoever waits as long as was said gets through, and nobody waits longer than that.
            assert 0 < refused[1] <= 61
            later = LocalRates()
            later._windows = deepcopy(rates._windows)
            assert later.refusal((rate,), cost_of(cost), 0, now + refused[1]) is None


def test_the_script_and_the_process_agree(stream: Redis) -> None:
    """The same requests at the same half seconds pass, or wait for as long."""
    chance, rates = random.Random(7), LocalRates()
    submitter = Submitter(stream, Spool(1), 10_000_000)
    limits = limits_for(a_policy(rate_limit_per_minute=40, kind="secret"), "", 1)
    compared = {True: 0, False: 0}
    for _ in range(300):
        # Time goes on by moving what has passed into the past.
        shift = chance.choice([0, 0, 1, 2, 30])
        if stream.exists("limits:7"):
            tick = tick_of(stream, "limits:7")
            stream.setrange("limits:7", 0, struct.pack("<I", tick - shift))
        for window in rates._windows.values():
            window.ticks = deque((at - shift, count) for at, count in window.ticks)
        cost, now = cost_of(chance.randint(1, 9)), redis_seconds(stream) - EPOCH
        refused = rates.refusal(limits.rates[:1], cost, 0, now)
        waits = None
        try:
            submitter.submit(a_batch(), limits, cost)
        except TooManyRequests as error:
            waits = error.retry_after_seconds
        if int((redis_seconds(stream) - EPOCH) * 2) != int(now * 2):
            # A half second began in between: not the same moment for both.
            stream.delete("limits:7")
            rates = LocalRates()
            continue
        assert (refused is None) == (waits is None)
        if refused is not None:
            assert abs((waits or 0) - refused[1]) <= 1.1
        compared[refused is None] += 1
    assert min(compared.values()) > 20


def a_window(tick: int, past: int, current: int) -> bytes:
    """A project's value in Redis: events that passed before a half second, and in it."""
    return struct.pack("<IQQQQIQQIQQB", tick, past, current, *[0] * 9)


def tick_of(stream: Redis, key: str) -> int:
    value: bytes = stream.get(key)  # type: ignore[assignment]
    tick: int = struct.unpack("<I", value[:4])[0]
    return tick


def test_what_can_never_pass_is_not_asked_to_wait() -> None:
    with pytest.raises(PayloadTooLarge):
        limits_for(a_policy(rate_limit_per_minute=10), "", 11)


def test_an_ipv6_network_is_one_client() -> None:
    assert network_of("2001:db8:1:2:3::4") == "2001:db8:1:2::"
    assert network_of("::ffff:198.51.100.7") == network_of("198.51.100.7") == "198.51.100.7"
    assert network_of("nonsense") == "nonsense"


def test_a_tenth_is_reserved_for_the_secret_key(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    public = a_policy(rate_limit_per_minute=1000)
    secret = a_policy(rate_limit_per_minute=1000, kind="secret")
    submitter.submit(a_batch(), limits_for(public, "", 900), cost_of(900))
    with pytest.raises(TooManyRequests, match="reserved for the secret key"):
        submitter.submit(a_batch(), limits_for(public, "", 1), cost_of(1))
    submitter.submit(a_batch(), limits_for(secret, "", 100), cost_of(100))
    with pytest.raises(TooManyRequests):
        submitter.submit(a_batch(), limits_for(secret, "", 1), cost_of(1))


def test_dropped_events_of_a_public_key_count_against_the_client_alone(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(rate_limit_per_minute=22, client_rate_limit_per_minute=20, daily_quota=5)
    limits = limits_for(policy, "198.51.100.7", 20)
    submitter.submit(a_batch(), limits, Cost(received=20, accepted=0))
    with pytest.raises(TooManyRequests, match="client"):
        submitter.submit(a_batch(), limits, cost_of(1))
    others = limits_for(policy, "198.51.100.8", 5)
    submitter.submit(a_batch(), others, cost_of(5))


def test_a_client_without_room_is_refused_before_its_body_is_read(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(project_id=941, client_rate_limit_per_minute=10)
    batch = Batch(project_id=941, received_at_us=0, events=[])

    def early(address: str) -> None:
        submitter.refuse_early(lambda: limits_for(policy, address, 1), 1, is_public=False)

    def send(address: str, received: int) -> None:
        submitter.submit(batch, limits_for(policy, address, received), Cost(received, 0))

    send("198.51.100.1", 9)
    with pytest.raises(TooManyRequests):
        send("198.51.100.1", 2)
    early("198.51.100.1")  # one event has room
    send("198.51.100.1", 1)
    messages: set[str] = set()
    while not messages:  # a half second may end between the two
        with pytest.raises(TooManyRequests) as late:
            send("198.51.100.1", 1)
        try:
            early("198.51.100.1")
        except TooManyRequests as refused:
            messages = {refused.message, late.value.message}
    assert len(messages) == 1
    early("198.51.100.2")
    time.sleep(0.5)
    early("198.51.100.1")  # the stream has to be asked again


def test_an_exhausted_project_is_no_reason_to_refuse_dropped_events_early(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(project_id=942, rate_limit_per_minute=10, client_rate_limit_per_minute=1_000)
    batch = Batch(project_id=942, received_at_us=0, events=[])
    limits = limits_for(policy, "198.51.100.1", 10)
    submitter.submit(batch, limits, Cost(10, 10))
    with pytest.raises(TooManyRequests):
        submitter.submit(batch, limits, Cost(1, 1))
    submitter.refuse_early(lambda: limits, 1, is_public=False)
    submitter.submit(batch, limits, Cost(1, 0))


def test_clients_that_wait_are_remembered_up_to_a_bound() -> None:
    exhausted, policy = ExhaustedRates(), a_policy(client_rate_limit_per_minute=100)
    limits = [limits_for(policy, f"203.0.{n >> 8}.{n & 255}", 1) for n in range(10_001)]
    for one in limits:
        assert one.client is not None
        exhausted.refuse_for(60.0, one.client, lambda: TooManyRequests("Wait."))
    exhausted.refuse(lambda: limits[0])  # the oldest is forgotten
    with pytest.raises(TooManyRequests):
        exhausted.refuse(lambda: limits[-1])


def test_bytes_count_beside_events(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    defaults = LimitDefaults(bytes_per_minute=1000)
    policy = a_policy(kind="secret")
    batch = Batch(project_id=7, received_at_us=0, events=[], user_agent="u" * 400)
    limits = limits_for(policy, "", 1, defaults)
    submitter.submit(batch, limits, cost_of(1))
    submitter.submit(batch, limits, cost_of(1))
    with pytest.raises(TooManyRequests, match="1000 bytes a minute"):
        submitter.submit(batch, limits, cost_of(1))
    batch.user_agent = "u" * 1000
    with pytest.raises(PayloadTooLarge, match="bytes"):
        submitter.submit(batch, limits, cost_of(1))


def test_one_client_cannot_use_up_the_bytes_of_a_project(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.limits.MAX_BODY_BYTES", 1)
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(project_id=943, client_rate_limit_per_minute=100)
    batch = Batch(project_id=943, received_at_us=0, events=[], user_agent="u" * 400)

    def send(address: str) -> None:
        limits = limits_for(policy, address, 1, LimitDefaults(bytes_per_minute=6_000))
        submitter.submit(batch, limits, cost_of(1))

    for _ in range(2):
        send("198.51.100.1")
    with pytest.raises(TooManyRequests, match=r"This client .* 1080 bytes a minute") as refused:
        send("198.51.100.1")
    assert 0 < (refused.value.retry_after_seconds or 0) <= 61
    for other in range(2, 8):
        send(f"198.51.100.{other}")
    # It is free again after a minute, bytes and events alike.
    key = "limits:943:client:198.51.100.1"
    tick = tick_of(stream, key)
    stream.setrange(key, 0, struct.pack("<I", tick - 60))
    with pytest.raises(TooManyRequests, match="client"):
        send("198.51.100.1")
    stream.setrange(key, 0, struct.pack("<I", tick - 121))
    send("198.51.100.1")
    batch.user_agent = "u" * 2_000
    with pytest.raises(PayloadTooLarge, match="client"):
        send("198.51.100.9")


def test_a_client_may_always_send_one_request_of_the_largest_size() -> None:
    for bytes_per_minute in (30 * 2**20, 256 * 2**20):
        limits = limits_for(a_policy(), "198.51.100.7", 1, LimitDefaults(100, bytes_per_minute))
        assert limits.client_bytes is not None
        assert 20 * 2**20 <= limits.client_bytes.per_minute <= limits.bytes.per_minute


def test_a_client_has_a_default_limit_unless_the_project_sets_one() -> None:
    def client_limits(address: str, **settings: object) -> list[int]:
        limits = limits_for(a_policy(**settings), address, 1, LimitDefaults(6000))
        clients = [rate for rate in limits.rates if rate.name == "client"]
        return [rate.per_minute for rate in clients if rate.counts == "received"]

    assert client_limits("198.51.100.7") == [6000]
    assert client_limits("198.51.100.7", client_rate_limit_per_minute=0) == []
    assert client_limits("198.51.100.7", client_rate_limit_per_minute=9) == [9]
    assert client_limits("198.51.100.7", kind="secret") == []
    for proxy in ("127.0.0.1", "::1", "10.1.2.3", "::ffff:172.18.0.1", "fd00::1"):
        assert client_limits(proxy) == []
        assert client_limits(proxy, client_rate_limit_per_minute=9) == [9]


def test_quotas_of_bytes_count_held_bytes_from_the_start_of_the_period(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    batch = Batch(project_id=7, received_at_us=0, events=[], user_agent="u" * 400)
    for policy in (
        a_policy(kind="secret", daily_quota_bytes=1000),
        a_policy(kind="secret", monthly_quota_bytes=1000),
    ):
        stream.flushall()
        # Before there is a quota, and of any key of the project.
        submitter.submit(batch, limits_for(a_policy(), "", 1), cost_of(1))
        submitter.submit(batch, limits_for(policy, "", 1), cost_of(1))
        with pytest.raises(TooManyRequests, match="ly quota of 1000 bytes") as refused:
            submitter.submit(batch, limits_for(policy, "", 1), cost_of(1))
        assert refused.value.code == ErrorCode.QUOTA_EXCEEDED
        # Dropped events are not held, and cost nothing.
        submitter.submit(batch, limits_for(policy, "", 1), Cost(received=1, accepted=0))


def test_the_next_day_has_its_own_quota_and_the_month_goes_on(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(kind="secret", daily_quota_bytes=10_000, monthly_quota_bytes=15_000)
    batch = Batch(project_id=7, received_at_us=0, events=[], user_agent="u" * 8_000)
    limits = limits_for(policy, "", 1)
    submitter.submit(batch, limits, cost_of(1))
    with pytest.raises(TooManyRequests, match="daily"):
        submitter.submit(batch, limits, cost_of(1))
    day: bytes = stream.getrange("limits:7", 36, 39)  # type: ignore[assignment]
    stream.setrange("limits:7", 36, struct.pack("<I", struct.unpack("<I", day)[0] - 1))
    with pytest.raises(TooManyRequests, match="monthly"):
        submitter.submit(batch, limits, cost_of(1))


def test_events_counted_before_midnight_do_not_use_up_the_quota_of_the_day_after(
    database: Connection, stream: Redis, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_counts (project_id, bucket, outcome, events) VALUES "
            "(%s, date_trunc('day', now(), 'UTC') - interval '1 hour', 'stored', 10)",
            (project_id,),
        )
    database.commit()
    submitter = Submitter(stream, Spool(1), 10_000_000)
    policy = a_policy(project_id=project_id, kind="secret", daily_quota=10)
    limits, call = limits_for(policy, "", 10), submitter._direct.call
    # As the script answers just before midnight.
    before_midnight = iter([[UNSEEDED, int(redis_seconds(stream) // 86_400) - 1]])
    monkeypatch.setattr(
        submitter._direct, "call", lambda *command: next(before_midnight, None) or call(*command)
    )
    batch = Batch(project_id=project_id, received_at_us=0, events=[])
    submitter.submit(batch, limits, cost_of(10))
    with pytest.raises(TooManyRequests, match="daily quota of 10 events"):
        submitter.submit(batch, limits, cost_of(1))


@pytest.mark.parametrize("refused_for", ["a quota", "the project's limit", "that, without stream"])
def test_a_client_is_refused_early_once_it_has_sent_a_minutes_worth_in_vain(
    stream: Redis, refused_for: str
) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    submitter._away_until = math.inf if "without" in refused_for else 0.0
    policy = a_policy(
        client_rate_limit_per_minute=20,
        rate_limit_per_minute=60_000 if "quota" in refused_for else 5,
        daily_quota_bytes=1 if "quota" in refused_for else None,
    )

    def is_refused_early(address: str, policy: Policy = policy) -> bool:
        try:
            submitter.refuse_early(lambda: limits_for(policy, address, 1), 1, is_public=False)
        except TooManyRequests:
            return True
        return False

    for events in (8, 7, 6):  # the last with more than 20 in all
        assert not is_refused_early("198.51.100.7")
        with pytest.raises(TooManyRequests):
            submitter.submit(a_batch(), limits_for(policy, "198.51.100.7", 1), cost_of(events))
    assert is_refused_early("198.51.100.7")
    assert not is_refused_early("198.51.100.8")
    assert not is_refused_early("198.51.100.7", a_policy(project_id=8))


def test_a_large_body_refused_for_a_quota_keeps_a_secret_key_waiting(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    limits = limits_for(a_policy(kind="secret", daily_quota_bytes=1), "198.51.100.7", 1)
    for read_bytes in (1_000, 6_000_000):
        submitter.refuse_early(lambda: limits, 1, is_public=False)
        with pytest.raises(TooManyRequests):
            submitter.submit(a_batch(), limits, Cost(1, 1, read_bytes))
    with pytest.raises(TooManyRequests, match="quota"):
        submitter.refuse_early(lambda: limits, 1, is_public=False)
    time.sleep(1.4)  # 60 s / 256 MiB * 6 MB
    submitter.refuse_early(lambda: limits, 1, is_public=False)


def test_requests_that_pass_are_not_counted_as_sent_in_vain(stream: Redis) -> None:
    submitter = Submitter(stream, Spool(1), 10_000_000)
    limits = limits_for(a_policy(client_rate_limit_per_minute=20), "198.51.100.7", 1)
    for _ in range(3):
        submitter.submit(a_batch(), limits, cost_of(6))
    with pytest.raises(TooManyRequests, match="client"):
        submitter.submit(a_batch(), limits, cost_of(6))
    submitter.refuse_early(lambda: limits, 1, is_public=False)
    submitter.submit(a_batch(), limits, cost_of(2))


def test_the_later_of_two_deadlines_holds() -> None:
    exhausted, limits = ExhaustedRates(), limits_for(a_policy(), "198.51.100.7", 1)
    client = limits.client_bytes
    assert client is not None
    exhausted.refuse_for(60.0, client, partial(TooManyRequests, "later"))
    exhausted.refuse_for(0.0, client, partial(TooManyRequests, "sooner"))
    with pytest.raises(TooManyRequests, match="later"):
        exhausted.refuse(lambda: limits)


class SlowRate(Rate, frozen=True):
    """A limit that lets other threads on between reading a window and charging it."""

    def cost_of(self, cost: Cost, size: int) -> int:
        time.sleep(0.001)
        return super().cost_of(cost, size)


def test_threads_of_a_process_share_one_window() -> None:
    rates, rate = LocalRates(), SlowRate("project", "p", 100)

    def send() -> int:
        return sum(rates.refusal((rate,), cost_of(1), 0, 7.0) is None for _ in range(30))

    with ThreadPoolExecutor(8) as threads:
        passed = sum(one.result() for one in [threads.submit(send) for _ in range(8)])
    assert passed == 100
