"""Protections of jobs, sealing, retention and what watches them."""

from __future__ import annotations

from tests.negative_controls.control import Control

_FAILED = "tests/integration/processor/test_failed_attempts.py"
_SUPERVISION = "tests/deploy/test_supervision.py"
_REBUILT = "tests/integration/processor/test_rebuilt_sessions.py"
CONTROLS = (
    Control(
        "days of a former time zone keep the hours of the new days",
        "services/processor/sealing/day.py",
        "        store.release_hours(cursor, project_id, day, start, end)\n",
        "",
        "tests/integration/processor/test_sealing.py -k give_their_hours",
    ),
    Control(
        "days sealed in a former time zone are listed as sealed",
        "services/processor/monitoring/sealing.py",
        " OR s.zone <> p.timezone)",
        ")",
        "tests/integration/processor/test_sealing_administration.py -k another_time_zone",
    ),
    Control(
        "a day that cannot be sealed ends sealing for everybody",
        "services/processor/jobs/attempts.py",
        "        if isinstance(error, BaseTimeoutException):\n",
        "        if isinstance(error, Exception):\n",
        f"{_FAILED} -k holds_up",
    ),
    Control(
        "a day that ends its process is attempted again at once",
        "services/processor/jobs/attempts.py",
        "    if day != WHOLE_PROJECT:\n        _record_start",
        "    if False:\n        _record_start",
        f"{_FAILED} -k next_run",
    ),
    Control(
        "a property is sealed however long its name is",
        "services/processor/sealing/rows.py",
        "_MAX_NAME_CHARACTERS = 200\n",
        "_MAX_NAME_CHARACTERS = 100_000\n",
        f"{_FAILED} -k from_before",
    ),
    Control(
        "retention removes rows of days that are not sealed",
        "services/processor/maintenance/retention.py",
        "        for start, end in cutoff.retained:\n",
        "        for start, end in ():\n",
        f"{_FAILED} -k retention",
    ),
    Control(
        "answers are cached over a merge that the job carries out",
        "services/processor/jobs/tasks.py",
        "lambda project_id: data_version.advance(get_jobs_redis(), project_id)",
        "lambda project_id: None",
        "tests/integration/processor/test_stale_answers.py -k merge_persons",
    ),
    Control(
        "taking and refusing events alternate while the disk is nearly full",
        "services/processor/monitoring/disk_watch.py",
        "min_free_mb * _RESUME_SHARE if was_low else min_free_mb",
        "min_free_mb",
        "tests/integration/ingest/test_disk_space.py -k alternate",
    ),
    Control(
        "the day's salt is deleted with the old ones",
        "services/processor/maintenance/redis_cleanup.py",
        "needed = {salt_key(today).encode(), salt_key(today - 1).encode()}",
        "needed = {b'visitor-salt:2026-03-10'}",
        "tests/integration/processor/test_jobs.py -k same_all_day",
    ),
    Control(
        "the damaged end of a file is thrown away",
        "services/processor/maintenance/append_only_file.py",
        "        shutil.copyfileobj(file, kept, _COPIED_AT_ONCE)\n",
        "",
        "tests/deploy/test_damaged_files.py -k middle",
    ),
    Control(
        "jobs queued before an upgrade are lost",
        "services/processor/jobs/__init__.py",
        "    if name not in _EARLIER_TASKS:\n",
        "    if True:\n",
        "tests/integration/processor/test_jobs.py -k before_the_tasks_moved",
    ),
    Control(
        "retention leaves cached answers",
        "services/processor/maintenance/retention.py",
        "    data_version.advance(get_jobs_redis(), cutoff.project.project_id)\n",
        "",
        "tests/integration/processor/test_retention.py -k keeps_what_was_counted",
    ),
    Control(
        "a worker that was killed is not started again",
        "services/processor/jobs/workers.py",
        "            if not stopping:\n",
        "            if stopping:\n",
        "tests/crash/test_workers.py -k killed_worker_is_restarted",
    ),
    Control(
        "a purge forgets what limits have counted",
        "services/processor/maintenance/project_deletion.py",
        "for key in (limits_key(project_id), client_sessions_key(project_id)):",
        "for key in (client_sessions_key(project_id),):",
        "tests/integration/processor/test_project_deletion.py -k nothing_is_left",
    ),
    Control(
        "a deletion forgets a table",
        "services/processor/maintenance/project_deletion.py",
        '_NOT_DELETED = ("project_deletions",)',
        '_NOT_DELETED = ("project_deletions", "dead_letters")',
        "tests/integration/processor/test_project_deletion.py -k nothing_is_left",
    ),
    Control(
        "a deletion waits for nobody to change their mind",
        "services/processor/maintenance/project_deletion.py",
        '"WHERE purge_after <= %s AND',
        "\"WHERE purge_after <= %s + interval '7 days' AND",
        "tests/integration/processor/test_project_deletion.py -k taken_back",
    ),
    Control(
        "answers of before know a deleted person",
        "services/processor/jobs/tasks.py",
        "contain the person.\n        data_version.advance(get_jobs_redis(), project_id)\n",
        "contain the person.\n",
        "tests/integration/query/test_insights_http.py -k deleted_on_request",
    ),
    Control(
        "the schedule ends when its Redis is away",
        "services/processor/jobs/schedule.py",
        "patience.answered()\n                except RedisError as error",
        "patience.answered()\n                except ZeroDivisionError as error",
        f"{_SUPERVISION} -k not_there_yet",
    ),
    Control(
        "a rebuild counts events of the sessions that it leaves once more",
        "services/processor/sessions/rebuilding.py",
        "AND NOT EXISTS (\n    SELECT FROM earlier s WHERE s.person_id",
        "AND NOT EXISTS (\n    SELECT FROM earlier s WHERE false AND s.person_id",
        f"{_REBUILT} -k expired_events",
    ),
    Control(
        "a rebuild reads events while they are stored",
        "services/processor/sessions/rebuilding.py",
        "        changes.lock_exclusive(cursor, scope.project_id)\n",
        "",
        f"{_REBUILT} -k being_stored",
    ),
    Control(
        "what was sent before the stream went away is in no audit log",
        "services/processor/maintenance/replay.py",
        "            if operator is not None:\n",
        "            if operator is not None and sent + len(dead_letters) == total:\n",
        "tests/integration/processor/test_dead_letters.py -k went_away",
    ),
)
