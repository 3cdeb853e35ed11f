"""Conditions in SQL. Its third truth value never shows: whatever is unknown is not, and negation is written out where null counts."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from diptych.store.comparable import Comparable
from diptych.store.sqlite_functions import CONTAINS_JSON
from diptych.store.terms import Asked, Every, Some, Term, beyond_name


def holds(term: Term, source: sa.FromClause, comparables: Mapping[str, Comparable]) -> sa.ColumnElement[bool]:
    """Say in SQL whether a term holds for a row of `source`."""
    match term:
        case Asked():
            return _holds(term, source, comparables[term.field])
        case Every(terms):
            return sa.and_(sa.true(), *(holds(one, source, comparables) for one in terms))
        case Some(terms):
            return sa.or_(sa.false(), *(holds(one, source, comparables) for one in terms))


def _holds(asked: Asked, source: sa.FromClause, comparable: Comparable) -> sa.ColumnElement[bool]:
    column = source.c[comparable.field.column]
    if asked.test == "isNull":
        return column.is_not(None) if asked.negated else column.is_(None)
    if not asked.negated:
        return _tested(asked, source, comparable)
    otherwise = _opposite(asked, source, comparable)
    return sa.or_(otherwise, column.is_(None)) if comparable.field.nullable else otherwise


def _opposite(asked: Asked, source: sa.FromClause, comparable: Comparable) -> sa.ColumnElement[bool]:
    if asked.test == "in":
        return comparable.among(comparable.operand(source), asked.name, negated=True)
    return sa.not_(_tested(asked, source, comparable))


def _tested(asked: Asked, source: sa.FromClause, comparable: Comparable) -> sa.ColumnElement[bool]:
    """Whether the value passes the test; unknown where it is null."""
    operand, given = comparable.operand(source), comparable.parameter(asked.name)
    if asked.lowered:
        # Of a text that is sorted by code point both databases lower A to Z alone.
        operand = sa.func.lower(operand, type_=sa.String())
    match asked.test:
        case "eq":
            return operand == given
        case "in":
            return comparable.among(operand, asked.name, negated=False)
        case "lt":
            return operand < given
        case "lte":
            return operand <= given
        case "gt":
            return operand > given
        case "gte":
            return operand >= given
        case "starts":
            return sa.and_(operand >= given, operand < comparable.parameter(beyond_name(asked.name)))
        case "has" if comparable.dialect == "postgresql":
            return sa.type_coerce(operand, JSONB()).contains(sa.cast(given, JSONB()))
        case "has":
            return sa.func.__getattr__(CONTAINS_JSON)(operand, given, type_=sa.Boolean())
        case "within" if comparable.dialect == "postgresql":
            return sa.func.strpos(operand, given) > 0
        case "within":
            return sa.func.instr(operand, given) > 0
        case "ends" if comparable.dialect == "postgresql":
            return sa.func.right(operand, sa.func.length(given)) == given
        case "ends":
            # A negative place would count from the end, but what it gives is shorter than what is looked for.
            return sa.func.substr(operand, sa.func.length(operand) - sa.func.length(given) + 1) == given
        case _:
            raise AssertionError("isNull needs no value")
