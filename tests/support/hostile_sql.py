"""Statements that try to read what is not theirs, or to cost more than they may."""

from __future__ import annotations

MARKER = "secretmarker"
"""Every text of the other project."""
_M = f"'{MARKER}'"
HOSTILE = [
    # Other tables, schemas and the catalog
    "SELECT * FROM users", "SELECT * FROM public.events", "SELECT * FROM \"events \"",
    "SELECT * FROM tidemark.public.events", "SELECT * FROM api_keys", "SELECT * FROM projects",
    "SELECT * FROM events_20260329", "SELECT * FROM event_counts", "SELECT * FROM \"Events\"",
    "SELECT * FROM information_schema.tables", "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM pg_class", "SELECT * FROM pg_stat_activity", "SELECT * FROM pg_settings",
    "SELECT * FROM pg_shadow", "SELECT * FROM pg_stats", "TABLE users", "TABLE pg_class",
    "SELECT * FROM ONLY events", "SELECT * FROM events *", "SELECT project_id FROM events",
    "SELECT e.project_id FROM events e", "SELECT tableoid FROM events", "SELECT ctid FROM events",
    "SELECT * FROM events WHERE project_id > 0", "SELECT \"project_id\" FROM persons",
    # Expressions after WITH, aliases, unions
    "WITH events AS (SELECT 1) SELECT * FROM events",
    "SELECT * FROM (WITH users AS (SELECT 1 AS a) SELECT * FROM users) x, users",
    "WITH x AS (SELECT * FROM users) SELECT * FROM x",
    "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x",
    "WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO events DEFAULT VALUES RETURNING *) SELECT * FROM x",
    "SELECT event_name FROM events UNION ALL SELECT email FROM users",
    "SELECT event_name FROM events UNION SELECT event_name FROM public.events",
    "SELECT * FROM events AS users", "SELECT users.email FROM events AS users",
    "SELECT * FROM events e, LATERAL (SELECT * FROM users) u",
    "SELECT (SELECT email FROM users LIMIT 1)", "SELECT 1 WHERE EXISTS (SELECT 1 FROM users)",
    "SELECT 1 WHERE 1 IN (SELECT user_id FROM memberships)",
    # Several statements, comments, quotes
    "SELECT 1; SELECT * FROM users", "SELECT 1; DROP TABLE events", "SELECT 1;;",
    "SELECT 1 /* */ ; COMMIT", "SELECT 1 -- \n FROM users", "SELECT/**/*/**/FROM/**/users",
    "SELECT 'a' /* ' */ , email FROM users --'", "SELECT E'\\'; SELECT 1; --'",
    "SELECT $$a$$, $q$; DROP TABLE events; $q$", "SELECT U&'\\0027; SELECT 1'",
    "SELECT 'a\\'; SELECT * FROM users; --'", "SELECT interval '1'' day'; SELECT 1 --'",
    "SELECT \"a\"\"; SELECT 1; --\" FROM events", "SELECT 1 AS \"; DROP TABLE events; --\"",
    "SELECT properties ->> 'a''; SELECT 1; --' FROM events",
    # Statements that are no SELECT
    "COPY events TO STDOUT", "COPY (SELECT 1) TO PROGRAM 'id'", "ATTACH 'x.db'",
    "PRAGMA database_list", "INSTALL httpfs", "LOAD httpfs", "SET ROLE postgres", "RESET ALL",
    "SHOW ALL", "EXPLAIN SELECT * FROM users", "VACUUM", "CREATE TABLE x AS SELECT 1",
    "DROP TABLE events", "DELETE FROM events", "UPDATE events SET event_name = 'x'",
    "INSERT INTO events VALUES (1)", "TRUNCATE events", "GRANT ALL ON events TO PUBLIC",
    "DO $$ BEGIN END $$", "CALL x()", "LOCK TABLE events", "LISTEN x", "BEGIN", "COMMIT",
    "PREPARE x AS SELECT 1", "DECLARE x CURSOR FOR SELECT 1", "VALUES (1)",
    "SELECT * INTO x FROM events", "SELECT * FROM events FOR UPDATE",
    "SELECT * FROM events FOR SHARE NOWAIT",
    # Functions that reach outside, read settings, or wait
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/x')",
    "SELECT * FROM dblink('x', 'SELECT 1') AS t(a int)", "SELECT pg_sleep(30)",
    "SELECT PG_CATALOG.pg_sleep(30)", "SELECT \"pg_sleep\"(30)", "SELECT * FROM pg_sleep(30)",
    "SELECT current_setting('data_directory')", "SELECT set_config('timezone', 'UTC', false)",
    "SELECT version()", "SELECT current_user", "SELECT session_user", "SELECT inet_server_addr()",
    "SELECT current_database()", "SELECT query_to_xml('SELECT * FROM users', true, true, '')",
    "SELECT table_to_xml('users', true, true, '')", "SELECT database_to_xml(true, true, '')",
    "SELECT pg_terminate_backend(1)", "SELECT pg_advisory_lock(1)", "SELECT nextval('x')",
    "SELECT txid_current()", "SELECT pg_relation_size('events')", "SELECT has_table_privilege('a')",
    "SELECT 'users'::regclass", "SELECT 1::regproc", "SELECT 'pg_sleep'::regproc::oid",
    "SELECT CAST('users' AS regclass)", "SELECT '<a/>'::xml", "SELECT e.pg_typeof FROM events e",
    "SELECT e FROM events e", "SELECT (e).event_name FROM events e",
    "SELECT row_to_json(e) FROM events e",
    "SELECT event_name(e) FROM events e", "SELECT 1 OPERATOR(pg_catalog.+) 2",
    "SELECT * FROM events TABLESAMPLE SYSTEM (1)",
    "SELECT * FROM ROWS FROM (generate_series(1, 2))",
    # Errors that would show rows of others
    "SELECT count(*) FROM events WHERE event_name::int = 1",
    "SELECT count(*) FROM events WHERE (source || 'x')::date > '2026-01-01'",
    "SELECT count(*) FROM persons WHERE identified_at IS NULL AND 1 / (person_id - 7) > 0",
    f"SELECT count(*) FROM events WHERE CASE WHEN event_name = {_M} THEN event_name::int = 1 END",
    # Names that PostgreSQL could read as functions or as whole rows
    "SELECT e.name, 1 AS name FROM events e", "SELECT e.text, 1 AS text FROM events e",
    "SELECT e.row_to_json, 1 AS row_to_json FROM events e",
    "SELECT events, 1 AS events FROM events",
    "SELECT q.e FROM (SELECT 1 AS e FROM events e) q, events e ORDER BY e",
    "SELECT e.pg_column_size, 1 AS pg_column_size FROM events e",
    "SELECT \"c events\" FROM events",
    "SELECT * FROM \"t events\"", "SELECT * FROM sql_events", "WITH sql_events AS (SELECT 1 AS a)"
    " SELECT * FROM sql_events", "SELECT * FROM \"cte x\"", "SELECT 1 AS " + "a" * 70,
    "SELECT \"set_config(\"", "SELECT 1 AS \"x\"\" FROM users --\"",
    "SELECT event_name FROM events WINDOW w AS ()", "SELECT count(*) OVER w FROM events",
    "SELECT sum(1) OVER (ORDER BY 1 rows between pg_sleep(9) preceding and current row)",
    "SELECT extract(pg_sleep from timestamp) FROM events", "SELECT interval '1' pg_sleep",
    # Estimates and patterns
    "EXPLAIN SELECT * FROM events WHERE event_name LIKE 'secret%'",
    "EXPLAIN ANALYZE SELECT count(*) FROM events",
    "SELECT 1 FROM events WHERE event_name LIKE '\\'",
    "SELECT 1 FROM events WHERE event_name LIKE 's' ESCAPE 'ab'",
    "SELECT count(*) FROM events WHERE event_name LIKE properties ->> 'plan'",
    # What costs
    "SELECT count(*) FROM events a, events b, events c, events d, events e, events f",
    "SELECT count(*) FROM generate_series(1, 1000000000)", "SELECT repeat('x', 1000000000)",
    "SELECT lpad('x', 1000000000)", "SELECT string_agg(event_name, '') FROM events",
    "SELECT array_agg(event_name) FROM events",
    "SELECT replace(event_name, 'e', 'eeee') FROM events",
    "SELECT 1 WHERE 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '((a+)+)+b'",
    "SELECT regexp_replace(event_name, '(a{1,255}){1,255}', '') FROM events",
    "SELECT 9.9 ^ 99999", "SELECT power(9.9, 99999::numeric)", "SELECT factorial(100000)",
    "SELECT event_name, source, count(*) FROM events GROUP BY CUBE (1, 2)",
    "SELECT " + ", ".join(f"rank() OVER (ORDER BY source, {n})" for n in range(200))
    + " FROM events",
    "SELECT " + ", ".join(f"count(DISTINCT person_id + {n})" for n in range(50)) + " FROM events",
    "SELECT " + " || ".join(["properties::text"] * 300) + " FROM events",
    "WITH c0 AS (SELECT properties::text AS c FROM events), "
    + ", ".join(f"c{n} AS (SELECT c || c AS c FROM c{n - 1})" for n in range(1, 9))
    + " SELECT length(c) FROM c8",
    "WITH c0 AS (SELECT '" + "9" * 3_000 + "'::numeric AS c), "
    + ", ".join(f"c{n} AS (SELECT c * c AS c FROM c{n - 1})" for n in range(1, 12))
    + " SELECT c FROM c11",
    "SELECT concat(" + ", ".join(["properties::text"] * 300) + ") FROM events",
    "SELECT '1e131071'::numeric * '1e131071'::numeric", "SELECT round('1e131071'::numeric, 16383)",
    "SELECT 1 UNION " * 400 + "SELECT 1", "SELECT " + "(" * 3_000 + "1" + ")" * 3_000,
    "SELECT " + "NOT " * 1_900 + "true", "SELECT " + "a" * 20_000, "", " ", "\0", "SELECT",
    "WITH c0 AS (SELECT person_id AS c FROM events), "
    + ", ".join(f"c{n} AS (SELECT c + c AS c FROM c{n - 1})" for n in range(1, 18))
    + " SELECT count(c) FROM c17",
]  # fmt: skip
