"""Formulas over series: ``A / B * 100``, where A is the first series and B the second."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from services.query.parsing.errors import invalid_field

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Formula:
    """An arithmetic expression of letters, numbers, + - * / and parentheses."""

    text: str

    def value(self, series: Sequence[float | int | None]) -> float | None:
        """Return its value, or None if a series has no value or a divisor is 0."""
        try:
            found = _value(ast.parse(self.text, mode="eval").body, series)
        except (ZeroDivisionError, OverflowError, _MissingValueError):
            return None
        return round(found, 6) if isfinite(found) else None


class _MissingValueError(Exception):
    """A series of the formula has no value."""


def parse_formula(text: str | None, series: int) -> Formula | None:
    """Parse a formula over a number of series.

    Raises:
        Unprocessable: the text is not a formula, or names a series that does not exist.
    """
    if not text:
        return None
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        _check(ast.parse(text, mode="eval").body, series)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        letters = ", ".join(chr(ord("A") + index) for index in range(series))
        raise invalid_field(
            "formula", f"Use the series {letters}, numbers, + - * / and parentheses."
        ) from error
    return Formula(text)


def _check(node: ast.expr, series: int) -> None:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _check(node.left, series)
        _check(node.right, series)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _check(node.operand, series)
    elif isinstance(node, ast.Name):
        if len(node.id) != 1 or not 0 <= ord(node.id) - ord("A") < series:
            raise ValueError(node.id)
    elif not (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and isfinite(node.value)
    ):
        raise ValueError(ast.dump(node))


def _value(node: ast.expr, series: Sequence[float | int | None]) -> float:
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, series), _value(node.right, series)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, series)
    if isinstance(node, ast.Name):
        value = series[ord(node.id) - ord("A")]
        if value is None:
            raise _MissingValueError
        return float(value)
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    return float(node.value)
