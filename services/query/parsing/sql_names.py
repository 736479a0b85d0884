"""Give every name of a SQL statement a prefix, so that it can mean nothing but what it says.

PostgreSQL reads ``e.name`` as a call of the function ``name`` where ``e`` has no such column, and
``e`` as a whole row where no column has that name. It looks a table up in the catalog where no
expression after WITH has its name. With prefixes none of these can be: columns begin with ``c``
and a space, tables with ``t`` and a space, and nothing else in a database does.
"""

from __future__ import annotations

from sqlglot import exp

from services.query.parsing.sql_nodes import refused
from services.query.parsing.sql_views import RELATION_PREFIX, VIEWS

COLUMN = "c "
_TABLE = "t "
_MAX_BYTES = 60
"""PostgreSQL cuts names off after 63 bytes, and two would then be one."""
_MAX_VIEWS = 6
"""References to views. Each is all partitions of a table, and joins of them multiply."""
_PREFIXES: dict[tuple[type, str], str] = {
    (exp.Column, "this"): COLUMN,
    (exp.Column, "table"): _TABLE,
    (exp.Alias, "alias"): COLUMN,
    (exp.TableAlias, "this"): _TABLE,
    (exp.TableAlias, "columns"): COLUMN,
    (exp.Table, "this"): _TABLE,
    (exp.Join, "using"): COLUMN,
}
"""Prefixes by where a name stands: the class of its parent, and the argument that it is of it."""


def check_names(tree: exp.Query) -> None:
    """Refuse names of tables and columns that nothing in the statement has.

    Raises:
        Unprocessable: there is such a name, or one that may not be given, or too many views.
    """
    expressions = {cte.alias for cte in tree.find_all(exp.CTE)}
    taken = sorted(expressions & VIEWS.keys())
    if taken:
        raise refused(f"{taken[0]} is the name of a view. Name the expression after WITH anew.")
    tables = list(tree.find_all(exp.Table))
    for table in tables:
        if table.name not in VIEWS and table.name not in expressions:
            raise refused(
                f"There is no view {table.name[:60]}. Use events, persons or sessions, without a "
                "schema."
            )
        if table.name in VIEWS and table.args.get("alias") and table.args["alias"].columns:
            raise refused("A view takes another name after AS, but no names of columns.")
    if sum(table.name in VIEWS for table in tables) > _MAX_VIEWS:
        raise refused(f"Use at most {_MAX_VIEWS} references to views.")
    _check_columns(tree)


def _check_columns(tree: exp.Query) -> None:
    known = {name for columns in VIEWS.values() for name in columns}
    known |= {alias.alias for alias in tree.find_all(exp.Alias)}
    for table_alias in tree.find_all(exp.TableAlias):
        known |= {column.name for column in table_alias.columns}
    for column in tree.find_all(exp.Column):
        if not isinstance(column.this, exp.Star) and column.name not in known:
            raise refused(
                f"There is no column {column.name[:60]}. docs/querying.md lists them; name what "
                "you compute with AS."
            )


def rename(tree: exp.Query) -> None:
    """Give every name its prefix, and read the views of the database in place of those here.

    Raises:
        Unprocessable: a name is too long, or stands where none may.
    """
    for name in list(tree.find_all(exp.Identifier)):
        prefix = _PREFIXES.get((type(name.parent), name.arg_key or ""))
        if prefix is None:
            raise refused(f"The name {name.name[:60]} stands where none may.")
        if not name.name or len(name.name.encode()) > _MAX_BYTES:
            raise refused(f"A name has 1 to {_MAX_BYTES} bytes.")
        name.set("this", prefix + name.name)
    for table in tree.find_all(exp.Table):
        view = table.name.removeprefix(_TABLE)
        if view in VIEWS:
            alias = table.args.get("alias") or exp.TableAlias(this=_quoted(_TABLE + view))
            alias.set("columns", [_quoted(COLUMN + column) for column in VIEWS[view]])
            table.set("alias", alias)
            table.set("this", _quoted(RELATION_PREFIX + view))


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
