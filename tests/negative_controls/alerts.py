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
        "a row beyond those that an answer has counts as 0 before",
        "shared/alerts/questions.py",
        "return next(found, 0.0 if self.is_whole else None)",
        "return next(found, 0.0)",
        f"{_RULES} -k 'further_down or denominator'",
    ),
    Control(
        "earlier windows are asked for no more rows than the insight shows",
        "shared/alerts/questions.py",
        """    if query.get("breakdown"):""",
        """    if query.get("breakdown") and not definition.watch.any_row:""",
        f"{_RULES} -k further_down",
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
        "saving an alert unchanged ends its firing",
        "services/query/saved/alerts.py",
        "    if any(values[field] != getattr(row, field) for field in fields):",
        "    if fields:",
        f"{_SCHEDULE} -k sends_the_same_definition",
    ),
    Control(
        "an insight that asks something else withdraws what fired before",
        "services/query/saved/saved_insights.py",
        ", before_update=begin_anew_with_insight",
        "",
        f"{_SCHEDULE} -k insight_asks_something_else",
    ),
    Control(
        "a channel that is deleted stays with its alerts",
        "services/query/saved/channel_deliveries.py",
        "        forget_channel(session, project_id, channel.id)\n",
        "",
        f"{_SCHEDULE} -k taken_off_its_alerts",
    ),
    Control(
        "a project has all of a run, however long its alerts take",
        "services/processor/alerts/run.py",
        "if not (is_first and number == 0) and time.monotonic() > deadline:",
        "if not is_first and time.monotonic() > deadline:",
        f"{_SCHEDULE} -k whose_time_is_up",
    ),
    Control(
        "a project whose time is up before its first alert never has its turn",
        "services/processor/alerts/run.py",
        "if not (is_first and number == 0) and time.monotonic() > deadline:",
        "if time.monotonic() > deadline:",
        f"{_SCHEDULE} -k whose_time_is_up",
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
    Control(
        "alerts that fail are evaluated before all others",
        "services/processor/alerts/run.py",
        "ordered.append((any(one.has_problem for one in alerts), ",
        "ordered.append((False, ",
        f"{_SCHEDULE} -k take_turns",
    ),
    Control(
        "all projects of an owner are evaluated before those of others",
        "services/processor/alerts/run.py",
        "        turns[owner_id] += 1\n",
        "",
        f"{_SCHEDULE} -k take_turns",
    ),
)
