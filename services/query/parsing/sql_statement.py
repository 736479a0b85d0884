"""Check a SQL statement, and write it anew over the views of ``sql_views``.

PostgreSQL gets what is written from the syntax tree that was checked, never the text of the
request. That is the first of two protections; the rights of the role that runs it are the other
(docs/decisions/0063-sql.md).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import Token

from services.query.parsing.sql_allowed import ALLOWED_WORDS
from services.query.parsing.sql_names import check_names, rename
from services.query.parsing.sql_nodes import check_nodes, refused
from services.query.parsing.sql_size import MAX_SIZE, written_out

# It logs statements that it does not know, and statements may be about persons.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_LENGTH = 10_000
_MAX_TOKENS = 2_000
_MAX_STEPS_PER_TOKEN = 10
"""Wide statements need 1.3 at most. With it, reading the most tokens takes 0.3 s."""
_FREE_STEPS = 500
_STATEMENTS = {exp.Select, exp.Union, exp.Intersect, exp.Except}
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_WORD = re.compile(r"(?<!\w)[^\W\d]\w*")
_FOREIGN = re.compile(r"[;\\$'\"`@#&~^?]|--|/\*|[^\x20-\x7e]")


class _BoundedParser(PostgresParser):
    """The parser, which tries one reading after the other where types and calls are nested.

    Each level doubles that: a statement of a hundred characters would hold a thread for hours.
    """

    _steps_left: int

    def parse_within(self, tokens: list[Token], text: str) -> list[exp.Expr | None]:
        """Parse within a number of steps that suits the number of tokens.

        Raises:
            Unprocessable: the statement takes more.
            SqlglotError: it cannot be read.
        """
        self._steps_left = _FREE_STEPS + _MAX_STEPS_PER_TOKEN * len(tokens)
        return self.parse(tokens, text)

    def _advance(self, times: int = 1) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            raise refused("Types or calls are nested too deeply. Use fewer levels.")
        super()._advance(times)


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement that was checked."""

    sql: str
    """For PostgreSQL: one SELECT over the views. It names no project; the transaction does."""
    shape: str
    """For the audit log: the SQL text, with a question mark in place of each literal value."""


def parse_statement(text: str) -> SqlStatement:
    """Return a statement that reads nothing but the views.

    Raises:
        Unprocessable: it is not one SELECT, or has a part that is not allowed.
    """
    try:
        tree = _parse(text)
        check_nodes(tree)
        check_names(tree)
        if written_out(tree) > MAX_SIZE:
            raise refused(
                "With its subqueries written out, this statement is too large. Refer to computed "
                "columns less often, and join fewer texts."
            )
        shape = _without_values(tree)
        rename(tree)
        sql = tree.sql(dialect="postgres", identify=True, comments=False)
    except RecursionError as error:
        raise refused("The statement is nested too deeply. Use fewer brackets.") from error
    _check_words(sql)
    return SqlStatement(sql, shape)


def _parse(text: str) -> exp.Query:
    if not 0 < len(text.strip()) <= MAX_LENGTH or "\0" in text:
        raise refused(f"Send a SELECT statement of 1 to {MAX_LENGTH:,} characters.")
    try:
        tokens = Postgres().tokenize(text)
        if len(tokens) > _MAX_TOKENS:
            raise refused(f"The statement has more than {_MAX_TOKENS:,} words and signs.")
        parser = _BoundedParser(dialect=Postgres())
        found = [one for one in parser.parse_within(tokens, text) if one is not None]
    except SqlglotError as error:
        raise refused(f"The statement cannot be read{_position(error)}. Correct it.") from error
    if len(found) != 1 or type(found[0]) not in _STATEMENTS:
        raise refused("Send exactly one SELECT statement.")
    # PostgreSQL folds names without quotes to lower case.
    tree = normalize_identifiers(found[0], dialect="postgres")
    assert isinstance(tree, exp.Query)
    return tree


def _position(error: SqlglotError) -> str:
    first = next(iter(getattr(error, "errors", [])), None) or {}
    line, column = first.get("line"), first.get("col")
    return f": line {line}, character {column}" if line and column else ""


def _without_values(tree: exp.Query) -> str:
    copy = tree.copy()
    for literal in list(copy.find_all(exp.Literal)):
        literal.replace(exp.Var(this="?"))
    for key in list(copy.find_all(exp.JSONPathKey)):
        key.set("this", "?")
    return copy.sql(dialect="postgres", comments=False)


def _check_words(sql: str) -> None:
    """Check the written statement once more, as text: what is not quoted are words of a list.

    Names are quoted, so a word outside of quotes is SQL's own or calls a function.
    """
    bare = _QUOTED.sub(" ", sql)
    if _FOREIGN.search(bare) or not {w.upper() for w in _WORD.findall(bare)} <= ALLOWED_WORDS:
        raise refused("The statement has a word or a sign that is not allowed. Simplify it.")
