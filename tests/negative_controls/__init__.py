"""Protections, each with the tests that have to notice when it is gone.

A suite that stays green whatever is broken proves nothing. ``python -m tests.negative_controls``
takes each protection away in a copy of the tree, and sees its tests fail.
"""

from __future__ import annotations

from tests.negative_controls import (
    alerts,
    auth,
    dashboard,
    delivery,
    deploy,
    experiments,
    flags,
    imports,
    ingest,
    live,
    processor_jobs,
    processor_persons,
    processor_storing,
    query,
    reports,
    sdk_javascript,
    sdk_python,
    shared,
)

CONTROLS = (
    *auth.CONTROLS,
    *ingest.CONTROLS,
    *imports.CONTROLS,
    *live.CONTROLS,
    *flags.CONTROLS,
    *processor_storing.CONTROLS,
    *processor_persons.CONTROLS,
    *processor_jobs.CONTROLS,
    *delivery.CONTROLS,
    *alerts.CONTROLS,
    *reports.CONTROLS,
    *query.CONTROLS,
    *shared.CONTROLS,
    *deploy.CONTROLS,
    *experiments.CONTROLS,
    *sdk_python.CONTROLS,
    *sdk_javascript.CONTROLS,
    *dashboard.CONTROLS,
)
