"""Refuse a SQL statement that has a part which is not on the lists of ``sql_allowed``."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from services.query.parsing.errors import invalid_field
from services.query.parsing.sql_allowed import (
    ALLOWED_NODES,
    ALLOWED_TYPES,
    ALLOWED_UNITS,
    TABLE_PARTS,
)
from shared.errors import Unprocessable

MAX_SELECTS = 20
MAX_SORTS = 12
"""Steps that may each hold ``work_mem``: joins, groups, sorts, DISTINCT, windows, UNION."""
_SORTS = (
    exp.Join, exp.Group, exp.Order, exp.Distinct, exp.Window, exp.WithinGroup, exp.SetOperation,
)  # fmt: skip
_SPLIT_UNITS = re.compile(r"[A-Za-z_]+")


def check_nodes(tree: exp.Query) -> None:
    """Check every node of a syntax tree.

    Raises:
        Unprocessable: one is not allowed, or there are too many SELECTs or sorts.
    """
    for node in tree.walk():
        if type(node) not in ALLOWED_NODES:
            raise refused(f"{_name_of(node)} is not allowed. docs/querying.md lists what is.")
        check = _CHECKS.get(type(node))
        if check is not None:
            check(node)
    if sum(1 for _ in tree.find_all(exp.Select)) > MAX_SELECTS:
        raise refused(f"Use at most {MAX_SELECTS} SELECTs, with those of subqueries.")
    if sum(1 for node in tree.find_all(*_SORTS) if not _is_of_window(node)) > MAX_SORTS:
        raise refused(
            f"Use at most {MAX_SORTS} of JOIN, GROUP BY, ORDER BY, DISTINCT, OVER and UNION in all."
        )


def refused(message: str) -> Unprocessable:
    """Return the error for a statement; ``message`` says what is wrong and what to do."""
    return invalid_field("statement", message)


def _is_of_window(node: exp.Expr) -> bool:
    """Return whether this is the ORDER BY of a window or of WITHIN GROUP, which count already."""
    return isinstance(node, exp.Order) and isinstance(node.parent, exp.Window | exp.WithinGroup)


def _check_select(node: exp.Expr) -> None:
    if not node.expressions:
        raise refused("SELECT takes at least one column.")
    if not _given(node).isdisjoint({"windows", "kind", "operation_modifiers"}):
        raise refused("WINDOW is not allowed. Write the window after OVER.")


def _check_with(node: exp.Expr) -> None:
    if node.args.get("recursive"):
        raise refused("WITH RECURSIVE is not allowed.")


def _check_group(node: exp.Expr) -> None:
    if not _given(node) <= {"expressions"}:
        raise refused("GROUP BY takes expressions only: no ROLLUP, CUBE, GROUPING SETS or ALL.")


def _check_table(node: exp.Expr) -> None:
    if not _given(node) <= TABLE_PARTS or not isinstance(node.this, exp.Identifier):
        raise refused(
            "FROM takes views and subqueries only: no schema, function, ONLY or TABLESAMPLE."
        )


def _check_column(node: exp.Expr) -> None:
    if not _given(node) <= {"this", "table"}:
        raise refused("A column takes the name of a view at most, no schema.")


def _check_star(node: exp.Expr) -> None:
    if _given(node):
        raise refused("* takes neither EXCEPT nor REPLACE. Name the columns.")


def _check_type(node: exp.Expr) -> None:
    if node.this not in ALLOWED_TYPES or node.args.get("nested"):
        raise refused("A value is cast to a type that is not allowed. Use text or a number.")


def _check_var(node: exp.Expr) -> None:
    words = _SPLIT_UNITS.findall(node.name)
    if not words or not {word.lower() for word in words} <= ALLOWED_UNITS:
        raise refused(f"{node.name[:60]!r} is no unit of time. Use day, hour or minute.")


def _check_key(node: exp.Expr) -> None:
    if not isinstance(node.this, str) or not node.this:
        raise refused("The name of a property cannot be empty or an expression.")


def _check_extract(node: exp.Expr) -> None:
    # Whatever sqlglot makes of an empty path, it is not what PostgreSQL makes of it.
    path = node.expression
    if not isinstance(path, exp.JSONPath) or len(path.expressions) != 2:
        raise refused("-> and ->> take the name of a property in quotes, or an index.")


_CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Select: _check_select,
    exp.With: _check_with,
    exp.Group: _check_group,
    exp.Table: _check_table,
    exp.Column: _check_column,
    exp.Star: _check_star,
    exp.DataType: _check_type,
    exp.Var: _check_var,
    exp.JSONPathKey: _check_key,
    exp.JSONExtract: _check_extract,
    exp.JSONExtractScalar: _check_extract,
}


def _given(node: exp.Expr) -> set[str]:
    return {name for name, value in node.args.items() if value}


def _name_of(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return f"The function {str(node.this)[:60]}"
    if isinstance(node, exp.Func):
        return f"The function {node.sql_name().lower()}"
    return {"Into": "SELECT INTO", "Lock": "FOR UPDATE"}.get(
        type(node).__name__, type(node).__name__
    )
