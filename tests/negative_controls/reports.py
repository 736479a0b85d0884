"""Protections of reports by mail: sent once, to those who want them, with all that they show."""

from __future__ import annotations

from tests.negative_controls.control import Control

_REPORTS = "tests/integration/processor/test_reports.py"
_MAILS = "tests/integration/processor/test_report_mails.py"

CONTROLS = (
    Control(
        "a report that a clock ahead has planned waits until then",
        "services/processor/reports/store.py",
        "OR {_IS_TOO_FAR} ",
        "",
        f"{_REPORTS} -k planned_by_a_clock",
    ),
    Control(
        "requests at once pass the limit of reports that are made",
        "services/query/saved/report_jobs.py",
        "    redis.transaction(queue_unless_waiting, name, Job.key_for(job_id))\n",
        "    redis.transaction(queue_unless_waiting)\n",
        "tests/integration/query/test_reports.py -k asked_for_at_once",
    ),
    Control(
        "a report of a dashboard that was deleted cannot be paused",
        "services/query/saved/reports.py",
        "        wanted = values.get(field)\n",
        "        wanted = subject[field]\n",
        "tests/integration/query/test_reports.py -k something_deleted",
    ),
    Control(
        "an alert on an insight that was deleted cannot be paused",
        "services/query/saved/alerts.py",
        "    if changes_definition:",
        "    if values:",
        "tests/integration/query/test_reports.py -k something_deleted",
    ),
    Control(
        "a link to unsubscribe needs no signature",
        "shared/reports/links.py",
        "    if not hmac.compare_digest(signature.encode(), expected.encode()):",
        "    if not signature or not expected:",
        "tests/unit/shared/test_report_links.py -k refused",
    ),
    Control(
        "a program that opens the link of a mail unsubscribes its reader",
        "services/query/api/reports.py",
        "subscription_of(_link(token)))",
        "set_subscription(_link(token), wanted=False))",
        "tests/integration/query/test_reports.py -k on_post_alone",
    ),
    Control(
        "mails are ordered without planning the next report",
        "services/processor/reports/sending.py",
        "        store.record_sent(cursor, latest, period.first, now)\n",
        "        connection.commit()\n"
        "        store.record_sent(cursor, latest, period.first, now)\n",
        f"{_REPORTS} -k 'hands_a_report_over and before'",
    ),
    Control(
        "a report that was moved to later on its day is sent twice",
        "services/processor/reports/sending.py",
        '            f"report:{report.id}:{period.first}",',
        '            f"report:{report.id}:{int(now.timestamp())}",',
        f"{_REPORTS} -k sent_once_and_then_due",
    ),
    Control(
        "who unsubscribed is sent the report",
        "services/processor/reports/sending.py",
        "        if email in report.unsubscribed or (user_id",
        "        if (user_id",
        f"{_REPORTS} -k who_left",
    ),
    Control(
        "a member who left the project is sent its reports",
        "services/processor/reports/sending.py",
        "(user_id is not None and user_id not in members):\n            continue",
        "(user_id is not None and not members):\n            continue",
        f"{_REPORTS} -k who_left",
    ),
    Control(
        "a repeated mail has another Message-ID",
        "services/processor/delivery/mail.py",
        '    mail["Message-ID"] = f"<{digest}@{server.domain}>"',
        '    mail["Message-ID"] = f"<{digest}{localtime():%S%f}@{server.domain}>"',
        f"{_MAILS} -k killed",
    ),
    Control(
        "pictures are files of a mail, and its page shows none",
        "services/processor/delivery/mail.py",
        '    return is_plain and message.html is not None and f"cid:{name}" in message.html',
        "    return is_plain and message.html is None",
        f"{_MAILS} -k figures_as_page",
    ),
    Control(
        "an account has any number of reports made at once",
        "services/query/saved/report_jobs.py",
        "        if len(waiting) >= _MAX_WAITING:\n",
        "        if False:\n",
        "tests/integration/query/test_reports.py -k few_reports",
    ),
    Control(
        "the reports of one owner are queued before those of others",
        "services/processor/reports/store.py",
        "WHERE turn <= %(most)s ORDER BY turn, next_at",
        "ORDER BY next_at, %(most)s",
        "tests/integration/processor/test_reports.py -k take_turns",
    ),
    Control(
        "a report asks for its tiles however long they take",
        "services/processor/reports/sending.py",
        "        is_late = time.monotonic() > deadline\n",
        "        is_late = False\n",
        "tests/integration/processor/test_reports.py -k take_too_long",
    ),
    Control(
        "readers of public links take the threads of alerts and reports",
        "services/query/api/internal.py",
        "    charge_owner(asked.project_id)\n",
        "",
        "tests/integration/query/test_fair_accounts.py -k public_links_keep",
    ),
)
