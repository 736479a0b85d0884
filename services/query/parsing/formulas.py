"""Formulas over series: ``A / B * 100``, where A is the first series, B the second."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from services.query.parsing.filters import invalid_field

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, slots=True)
class Formula:
    """An arithmetic expression of letters, numbers, + - * / and parentheses."""

    text: str

    def value(self, figures: Sequence[float | int | None]) -> float | None:
        """Its value; None where a figure is missing or a divisor is 0."""
        try:
            found = _value(ast.parse(self.text, mode="eval").body, figures)
        except (ZeroDivisionError, OverflowError, _Missing):
            return None
        return round(found, 6) if isfinite(found) else None


class _Missing(Exception):
    """A figure that is not there."""


def parse_formula(text: str | None, series: int) -> Formula | None:
    """The formula over so many series.

    Raises:
        Unprocessable: it is no such expression, or names a series that is not there.
    """
    if not text:
        return None
    try:
        if len(text) > 200:
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


def _value(node: ast.expr, figures: Sequence[float | int | None]) -> float:
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, figures), _value(node.right, figures)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, figures)
    if isinstance(node, ast.Name):
        figure = figures[ord(node.id) - ord("A")]
        if figure is None:
            raise _Missing
        return float(figure)
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    return float(node.value)
