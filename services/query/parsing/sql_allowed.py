"""What a SQL statement may consist of. Everything else is refused.

These are lists of what is allowed, never of what is forbidden: a function or a clause that a later
version of PostgreSQL or sqlglot knows is refused until somebody has looked at it. Nothing here
makes a value that is longer than its parts (``repeat``, ``replace``, ``string_agg``), makes rows
(``generate_series``), reads settings, files or the catalog, or waits.
"""

from __future__ import annotations

from sqlglot import exp

_CLAUSES = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered,
    exp.Limit, exp.Offset, exp.With, exp.CTE, exp.Subquery, exp.Table, exp.TableAlias, exp.Alias,
    exp.Column, exp.Identifier, exp.Star, exp.Union, exp.Intersect, exp.Except, exp.Distinct,
    exp.Paren, exp.Tuple, exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup,
)  # fmt: skip
_VALUES = (
    exp.Literal, exp.Boolean, exp.Null, exp.Interval, exp.Var, exp.Cast, exp.DataType,
    exp.DataTypeParam, exp.Case, exp.If,
)  # fmt: skip
_OPERATORS = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
    exp.Between, exp.Like, exp.ILike, exp.Escape, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.DPipe, exp.AtTimeZone,
    exp.JSONExtract, exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey,
    exp.JSONPathSubscript,
)  # fmt: skip
_FUNCTIONS = (
    exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.StddevSamp, exp.StddevPop,
    exp.Variance, exp.VariancePop, exp.PercentileCont, exp.PercentileDisc, exp.LogicalAnd,
    exp.LogicalOr, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue,
    exp.LastValue, exp.Ntile, exp.Lower, exp.Upper, exp.Length, exp.Trim, exp.Substring, exp.Left,
    exp.Right, exp.SplitPart, exp.StrPosition, exp.StartsWith, exp.Concat, exp.Coalesce,
    exp.Nullif, exp.Greatest, exp.Least, exp.Abs, exp.Round, exp.Floor, exp.Ceil,
    exp.TimestampTrunc, exp.Extract, exp.CurrentTimestamp, exp.CurrentDate,
)  # fmt: skip
ALLOWED_NODES = frozenset((*_CLAUSES, *_VALUES, *_OPERATORS, *_FUNCTIONS))
"""The classes of sqlglot's syntax tree, each by itself: a subclass is another one."""

_TYPES = exp.DataType.Type
ALLOWED_TYPES = frozenset(
    {
        _TYPES.TEXT, _TYPES.VARCHAR, _TYPES.SMALLINT, _TYPES.INT, _TYPES.BIGINT, _TYPES.DECIMAL,
        _TYPES.FLOAT, _TYPES.DOUBLE, _TYPES.BOOLEAN, _TYPES.DATE, _TYPES.TIMESTAMP,
        _TYPES.TIMESTAMPTZ, _TYPES.INTERVAL, _TYPES.UUID,
    }
)  # fmt: skip
"""The types that values may be cast to. None of them looks a name up in the catalog."""
TABLE_PARTS = frozenset({"this", "alias"})
"""What a table in FROM may have: no schema, sample, function, pivot or hint."""
ALLOWED_UNITS = frozenset(
    unit + end
    for unit in (
        "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month",
        "quarter", "year", "dow", "isodow", "doy", "isoyear", "epoch",
    )
    for end in ("", "s")
)  # fmt: skip
"""What an interval, ``extract`` and ``date_trunc`` count in."""
_WORDS = """
    ABS ALL AND AS ASC AT AVG BETWEEN BIGINT BOOLEAN BOOL_AND BOOL_OR BOTH BY CASE CAST CEIL
    COALESCE CONCAT COUNT CROSS CURRENT CURRENT_DATE CURRENT_TIMESTAMP DATE DATE_TRUNC DECIMAL
    DENSE_RANK DESC DISTINCT DOUBLE ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FILTER FIRST
    FIRST_VALUE FLOOR FOLLOWING FOR FROM FULL GREATEST GROUP HAVING ILIKE IN INNER INT INTERSECT
    INTERVAL IS JOIN LAG LAST LAST_VALUE LEAD LEADING LEAST LEFT LENGTH LIKE LIMIT LOWER LTRIM MAX
    MIN NATURAL NOT NTILE NULL NULLIF NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PERCENTILE_CONT
    PERCENTILE_DISC POSITION PRECEDING PRECISION RANGE RANK REAL RIGHT ROUND ROW ROWS ROW_NUMBER
    RTRIM SELECT SMALLINT SPLIT_PART STARTS_WITH STDDEV STDDEV_POP STDDEV_SAMP SUBSTRING SUM TEXT
    THEN TIME TIMESTAMP TIMESTAMPTZ TRAILING TRIM TRUE UNBOUNDED UNION UPPER USING UUID VARCHAR
    VARIANCE VAR_POP VAR_SAMP WHEN WHERE WITH WITHIN ZONE
"""
ALLOWED_WORDS = frozenset(_WORDS.split()) | {unit.upper() for unit in ALLOWED_UNITS}
"""Words outside of quotes that a written statement has, in upper case."""
