"""Conditions of developers said again in the terms of the store's own tables, with parameters in the place of values."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import elements, operators, selectable, visitors

from diptych.store.columns import Dialect
from diptych.store.scope_tables import NamedTables, inner
from diptych.store.scope_values import Given, compared_type

# What stands for a value, None where that stays in the statement.
GivenOf: TypeAlias = Callable[[Any], Given | None]

COMPARISONS: Final = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.lt,
        operators.le,
        operators.gt,
        operators.ge,
        operators.is_,
        operators.is_not,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
        operators.in_op,
        operators.not_in_op,
        operators.between_op,
        operators.not_between_op,
    }
)
# By the operator: what is looked at, and whether it must not be there.
LOOKS: Final[dict[Any, tuple[str, bool]]] = {
    operators.startswith_op: ("start", False),
    operators.not_startswith_op: ("start", True),
    operators.contains_op: ("within", False),
    operators.not_contains_op: ("within", True),
    operators.endswith_op: ("end", False),
    operators.not_endswith_op: ("end", True),
}


class Saying:
    """Says one condition that was checked already."""

    def __init__(self, tables: NamedTables, given_of: GivenOf, dialect: Dialect) -> None:
        self._tables = tables
        self._given_of = given_of
        self._dialect = dialect

    def said(self, condition: Any) -> Any:
        said = self._again(condition).self_group(against=operators.and_)
        for part in visitors.iterate(said):
            # Otherwise the statement would be taken for one of the ORM's, whose models it would look for.
            if isinstance(part, elements.ClauseElement):
                part._set_propagate_attrs({})
        return said

    def _again(self, node: Any) -> Any:
        return visitors.replacement_traverse(node, {}, self._in_place_of)

    def _in_place_of(self, element: Any, **_: Any) -> Any:
        """What stands in the place of an element; None where it stays, and its parts are looked at."""
        if isinstance(element, elements.ColumnClause):
            return element if element.table is None else self._column(element)
        if isinstance(element, elements.BindParameter):
            given = self._given_of(element)
            return element if given is None else _parameter(given)
        if isinstance(element, selectable.TableClause | selectable.Alias):
            return self._tables.source(element)
        if isinstance(element, elements.BinaryExpression) and element.operator in COMPARISONS:
            return self._comparison(element)
        if (
            isinstance(element, elements.BinaryExpression)
            and element.operator in LOOKS
            and self._tables.comparable(element.left) is not None
        ):
            return self._look(element)
        return None

    def _column(self, column: Any) -> Any:
        source = self._tables.source(column.table)
        return column if source is column.table else source.c[column.key if self._tables.stored(column.table) is None else column.name]

    def _comparison(self, node: Any) -> Any:
        other = inner(node.right)
        if node.operator in (operators.in_op, operators.not_in_op) and isinstance(other, elements.BindParameter):
            return self._among(node, other)
        left, right = self._side(node.left), self._side(node.right)
        return elements.BinaryExpression(left, right, node.operator, type_=node.type, negate=node.negate, modifiers=node.modifiers)

    def _side(self, node: Any) -> Any:
        """One side of a comparison: a column of ours by value, as filters compare it."""
        found = self._tables.comparable(node) if isinstance(node, elements.ColumnClause) else None
        if found is None:
            return self._again(node)
        return found.operand(self._tables.source(node.table)).self_group(against=operators.eq)

    def _among(self, node: Any, bind: Any) -> Any:
        given = self._given_of(bind)
        assert given is not None, "what is no limit is given"
        side, negated = self._side(node.left), node.operator is operators.not_in_op
        found = self._tables.comparable(node.left)
        if self._dialect == "postgresql":
            type_ = bind.type if found is None else compared_type(found.field.kind, self._dialect)
            values = sa.cast(_parameter(given), ARRAY(type_, dimensions=1))
            # The opposite of `= ANY` is not `<> ANY`.
            return side != sa.all_(values) if negated else side == sa.any_(values)
        if found is None:
            value: Any = sa.func.json_each(_parameter(given)).table_valued(sa.column("value", bind.type), name="diptych_listed").c.value
        else:
            _, value, _ = found.listed(given.name)
        return side.not_in(sa.select(value)) if negated else side.in_(sa.select(value))

    def _look(self, node: Any) -> Any:
        """What LIKE would say, to the letter: it ignores case on SQLite, and takes a value's `%` for anything."""
        where, negated = LOOKS[node.operator]
        text, wanted = self._side(node.left), self._again(node.right)
        length = sa.func.length(wanted)
        if where == "within":
            place = sa.func.strpos if self._dialect == "postgresql" else sa.func.instr
            found: Any = place(text, wanted, type_=sa.Integer()) > sa.literal_column("0", sa.Integer())
        elif where == "start":
            found = sa.func.substr(text, sa.literal_column("1", sa.Integer()), length, type_=sa.String()) == wanted
        elif self._dialect == "postgresql":
            found = sa.func.right(text, length, type_=sa.String()) == wanted
        else:
            found = sa.func.substr(text, sa.func.length(text) - length + sa.literal_column("1"), type_=sa.String()) == wanted
        return sa.not_(found) if negated else found


def _parameter(given: Given) -> sa.BindParameter[Any]:
    return sa.bindparam(given.name, type_=given.type)
