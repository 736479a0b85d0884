"""Protections of alerts: when they fire, and that each change is told once."""

from __future__ import annotations

from tests.negative_controls.control import Control

_RULES = "tests/unit/shared/test_alert_rules.py"
_SCHEDULE = "tests/integration/processor/test_alerts.py"

CONTROLS = (
    Control(
        "messages about alerts are sent in quiet hours",
        "shared/alerts/state.py",
        "    if is_quiet or state.reported == state.status:",
        "    if state.reported == state.status:",
        f"{_RULES} -k after_the_quiet_hours",
    ),
    Control(
        "the schedule does not look at an alert's quiet hours",
        "services/processor/alerts/deciding.py",
        "    return quiet is not None and quiet.include(instant, alert.zone)",
        "    return False",
        f"{_SCHEDULE} -k quiet_hours",
    ),
    Control(
        "an alert fires at the first evaluation that meets its condition",
        "shared/alerts/state.py",
        "        if streak >= evaluations:",
        "        if met:",
        f"{_RULES} -k so_many_evaluations",
    ),
    Control(
        "a sample below the smallest one gives a verdict",
        "shared/alerts/judge.py",
        "    if _sample(definition, reading, center) < definition.min_sample:",
        "    if _sample(definition, reading, center) < 0:",
        f"{_RULES} -k small_sample",
    ),
    Control(
        "two runs at once count an evaluation twice",
        "services/processor/alerts/store.py",
        "(at is not None and found[3] is not None and found[3] >= at)",
        "(at is not None and found[3] is not None and found[3] > at)",
        f"{_SCHEDULE} -k two_runs",
    ),
    Control(
        "a message about an alert is ordered without the evaluation",
        "services/processor/alerts/deciding.py",
        "        _record(cursor, alert, _Decision(at, verdict, step, event), run)\n",
        "        _record(cursor, alert, _Decision(at, verdict, step, event), run)\n"
        "        connection.commit()\n",
        "tests/crash/test_alert_crashes.py",
    ),
    Control(
        "the key of a message does not tell the end of a firing from its beginning",
        "services/processor/alerts/announcing.py",
        '        f"alert:{alert.id}:{event_id}:{change}",',
        '        f"alert:{alert.id}:{event_id}",',
        f"{_SCHEDULE} -k ordered_once_for_each_channel",
    ),
    Control(
        "alerts that are not due show that the query service is away",
        "services/processor/alerts/run.py",
        "                self.fail(due_alerts, error, None)",
        "                self.fail(alerts, error, None)",
        f"{_SCHEDULE} -k only_alerts_that_are_due",
    ),
    Control(
        "late events leave a firing as it is",
        "services/processor/alerts/deciding.py",
        "    if replayed.status is Status.FIRING:\n        return\n",
        "    if replayed.status is Status.OK:\n        return\n",
        f"{_SCHEDULE} -k late_events_withdraw",
    ),
    Control(
        "a firing that was withdrawn is resolved once more",
        "services/processor/alerts/deciding.py",
        "        store.save_state(cursor, alert, step.state)\n        prior =",
        "        prior =",
        f"{_SCHEDULE} -k late_events_withdraw",
    ),
    Control(
        "events that come after an evaluation never make an alert fire",
        "shared/alerts/evaluation.py",
        "    if met is None or definition.watch.any_row:\n        return False\n",
        "    if met is not None:\n        return True\n",
        f"{_SCHEDULE} -k 'late_events_fire or events_come_late'",
    ),
    Control(
        "an evaluation of an earlier definition is decided anew",
        "services/query/saved/alerts.py",
        "    row.prior_status = row.prior_streak = None\n",
        "",
        f"{_SCHEDULE} -k before_a_change",
    ),
    Control(
        "a preview fires at the first evaluation that meets the condition",
        "services/query/reports/alert_preview.py",
        "advance(state, verdict.met, definition.evaluations, is_quiet=True)",
        "advance(state, verdict.met, 1, is_quiet=True)",
        f"{_SCHEDULE} -k 'equals_the_schedule and Berlin'",
    ),
    Control(
        "a preview compares with what was before the first event",
        "services/query/reports/alert_preview.py",
        "        yield at, evaluate(definition, zone, at, answers, begun)",
        "        yield at, evaluate(definition, zone, at, answers, due[0] - timedelta(days=365))",
        f"{_SCHEDULE} -k 'equals_the_schedule and Berlin'",
    ),
)
