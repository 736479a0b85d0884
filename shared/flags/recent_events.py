"""Which persons recently did which events, in Redis: processors keep it, flags are evaluated by it.

Members of cohorts are kept in the same way, as they were last counted, and beside them those stored
properties of persons that conditions name.

For each event that conditions of a project name there is a bitmap of person numbers for each UTC
day, which ends with the longest window that asks for it. A hash has the person number of each
distinct id whose person is in any of them. Another says for how many days each event is complete,
and of which version (when its members were counted) each cohort is.
Whatever is not complete is unknown, and unknown is neither "did" nor "did not"
(docs/decisions/0059-conditions-on-events.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
from redis import Redis

from shared.flags.definition import FlagSet, cohorts_of, days_of
from shared.flags.stored_names import cohort_id_of, cohort_question, is_event, properties_in

TRACKED = "recent-events"
"""A hash: by project, the names of events and the most days of each, as JSON."""
LOOK_SECONDS = 1.0
"""How long a processor uses what it has read of ``TRACKED``."""
MAX_IDS = 200_000
"""Distinct ids of a project: about 20 MB of Redis."""
_DAY_SECONDS = 86_400
_NEVER = 4_102_444_800
"""The year 2100."""

# Persons may be merged between the commit of an event and here: `moved` says where they are now.
_CURRENT = """
local function current(person)
  for _ = 1, 50 do
    local into = redis.call('HGET', ARGV[1] .. ':moved', person)
    if not into then return person end
    person = into
  end
  return person
end
"""
# ARGV: prefix, JSON {did: [[name, day, person, expires at]], properties: [[person, JSON or '']],
# ids: [[id, person]]}, most ids
_ADD = (
    _CURRENT
    + """
