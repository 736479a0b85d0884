"""Promises of the dashboard: which dates figures stand under, and that nothing entered is lost."""

from __future__ import annotations

from tests.negative_controls.control import Control

_HOME = "dashboard/tests/pages/home/HomePage.test.tsx"
_CHART_DATA = "dashboard/tests/charts/timeChartData.test.ts"
_SERIES = "dashboard/tests/charts/timeSeries.test.ts"
_UNDO = "dashboard/tests/shell/Undo.test.tsx"
_REPORT_BAR = "dashboard/tests/report/ReportBar.test.tsx"
_LEAVING = "dashboard/tests/shell/LeaveGuard.test.tsx"

CONTROLS = (
    Control(
        "figures of other dates look like those of the page while these are awaited",
        "dashboard/src/api/cache/useShownResult.ts",
        "isOutdated: isPlaceholderData,",
        "isOutdated: false,",
        f"{_HOME} -t 'figures stand under their own dates'",
    ),
    Control(
        "figures of other dates stay for as long as those of the page take",
        "dashboard/src/api/cache/useShownResult.ts",
        "const shown = isPlaceholderData && isOver ? undefined : data;",
        "const shown = data;",
        f"{_HOME} -t 'figures stand under their own dates'",
    ),
    Control(
        "changes of other dates look like those of the page while these are awaited",
        "dashboard/src/pages/home/WhatChanged.tsx",
        "data-outdated={isOutdated}",
        "data-outdated={false}",
        f"{_HOME} -t 'changes of other dates'",
    ),
    Control(
        "the interval in progress is drawn with the complete ones",
        "dashboard/src/charts/timeChartData.ts",
        "index < openFrom ? value : null",
        "value",
        f"{_CHART_DATA} -t 'never drawn as a fall'",
    ),
    Control(
        "the line into the interval in progress may fall",
        "dashboard/src/charts/timeChartData.ts",
        "  if (!expected && target < last) return null;\n",
        "",
        f"{_CHART_DATA} -t 'never drawn as a fall'",
    ),
    Control(
        "a line of several falls into the interval in progress",
        "dashboard/src/charts/timeSeries.ts",
        "(index === openIndex - 1 && !isFall)",
        "index === openIndex - 1",
        f"{_SERIES} -t 'is no fall of the line'",
    ),
    Control(
        "a session that ends takes the page and its drafts away",
        "dashboard/src/shell/Shell.tsx",
        "if (hasEnded && !me.data) return",
        "if (hasEnded) return",
        f"{_LEAVING} -t 'after signing in again'",
    ),
    Control(
        "a page with a draft is left without a question",
        "dashboard/src/shell/LeaveGuard.tsx",
        "    if (isHeld(from, to, state)) ask(go);\n    else go();",
        "    go();",
        f"{_LEAVING} -t 'is left by a link only after a question'",
    ),
    Control(
        "a deletion is sent while somebody reads its notice",
        "dashboard/src/shell/UndoToasts.tsx",
        "    if (isHeld) return undefined;\n",
        "",
        f"{_UNDO} -t 'after eight seconds without pointer'",
    ),
    Control(
        "the arrows choose other dates where a table has the focus",
        "dashboard/src/components/tables/ScrollRegion.tsx",
        " data-scrolls",
        "",
        f"{_REPORT_BAR} -t 'arrows scroll a table'",
    ),
    Control(
        "the arrows choose no dates where a table that fits has the focus",
        "dashboard/src/report/useReportKeys.ts",
        "area !== null && area.scrollWidth > area.clientWidth",
        "area !== null",
        f"{_REPORT_BAR} -t 'arrows scroll a table'",
    ),
    Control(
        "a stacked table is plain text for some readers of the screen",
        "dashboard/src/components/tables/StackedTable.tsx",
        'scope="row" role="rowheader"',
        'scope="row"',
        "dashboard/tests/components/tables/StackedTable.test.tsx -t 'says the role'",
    ),
)
