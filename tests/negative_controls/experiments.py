"""Protections of what the results of experiments promise."""

from __future__ import annotations

from tests.negative_controls.control import Control

_STATISTICS = "shared/experiments/statistics"
_TESTS = "tests/unit/shared/experiments"
_SUMS = "services/query/sources/experiment_moments.py"
_DAYS = "services/query/sources/experiment_days.py"
_EXPOSURES = "services/query/sources/experiment_exposures.py"
_EVENTS = "services/query/sources/experiment_events.py"
_NUMBERS = "services/query/sources/exact_numbers.py"
_RESULTS = "tests/integration/query/test_experiments.py"
CONTROLS = (
    Control(
        "looking at an experiment every day raises false alarms",
        f"{_STATISTICS}/confidence.py",
        "squared * scale / (2 * (scale + 1)) - np.log(scale + 1) / 2\n",
        "squared / 2\n",
        f"{_TESTS}/test_simulated_experiments.py -k daily_looks",
    ),
    Control(
        "a covariate widens an interval",
        f"{_STATISTICS}/covariate.py",
        "    if not after < 1:\n",
        "    if False:\n",
        f"{_TESTS}/test_statistics.py -k makes_it_worse",
    ),
    Control(
        "the variance of large sums is lost",
        f"{_STATISTICS}/moments.py",
        "central = Fraction(products) - Fraction(first) * Fraction(second) / self.n",
        "central = float(products) - float(first) * float(second) / self.n",
        f"{_TESTS}/test_statistics.py -k keeps_its_digits",
    ),
    Control(
        "a huge number of one event leaves an experiment without results",
        f"{_STATISTICS}/moments.py",
        "    except OverflowError:\n",
        "    except ZeroDivisionError:\n",
        f"{_TESTS}/test_statistics.py -k no_double_holds",
    ),
    Control(
        "a lift over a negative mean has the other sign than its difference",
        f"{_STATISTICS}/effects.py",
        "(treatment.mean - base) / np.abs(base)",
        "(treatment.mean - base) / base",
        f"{_TESTS}/test_statistics.py -k sign_of_the_difference",
    ),
    Control(
        "a lift depends on the unit of its metric",
        f"{_STATISTICS}/effects.py",
        "np.square(treatment.mean / base / base)",
        "treatment.mean**2 / base**4",
        f"{_TESTS}/test_statistics.py -k unit_of_the_metric",
    ),
    Control(
        "a variant without variance is certain",
        f"{_STATISTICS}/effects.py",
        "is_defined = (c > 0) & (t > 0) & ",
        "is_defined = ",
        f"{_TESTS}/test_statistics.py -k is_nan",
    ),
    Control(
        "a mismatch is forgotten when shares recover",
        f"{_STATISTICS}/sample_ratio.py",
        "np.max(log_e_values(looks, shares), initial=0.0)",
        "np.max(log_e_values(looks, shares)[-1:], initial=0.0)",
        f"{_TESTS}/test_statistics.py -k stays_found",
    ),
    Control(
        "what happened before the first exposure counts",
        _DAYS,
        "        return rows.since >= 0\n",
        "        return rows.since < np.inf\n",
        f"{_RESULTS} -k odd_events",
    ),
    Control(
        "persons who saw two variants are in one of them",
        _EXPOSURES,
        "    is_one = variant == last_variant\n",
        "    is_one = variant > 0\n",
        f"{_RESULTS} -k late_events",
    ),
    Control(
        "numbers of many digits are rounded",
        _EVENTS,
        '        (event_number(name).is_not(None), literal(float("nan"), Float())),\n',
        "        (event_number(name).is_not(None), cast(event_number(name), Float())),\n",
        f"{_RESULTS} -k odd_events",
    ),
    Control(
        "a long number makes the numbers of all persons as long",
        _DAYS,
        "    is_long[index[events.has_long[chosen]]] = True\n",
        "",
        "tests/unit/query/test_experiment_days.py",
    ),
    Control(
        "more exposures than may be read are refused, however few persons they are of",
        _EXPOSURES,
        "        with suppress(TooManyRows):\n",
        "        with suppress(KeyError):\n",
        f"{_RESULTS} -k grouped_by_person",
    ),
    Control(
        "what rounding leaves of the variance of a ratio makes a difference certain",
        f"{_STATISTICS}/estimates.py",
        "    ratio = y / x\n",
        "    ratio = Fraction(float(y) / n / (float(x) / n))\n",
        f"{_TESTS}/test_statistics.py -k same_price",
    ),
    Control(
        "splits of the same persons differ by what rounding leaves of a ratio's variance",
        f"{_STATISTICS}/estimates.py",
        "_ROUNDING * (of_y + of_x)",
        "0.0",
        f"{_TESTS}/test_statistics.py -k same_price",
    ),
    Control(
        "PostgreSQL holds all exposures of an experiment in memory, however many there are",
        "services/query/sources/copy_columns.py",
        "    if _estimated(session, statement) > MAX_PACKED_ROWS:\n",
        "    if _estimated(session, statement) < 0:\n",
        "tests/integration/query/test_packed_columns.py",
    ),
    Control(
        "sums of products overflow",
        _NUMBERS,
        "    return _largest(first) * _largest(second) * rows < _LIMIT\n",
        "    return True\n",
        "tests/unit/query/test_exact_numbers.py -k products",
    ),
    Control(
        "results do not say that rows have expired",
        _SUMS,
        "    context.note_raw_rows()\n    exposed, parts = _days_of(context, plan, who, every)",
        "    exposed, parts = _days_of(context, plan, who, every)",
        f"{_RESULTS} -k have_expired",
    ),
    Control(
        "a conversion may lose more than all",
        "services/query/sources/experiment_comparison.py",
        "np.maximum(one, least) for one in",
        "one for one in",
        f"{_RESULTS} -k loss_of_all",
    ),
    Control(
        "segments are those of any exposure",
        _EXPOSURES,
        "first_value(value, kind, of.timestamp, of.id)",
        "first_value(value, kind, of.timestamp.desc(), of.id)",
        f"{_RESULTS} -k each_segment",
    ),
    Control(
        "an experiment is shipped whose flag does not change",
        "services/query/saved/experiment_decisions.py",
        "    _change_flag(project_id, flag_key, decision)\n",
        "",
        "tests/integration/query/test_experiment_decisions.py -k everybodys",
    ),
    Control(
        "viewers decide experiments",
        "services/query/api/experiments.py",
        'access = project_for(project_id, "member")',
        "access = project_for(project_id)",
        "tests/integration/query/test_saved_experiments.py -k only_members",
    ),
    Control(
        "the required sample counts today, which is not over",
        "services/query/reports/experiment_sample.py",
        "    yesterday = day_of(request.now, zone) - timedelta(days=1)\n",
        "    yesterday = day_of(request.now, zone)\n",
        "tests/integration/query/test_experiment_sample.py -k formula",
    ),
)