local prefix, sent, new = ARGV[1], cjson.decode(ARGV[2]), {}
for _, one in ipairs(sent.did) do
  local key, person = prefix .. ':' .. one[2] .. ':' .. one[1], current(one[3])
  redis.call('SETBIT', key, person, 1)
  redis.call('EXPIREAT', key, one[4])
  if redis.call('SETBIT', prefix .. ':persons', person, 1) == 0 then
    new[#new + 1] = tonumber(person)
  end
end
for _, one in ipairs(sent.properties) do
  local person = tostring(one[1])
  -- Those of a merged person became those of another, whom whoever merged them writes.
  if one[2] == '' or redis.call('HEXISTS', prefix .. ':moved', person) == 1 then
    redis.call('HDEL', prefix .. ':properties', person)
  else
    redis.call('HSET', prefix .. ':properties', person, one[2])
    if redis.call('SETBIT', prefix .. ':persons', person, 1) == 0 then
      new[#new + 1] = tonumber(person)
    end
  end
end
local ids = prefix .. ':ids'
for _, one in ipairs(sent.ids) do
  local person = current(one[2])
  if redis.call('GETBIT', prefix .. ':persons', person) == 1 then
    if redis.call('HLEN', ids) < tonumber(ARGV[3]) or redis.call('HEXISTS', ids, one[1]) == 1 then
      redis.call('HSET', ids, one[1], person)
    else
      redis.call('DEL', prefix)
    end
  end
end
return new
"""
)
# ARGV: prefix, merged person, person; KEYS: all bitmaps of days
_MERGE = """
redis.call('HSET', ARGV[1] .. ':moved', ARGV[2], ARGV[3])
redis.call('HDEL', ARGV[1] .. ':properties', ARGV[2])
local persons = ARGV[1] .. ':persons'
if redis.call('GETBIT', persons, ARGV[2]) == 1 then redis.call('SETBIT', persons, ARGV[3], 1) end
for _, key in ipairs(KEYS) do
  if redis.call('GETBIT', key, ARGV[2]) == 1 then redis.call('SETBIT', key, ARGV[3], 1) end
end
"""
# ARGV: prefix, distinct id, today, then name and days of each question. The name of a cohort begins
# with NUL; of it the version is known whose members are complete.
_ASK = """
local prefix, found = ARGV[1], {}
local person = redis.call('HGET', prefix .. ':ids', ARGV[2])
local today = tonumber(ARGV[3])
for index = 4, #ARGV, 2 do
  local name, days = ARGV[index], tonumber(ARGV[index + 1])
  local did = 0
  local known = redis.call('HGET', prefix, name)
  if not known or tonumber(known) < days then
    did = -1
  elseif string.byte(name) == 0 then
    if person then did = redis.call('GETBIT', prefix .. ':' .. known .. ':' .. name, person) end
  elseif person then
    for day = today, today - days + 1, -1 do
      if redis.call('GETBIT', prefix .. ':' .. day .. ':' .. name, person) == 1 then
        did = 1
        break
      end
    end
  end
  found[#found + 1] = did
end
found[#found + 1] = person and redis.call('HGET', prefix .. ':properties', person) or ''
return found
"""


def questions_of(flags: FlagSet) -> tuple[tuple[str, int], ...]:
    """Return what conditions ask of a person: names and days of events, and cohorts; each once."""
    events = dict.fromkeys(
        (test.property, days_of(test))
        for flag in flags.flags
        for condition in flag.definition.conditions
        for test in condition.filters
        if test.scope == "event"
    )
    cohorts = sorted(cohorts_of(flag.definition for flag in flags.flags))
    return (*events, *map(cohort_question, cohorts))


def day_of(instant_us: int) -> int:
    """Return the UTC day of an instant in microseconds, as days since 1970."""
    return instant_us // (_DAY_SECONDS * 1_000_000)


def today(now: datetime) -> int:
    """Return the UTC day of an instant, as days since 1970."""
    return int(now.timestamp()) // _DAY_SECONDS


def first_instant(now: datetime, days: int) -> datetime:
    """Return the first instant of so many UTC days, today among them."""
    midnight = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(days=today(now))
    return midnight - timedelta(days=days - 1)


def prefix_of(project_id: int) -> str:
    """Return what the Redis keys of a project begin with."""
    return f"{TRACKED}:{project_id}"


def tracked(redis: Redis) -> dict[int, dict[str, int]]:
    """Return the events that are kept, with their days, by project.

    Raises:
        RedisError: Redis does not answer.
    """
    found: Any = redis.hgetall(TRACKED)
    return {int(project_id): msgspec.json.decode(names) for project_id, names in found.items()}


def ask(
    redis: Redis,
    project_id: int,
    distinct_id: str,
    questions: Collection[tuple[str, int]],
    now: datetime,
) -> dict[tuple[str, int], bool]:
    """Return whether somebody did events within so many UTC days, today among them.

    Args:
        redis: the client.
        project_id: the project.
        distinct_id: of the person; who is not known did nothing.
        questions: names of events and days.
        now: the current instant.

    Returns:
        The answers by question; those that are not known are left out.

    Raises:
        RedisError: Redis does not answer.
    """
    return look_up(redis, project_id, distinct_id, questions, now)[0]


def look_up(
    redis: Redis,
    project_id: int,
    distinct_id: str,
    questions: Collection[tuple[str, int]],
    now: datetime,
) -> tuple[dict[tuple[str, int], bool], dict[str, Any]]:
    """Return what ``ask`` does, and those stored properties of a person that are asked for.

    Args:
        redis: the client.
        project_id: the project.
        distinct_id: of the person; who is not known did nothing.
        questions: names of events and days, ``cohort_question`` and ``property_question``.
        now: the current instant.

    Raises:
        RedisError: Redis does not answer.
    """
    parts = [part for question in questions for part in question]
    found: Any = redis.eval(
        _ASK, 0, prefix_of(project_id), encoded(distinct_id), today(now), *parts
    )
    answers = {
        question: answer == 1
        for question, answer in zip(questions, found[:-1], strict=True)
        if answer >= 0
    }
    values = msgspec.json.decode(found[-1]) if found[-1] else {}
    complete = properties_in(name for name, _ in answers)
    return answers, {name: values[name] for name in complete if name in values}


def add(
    redis: Redis,
    project_id: int,
    did: Iterable[tuple[str, int, int]],
    ids: Iterable[tuple[str, int]],
    days: Mapping[str, int],
) -> list[int]:
    """Add what persons did, and the distinct ids of those of whom anything is known.

    Both may be added any number of times.

    Args:
        redis: the client.
        project_id: the project.
        did: name of an event, UTC day and person number of each; of a cohort the name, its version
            and the member.
        ids: distinct ids and their person numbers.
        days: how long each event is kept; of cohorts the version.

    Returns:
        The persons of whom nothing was known before: all their distinct ids have to be added.

    Raises:
        RedisError: Redis does not answer.
    """
    sent = {
        "did": [
            (name, day, person, _expires_at(name, day, days[name])) for name, day, person in did
        ],
        "properties": [],
        "ids": list(ids),
    }
    return _add(redis, project_id, sent)


def add_properties(
    redis: Redis, project_id: int, persons: Iterable[tuple[int, Mapping[str, Any]]]
) -> list[int]:
    """Replace all properties that are kept of persons; return those of whom nothing was known.

    Raises:
        RedisError: Redis does not answer.
    """
    values = [
        (person, msgspec.json.encode(kept).decode() if kept else "") for person, kept in persons
    ]
    return _add(redis, project_id, {"did": [], "properties": values, "ids": []})


def _add(redis: Redis, project_id: int, sent: Mapping[str, Any]) -> list[int]:
    new: Any = redis.eval(_ADD, 0, prefix_of(project_id), msgspec.json.encode(sent), MAX_IDS)
    return [int(person) for person in new]


def merge(redis: Redis, project_id: int, merged: int, into: int, bitmaps: Sequence[str]) -> None:
    """Give what a merged person did to the one who remains.

    Raises:
        RedisError: Redis does not answer.
    """
    redis.eval(_MERGE, len(bitmaps), *bitmaps, prefix_of(project_id), merged, into)


def bitmaps_of(project_id: int, days: Mapping[str, int], now: datetime) -> list[str]:
    """Return the keys of all bitmaps of a project's days."""
    # Tomorrow's as well: clocks of servers differ.
    return [
        f"{prefix_of(project_id)}:{day}:{name}"
        for name, most in days.items()
        for day in (range(today(now) - most, today(now) + 2) if is_event(name) else [most])
    ]


def _expires_at(name: str, day: int, days: int) -> int:
    """Return when a bitmap ends, in seconds since 1970; those of cohorts are removed by a job."""
    return _NEVER if cohort_id_of(name) is not None else (day + days + 1) * _DAY_SECONDS


def encoded(text: str) -> bytes:
    """Return a distinct id as Redis has it; SDKs may send halves of surrogate pairs."""
    return text.encode("utf-8", "surrogatepass")
