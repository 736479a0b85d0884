"""Protections of live views."""

from __future__ import annotations

from tests.negative_controls.control import Control

_READERS = "tests/unit/live/test_readers.py"
_PUBLICATION = "tests/integration/processor/test_live_publication.py"
_VIEWS = "tests/e2e/test_live_views.py"

CONTROLS = (
    Control(
        "a ticket opens any number of connections",
        "shared/auth/tickets.py",
        "redis.getdel(",
        "redis.get(",
        f"{_VIEWS} -k opens_one_connection",
    ),
    Control(
        "a ticket opens connections of any project",
        "shared/auth/tickets.py",
        "if project_id in {None, holder.project_id}:",
        "if True:",
        f"{_VIEWS} -k opens_one_connection",
    ),
    Control(
        "pages of other sites open WebSockets with a visitor's login",
        "services/live/api/sockets.py",
        "        refuse_other_sites(request)\n",
        "        pass\n",
        f"{_VIEWS} -k other_sites",
    ),
    Control(
        "pages of other sites read server-sent events with a visitor's login",
        "services/live/api/server_sent.py",
        "        refuse_other_sites(request)\n",
        "",
        f"{_VIEWS} -k other_sites",
    ),
    Control(
        "a community that cannot be ends the connection without a reason",
        "services/live/api/requests.py",
        'community_id is not None and "\\x00" in community_id',
        "community_id is None and request is None",
        f"{_VIEWS} -k refused_with_a_reason",
    ),
    Control(
        "an owner has connections for the keys of each of their projects",
        "services/live/viewers.py",
        '("keys", self.owner)',
        '("keys", self.project_id)',
        "tests/unit/live/test_viewers.py -k connections_are_counted",
    ),
    Control(
        "an owner of many projects has the connections of all",
        "services/live/viewers.py",
        "self._of_owner[owner] >=",
        "self._of_owner[viewer.project_id] >=",
        "tests/unit/live/test_viewers.py -k leave_half",
    ),
    Control(
        "viewers with a login do not count for the owner of their project",
        "services/live/viewers.py",
        "        return first_owner(session, project_id)\n",
        "        return None if session else project_id\n",
        "tests/integration/live/test_viewers.py",
    ),
    Control(
        "an address has a share of streams for each project of an owner",
        "services/live/viewers.py",
        "client = (owner, network_of(visitor))",
        "client = (viewer.project_id, network_of(visitor))",
        "tests/unit/live/test_viewers.py -k one_share",
    ),
    Control(
        "everybody behind a private address shares the streams of one client",
        "services/live/viewers.py",
        "is_one = bool(visitor) and not is_private(visitor)",
        "is_one = True",
        "tests/unit/live/test_viewers.py -k private",
    ),
    Control(
        "a connection stays open after its login has ended",
        "services/live/viewers.py",
        "            closing = asyncio.create_task(self._close(viewer, error))\n",
        "            closing = asyncio.create_task(asyncio.sleep(0))\n",
        f"{_VIEWS} -k closes_its",
    ),
    Control(
        "server-sent events stay open where their reader takes nothing",
        "services/live/api/event_stream.py",
        "        request.transport.abort()\n",
        "        pass\n",
        "tests/unit/live/test_event_stream.py",
    ),
    Control(
        "readers get the events of every project",
        "shared/events/live.py",
        'return f"live:events:{project_id}"',
        'return "live:events"',
        f"{_VIEWS} -k other_projects",
    ),
    Control(
        "a reader that comes back begins with what comes next",
        "services/live/hub.py",
        "                    await catch_up(self._redis, feed, reader, wanted, after)\n",
        "",
        f"{_VIEWS} -k goes_on_where_it_was",
    ),
    Control(
        "a reader that comes back is not told what the stream has lost",
        "services/live/catching_up.py",
        "            return entries, True\n",
        "            return entries, False\n",
        f"{_VIEWS} -k no_longer_has",
    ),
    Control(
        "events whose entries were removed unread are missing unsaid",
        "services/live/feed.py",
        "        entry, is_gap = self._counts.check(entry)\n",
        "        is_gap = False\n",
        f"{_READERS} -k removed_unread",
    ),
    Control(
        "a visitor whom PostgreSQL has before the stream is not named",
        "services/live/feed.py",
        "            self.joined += self.online.persons - known\n",
        "",
        f"{_READERS} -k finds_or_misses",
    ),
    Control(
        "a reader that comes back is not told how many events were removed",
        "services/live/catching_up.py",
        "[counts.check(entry) for entry in found if",
        "[(entry, False) for entry in found if",
        f"{_VIEWS} -k how_many_events_were_removed",
    ),
    Control(
        "events that Redis added late are called missing",
        "services/processor/storing/publication.py",
        "        except RedisTimeoutError as error:\n",
        "        except InterruptedError as error:\n",
        f"{_PUBLICATION} -k added_late",
    ),
    Control(
        "processors do not count what was removed unread",
        "services/processor/storing/publication.py",
        "                        live.BEFORE_FIELD: before,\n",
        "",
        f"{_PUBLICATION} -k removed_unread",
    ),
    Control(
        "what was read before the stream went away waits until others take it over",
        "services/processor/storing/stream_reader.py",
        '                log.warning("the stream does not answer: %s", error)\n'
        "                break\n",
        "                raise error\n",
        "tests/integration/processor/test_stream_reader.py -k stream_went_away",
    ),
    Control(
        "a connection stays open after the logins of its account have ended",
        "shared/auth/access.py",
        "user.session_version != login_version",
        "user.session_version < login_version",
        f"{_VIEWS} -k earlier_version",
    ),
    Control(
        "readers are not told that events are missing after a mark was lost",
        "services/live/feed.py",
        "        self.published_at = published_at\n        self._has_gap = True\n",
        "        self.published_at = published_at\n",
        f"{_READERS} -k gap",
    ),
    Control(
        "one viewer has as many filters as connections",
        "services/live/feed.py",
        "if wanted not in of_viewer and len(of_viewer) >= MAX_FILTERS_OF_VIEWER:",
        "if False:",
        f"{_READERS} -k one_viewer",
    ),
    Control(
        "a slow reader is ended by its heartbeat",
        "services/live/readers.py",
        "if self._is_heard or (self._was_waiting and taken > self._taken):",
        "if self._is_heard:",
        f"{_READERS} -k slow_reader",
    ),
    Control(
        "events of a time without the cache are missing unsaid",
        "services/processor/storing/publication.py",
        "                self._skipped[project_id] += len(events)\n",
        "                pass\n",
        f"{_PUBLICATION} -k without_the_cache",
    ),
    Control(
        "live streams take the whole cache",
        "services/processor/storing/publication.py",
        "int(share / (size + _ENTRY_OVERHEAD_BYTES))",
        "10**6",
        f"{_PUBLICATION} -k bounded_share",
    ),
)
