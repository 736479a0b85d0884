"""Export Prometheus metrics of alerts, of messages to channels and of reports by mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.alerts.counts import alert_sums
from services.processor.monitoring.deliveries import read_deliveries, read_results
from services.processor.reports.counts import report_sums


def count_metrics(redis: Redis) -> list[Metric]:
    """Return what workers have counted, which serve no HTTP."""
    return [*_alert_counts(redis), _delivery_counts(redis), *_report_counts(redis)]


def message_metrics(connection: Connection, now: datetime) -> list[Metric]:
    """Return how alerts, messages and reports stand. Commits."""
    found = read_deliveries(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'firing'),"
            " count(*) FILTER (WHERE problem <> ''), count(*) FROM alerts WHERE NOT is_paused"
        )
        firing, failing, alerts = cursor.fetchone() or (0, 0, 0)
        cursor.execute(
            "SELECT count(*), min(next_at) FROM reports WHERE NOT is_paused AND next_at <= %s",
            (now,),
        )
        due, oldest = cursor.fetchone() or (0, None)
    connection.commit()
    return [
        _gauge("alerts", "Alerts that are not paused.", alerts),
        _gauge("alerts_firing", "Alerts that fire.", firing),
        _gauge("alerts_failing", "Alerts whose last evaluation failed.", failing),
        _gauge("deliveries_waiting", "Messages that were never tried.", found.waiting),
        _gauge("deliveries_failing", "Messages that failed and are tried again.", found.failing),
        _gauge(
            "deliveries_overdue_seconds",
            "How long the next attempt of a message has been due; 0 when none is.",
            found.overdue_seconds,
        ),
        _gauge(
            "deliveries_given_up", "Messages given up within the last 24 hours.", found.given_up
        ),
        _gauge("reports_due", "Reports that are due and not sent.", due),
        _gauge(
            "reports_overdue_seconds",
            "How long a report has been due; 0 when none is.",
            (now - oldest).total_seconds() if oldest is not None else 0.0,
        ),
    ]


def _alert_counts(redis: Redis) -> Iterator[Metric]:
    sums = alert_sums(redis)
    evaluations = CounterMetricFamily(
        "tidemark_alert_evaluations",
        "Evaluations of alerts: done, or failed (the alert shows why).",
        labels=["outcome"],
    )
    for outcome, name in (("done", "evaluated"), ("failed", "failed")):
        evaluations.add_metric([outcome], sums.counts[name])
    changes = CounterMetricFamily(
        "tidemark_alert_changes",
        "Changes of alerts: fired, fired_late (of those, by events that came late), resolved, "
        "withdrawn.",
        labels=["change"],
    )
    for change in ("fired", "fired_late", "resolved", "withdrawn"):
        changes.add_metric([change], sums.counts[change])
    yield evaluations
    yield changes
    yield CounterMetricFamily(
        "tidemark_alert_questions",
        "Questions that alerts asked the query service.",
        value=sums.counts["questions"],
    )
    yield CounterMetricFamily(
        "tidemark_alert_runs", "Runs over the alerts that are due.", value=sums.runs
    )
    yield CounterMetricFamily(
        "tidemark_alert_run_seconds", "Time that runs over the alerts took.", value=sums.seconds
    )
    if sums.ended_at is not None:
        yield _gauge(
            "alert_run_timestamp_seconds",
            "When the last run over the alerts ended, in seconds since 1970.",
            sums.ended_at,
        )


def _delivery_counts(redis: Redis) -> Metric:
    family = CounterMetricFamily(
        "tidemark_delivery_attempts",
        "Attempts to send a message, by kind of channel (report: a mail of a report to one "
        "address) and result: sent, failed (it is tried again), given_up.",
        labels=["channel", "result"],
    )
    for (channel, result), attempts in sorted(read_results(redis).items()):
        family.add_metric([channel, result], attempts)
    return family


def _report_counts(redis: Redis) -> list[Metric]:
    sums = report_sums(redis)
    reports = CounterMetricFamily(
        "tidemark_reports", "Attempts to make a report that was due.", labels=["outcome"]
    )
    for outcome in ("sent", "failed"):
        reports.add_metric([outcome], sums[outcome])
    return [
        reports,
        CounterMetricFamily(
            "tidemark_report_mails", "Mails of reports, given to the outbox.", value=sums["mails"]
        ),
        CounterMetricFamily(
            "tidemark_report_seconds", "Time spent on making reports.", value=sums["seconds"]
        ),
    ]


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tidemark_{name}", meaning, value=value)
