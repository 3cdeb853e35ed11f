"""Conditions that developers write on their own models: each is checked for what it compares, and said in the store's own terms.

The store's tables have the names of the models', but types and spellings of their own. Whatever cannot be said with certainty is
refused: a condition that is misread would show a row to the wrong person.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NoReturn

import sqlalchemy as sa
from sqlalchemy.sql import coercions, elements, functions, operators, roles, selectable, visitors
from sqlalchemy.sql import util as sql_util
from sqlalchemy.sql.cache_key import CacheKey

from diptych.resource.kinds import Json, Text, Uuid
from diptych.store.columns import Dialect
from diptych.store.comparable import Comparable
from diptych.store.errors import UnfitScope
from diptych.store.scope_saying import COMPARISONS, LOOKS, Saying
from diptych.store.scope_tables import NamedTables, Tables, are_alike, has_own_spelling, inner
from diptych.store.scope_values import Given, ReadValue, given_for, given_for_other
from diptych.store.tables import Stored

_AGGREGATES: Final = frozenset(
    {
        *("array_agg", "avg", "bit_and", "bit_or", "bool_and", "bool_or", "count", "every", "group_concat", "json_agg"),
        *("jsonb_agg", "string_agg", "stddev", "sum", "total", "variance"),
    }
)
_EXTREMES: Final = frozenset({"max", "min"})
# What SQLAlchemy itself writes as text, in EXISTS and count(*).
_HARMLESS: Final = re.compile(r"\*|[0-9]+")
_PATTERNS: Final = frozenset(
    {
        *LOOKS,
        operators.like_op,
        operators.not_like_op,
        operators.ilike_op,
        operators.not_ilike_op,
        operators.regexp_match_op,
        operators.not_regexp_match_op,
        operators.match_op,
    }
)
_DIALECTS: Final = {
    "sqlite": sa.make_url("sqlite://").get_dialect()(),
    "postgresql": sa.make_url("postgresql+asyncpg://").get_dialect()(),
}
_KNOWN: Final = (
    elements.BooleanClauseList,
    elements.BinaryExpression,
    elements.UnaryExpression,
    elements.Grouping,
    elements.Null,
    elements.True_,
    elements.False_,
    elements.Case,
    elements.Cast,
    elements.TypeClause,
    elements.TypeCoerce,
    elements.Extract,
    elements.Label,
    elements.ClauseList,
    elements.CollationClause,
    elements.CollectionAggregate,
    elements.ExpressionClauseList,
    elements._label_reference,
    elements.Over,
    elements.FunctionFilter,
    functions.FunctionElement,
    selectable.ScalarSelect,
    selectable.Exists,
    selectable.SelectStatementGrouping,
    selectable.CompoundSelect,
    selectable.Join,
)


def expression_of(condition: Any, stored: Stored) -> sa.ColumnElement[bool]:
    """A condition as an element of SQL, from whatever SQLAlchemy takes for one in WHERE."""
    try:
        expression: sa.ColumnElement[bool] = coercions.expect(roles.WhereHavingRole, condition)
    except sa.exc.ArgumentError:
        kind = type(condition).__name__
        raise UnfitScope(f"The condition on rows of {stored.resource.name} is of the type {kind}, which is none of SQLAlchemy's.") from None
    return expression


def structure_of(expression: sa.ColumnElement[bool], stored: Stored) -> CacheKey:
    """What is alike in two conditions that differ in values alone, and the values."""
    key = expression._generate_cache_key()
    if key is None:
        raise UnfitScope(
            f"The condition on rows of {stored.resource.name} has a part that SQLAlchemy cannot tell from others; "
            "set cache_ok = True on a column type of its own"
        )
    return key


class Reading:
    """One condition of a scope, read for a resource: `said` is the condition in the store's terms, its values parameters.

    `given` has them, in the order in which they stand in the condition; they are numbered from `first` up to `taken`.
    `asks_tables` tells whether there is a subquery.
    Raises UnfitScope.
    """

    def __init__(self, condition: Any, stored: Stored, tables: Tables, first: int = 0) -> None:
        self._stored = stored
        self._named = NamedTables(tables)
        self._dialect: Dialect = stored.dialect
        self._selects = 0
        for part in visitors.iterate(condition):
            self._check_joins(part)
        plain = sql_util._deep_deannotate(condition)
        key = structure_of(plain, stored)
        self._values: Sequence[Any] = key.bindparams
        self._places = {id(value): place for place, value in enumerate(self._values)}
        self._found: list[Given | None] = [None] * len(self._values)
        self._first = first
        self.asks_tables = False
        if not isinstance(plain.type, sa.Boolean | sa.types.NullType):
            self._refuse("it is no condition; compare the value with something")
        self._check(plain)
        for value, given in zip(self._values, self._found, strict=True):
            # A value that nobody looked at would stay in the statement, and be that of whoever came first.
            if given is None and not isinstance(value, selectable._OffsetLimitParam):
                self._refuse("it has a value in a place that is not understood")
        self.given = tuple(one for one in self._found if one is not None)
        self.taken = first + len(self._values)
        self.said: sa.ColumnElement[bool] = Saying(self._named, self._given_of, self._dialect).said(plain)
        self._try()

    def _check(self, node: Any, *, free: bool = False) -> None:
        """`free`: a column may stand here whatever its kind."""
        if isinstance(node, elements.ColumnClause):
            self._check_column(node, free=free)
        elif isinstance(node, elements.BindParameter):
            self._give(node, None)
        elif isinstance(node, elements.BinaryExpression) and node.operator in COMPARISONS:
            self._check_comparison(node)
        elif isinstance(node, elements.BinaryExpression) and node.operator in _PATTERNS:
            self._check_look(node)
        elif isinstance(node, selectable.Select):
            self._check_select(node, free=free)
        elif isinstance(node, selectable.Exists | selectable.ScalarSelect | selectable.SelectStatementGrouping | selectable.CompoundSelect):
            for child in node.get_children():
                self._check(child, free=free or isinstance(node, selectable.Exists))
        elif isinstance(node, selectable.TableClause | selectable.Alias):
            self._check_source(node)
        elif isinstance(node, _KNOWN):
            self._check_aggregate(node)
            if isinstance(node, elements.BooleanClauseList) and not node.clauses:
                self._refuse("an empty and_ or or_ says nothing; write sa.true() or sa.false()")
            for child in node.get_children():
                self._check(child)
        else:
            self._refuse(f"{type(node).__name__} cannot be said of the store's own tables; write it with columns and values")

    def _check_column(self, column: Any, *, free: bool) -> None:
        if column.table is None:
            if not (column.is_literal and _HARMLESS.fullmatch(column.name)):
                self._refuse("a fragment of SQL as text names columns that nobody can tell; write it with columns of the models")
            return
        self._check_source(column.table)
        found = self._named.comparable(column)
        if found is not None and not free and has_own_spelling(found.field.kind):
            self._refuse(f"{_name(column)} can be compared with values and with fields of its own kind, and nothing else can be made of it")

    def _check_source(self, source: Any) -> None:
        if isinstance(source, selectable.Alias):
            source = source.element
        if not isinstance(source, selectable.TableClause):
            self._refuse(f"{type(source).__name__} in FROM is not understood; write a select of tables within `in_` or `exists`")

    def _check_select(self, select: Any, *, free: bool) -> None:
        if select._with_options or select._memoized_select_entities or select._independent_ctes:
            self._refuse("options and CTEs of a subquery are not understood")
        self.asks_tables = True
        self._selects += 1
        for column in select._raw_columns:
            self._check(column, free=free)
        for child in visitors.HasTraverseInternals.get_children(select, omit_attrs=("_raw_columns", "_correlate", "_correlate_except")):
            self._check(child)
        self._selects -= 1

    def _check_joins(self, node: Any) -> None:
        for target, on, source, _ in getattr(node, "_setup_joins", ()):
            is_plain = isinstance(on, sa.ColumnElement | type(None)) and isinstance(source, sa.FromClause | type(None))
            if not isinstance(target, sa.FromClause) or not is_plain:
                self._refuse("a join along a relationship is not understood; name the table and the condition")

    def _check_aggregate(self, node: Any) -> None:
        if self._selects:
            return
        name = str(getattr(node, "name", "")).lower()
        several = isinstance(node, functions.FunctionElement) and len(node.clauses.clauses) > 1
        is_aggregate = isinstance(node, functions.FunctionElement) and (name in _AGGREGATES or (name in _EXTREMES and not several))
        if is_aggregate or isinstance(node, elements.Over | elements.FunctionFilter):
            self._refuse("a condition on one row cannot count over many; write the aggregate in a select of its own")

    def _check_comparison(self, node: Any) -> None:
        left, right = self._named.comparable(node.left), self._named.comparable(node.right)
        if left is None and right is None:
            self._check(node.left)
            self._check(node.right)
            return
        if left is not None and right is not None:
            if not are_alike(left.field.kind, right.field.kind):
                self._refuse(f"{left.field.attribute} and {right.field.attribute} are stored in ways that cannot be compared")
            self._check(node.left, free=True)
            self._check(node.right, free=True)
            return
        ours, side, other = (left, node.left, node.right) if left is not None else (right, node.right, node.left)
        assert ours is not None
        self._check(side, free=True)
        between = isinstance(other, elements.ExpressionClauseList)
        for one in other.clauses if between else (other,):
            self._check_compared(ours, inner(one), getattr(one, "type", None))

    def _check_look(self, node: Any) -> None:
        """Patterns, of which those that look for a text as it stands can be said the same way in both databases."""
        found, wanted, escape = self._named.comparable(node.left), inner(node.right), node.modifiers.get("escape")
        if found is None:
            for child in node.get_children():
                self._check(child)
            return
        if node.operator not in LOOKS or not isinstance(wanted, elements.BindParameter) or not isinstance(found.field.kind, Text):
            self._refuse(
                f"a pattern means something else in each database; of {found.field.attribute} use startswith, endswith or contains"
            )
        self._check(node.left)
        self._give(wanted, found, None if escape is None else _unescaped(escape))

    def _check_compared(self, ours: Comparable, other: Any, type_: Any) -> None:
        if isinstance(other, elements.Null):
            return
        if isinstance(ours.field.kind, Json):
            self._refuse(f"of {ours.field.attribute}, which is JSON, it can be asked only whether it is null")
        if isinstance(other, elements.BindParameter):
            self._give(other, ours)
        else:
            if isinstance(ours.field.kind, Uuid) and not isinstance(type_, sa.Uuid):
                self._refuse(f"{ours.field.attribute} is a UUID, which is not kept as text in both databases; compare it with other UUIDs")
            if not isinstance(other, elements.True_ | elements.False_) and has_own_spelling(ours.field.kind):
                self._refuse(f"{ours.field.attribute} can be compared with values and with fields of its own kind only")
            self._check(other)

    def _give(self, bind: Any, ours: Comparable | None, first: ReadValue | None = None) -> None:
        """Note what a value is compared with; `first` changes it before it is read."""
        if isinstance(bind, selectable._OffsetLimitParam):
            return
        place = self._places[id(bind)]
        name, listed = f"diptych_scope_{self._first + place}", bool(bind.expanding)
        if ours is None:
            type_ = elements.BindParameter(None, bind.value).type if isinstance(bind.type, sa.types.NullType) else bind.type
            given = given_for_other(name, type_, self._dialect, listed=listed)
        else:
            given = given_for(name, ours.field.kind, self._dialect, f"{self._stored.resource.name}: {ours.field.attribute}", listed=listed)
        if first is not None:
            given = replace(given, read=partial(_after, first, given.read))
        known = self._found[place]
        if known is not None and (known.kind, known.listed) != (given.kind, given.listed):
            self._refuse("one parameter is compared with fields of two kinds; give each a value of its own")
        self._found[place] = given

    def _given_of(self, bind: Any) -> Given | None:
        place = self._places.get(id(bind))
        return None if place is None else self._found[place]

    def _try(self) -> None:
        """Have it written out once, here where the developer is told of it."""
        tried: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(self._stored.table).where(self.said)
        try:
            tried.compile(dialect=_DIALECTS[self._dialect])
        except sa.exc.SQLAlchemyError as error:
            self._refuse(f"SQLAlchemy cannot write it out: {error}")

    def _refuse(self, reason: str) -> NoReturn:
        raise UnfitScope(f"The condition on rows of {self._stored.resource.name} cannot be asked: {reason}.")


def _name(column: Any) -> str:
    return f"{column.table.name}.{column.name}"


def _unescaped(escape: str) -> ReadValue:
    """Undo what `autoescape` has done to a value, which is looked for to the letter anyway."""
    return partial(re.compile(f"{re.escape(escape)}(.)", re.DOTALL).sub, r"\1")


def _after(first: ReadValue, read: ReadValue, value: Any) -> Any:
    return read(first(value) if isinstance(value, str) else value)
