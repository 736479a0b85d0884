"""Bound the size of a statement with its subqueries written out, as PostgreSQL's planner does.

The planner puts the expression of a subquery's column in place of each reference to it. With
``SELECT c + c AS c FROM (SELECT c + c AS c FROM …)`` it doubles with each level, and neither
``statement_timeout`` nor ``work_mem`` bounds the planner's memory.
"""

from __future__ import annotations

from sqlglot import exp

MAX_SIZE = 5_000
"""Nodes of the syntax tree, with the expressions of columns in place of references to them."""
_WEIGHTS: dict[type[exp.Expr], int] = {exp.DPipe: 50, exp.Concat: 50, exp.Mul: 10}
"""More nodes for each operand where a value is as long as its operands together."""


def written_out(tree: exp.Query) -> int:
    """Return the size of a statement in nodes, at least as large as it is for the planner.

    A reference is to whichever column of that name is the largest of those computed so far. A name
    that may stand for several columns has the size of everything so far.
    """
    largest: dict[str, int] = {}
    total = 0
    for select in _innermost_first(tree):
        sizes = {one.alias_or_name: _size(one, largest) for one in select.expressions}
        clauses = (select.args.get(name) for name in ("where", "group", "having", "order"))
        parts = [*clauses, select.args.get("distinct"), *(select.args.get("joins") or [])]
        total += sum(sizes.values()) + sum(_size(part, largest) for part in parts if part)
        if total > MAX_SIZE:
            return total
        for name, size in sizes.items():
            largest[name] = max(size, largest.get(name, 1))
        for name in _other_names(select):
            largest[name] = total
    return total


def _innermost_first(tree: exp.Query) -> list[exp.Select]:
    """Return the SELECTs in an order in which each comes after those that it reads."""
    found: list[exp.Select] = []

    def visit(node: exp.Expr) -> None:
        with_ = node.args.get("with_")
        for cte in with_.expressions if with_ else []:
            visit(cte.this)
        for child in node.iter_expressions():
            if child is not with_:
                visit(child)
        if isinstance(node, exp.Select):
            found.append(node)

    visit(tree)
    return found


def _size(node: exp.Expr, largest: dict[str, int]) -> int:
    """Return the number of nodes of an expression, without the SELECTs within it."""
    if isinstance(node, exp.Column):
        return largest.get(node.name, 1)
    if isinstance(node, exp.Select):
        return 1
    children = list(node.iter_expressions())
    weight = _WEIGHTS.get(type(node), 0) * len(children)
    return 1 + weight + sum(_size(child, largest) for child in children)


def _other_names(select: exp.Select) -> list[str]:
    """Return names of its columns elsewhere: of a set operation, or after AS in ``a(b, c)``."""
    names: list[str] = []
    node = select.parent
    while isinstance(node, exp.Query | exp.CTE):
        if isinstance(node, exp.SetOperation):
            names += node.named_selects
        alias = node.args.get("alias")
        names += [one.name for one in alias.columns] if isinstance(alias, exp.TableAlias) else []
        node = node.parent
    return names
