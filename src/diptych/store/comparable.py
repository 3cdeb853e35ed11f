"""How a field's values are compared in SQL, so that both databases find the same rows, in the same order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from diptych.resource.kinds import Bytes, Decimal, Duration, Float, Json, Text
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.json_value import JSON
from diptych.store.columns import Dialect, codec, json_text, value_type
from diptych.store.sqlite_functions import BYTES_OF, DURATION, FLOAT_OF, NUMBER

# Where a table was there before, its columns may sort text as some language does, or ignore case.
_BY_CODE_POINT: Final = {"postgresql": "C", "sqlite": "BINARY"}
_SQLITE: Final = sqlite.dialect()


@dataclass(frozen=True)
class Comparable:
    """One field, key or column, as a side of a comparison."""

    field: Field
    dialect: Dialect

    @property
    def is_json(self) -> bool:
        return isinstance(self.field.kind, Json)

    def operand(self, source: sa.FromClause) -> sa.ColumnElement[Any]:
        """The field's column in a table, with the collation that compares by value."""
        column = source.c[self.field.column]
        match self.field.kind:
            case Text():
                return sa.collate(column, _BY_CODE_POINT[self.dialect])
            case Decimal() if self.dialect == "sqlite":
                return sa.collate(column, NUMBER)
            case Duration() if self.dialect == "sqlite":
                return sa.collate(column, DURATION)
            case _:
                return column

    def parameter(self, name: str) -> sa.BindParameter[Any]:
        """One value."""
        return sa.bindparam(name, type_=self._type)

    def among(self, operand: sa.ColumnElement[Any], name: str, *, negated: bool) -> sa.ColumnElement[bool]:
        """Whether it is one of many values, however many: they are one parameter. Null is neither."""
        if self.dialect == "postgresql":
            values: Any = self._array(name)
            # The opposite of `= ANY` is not `<> ANY`.
            return operand != sa.all_(values) if negated else operand == sa.any_(values)
        _, value, _ = self.listed(name)
        return operand.not_in(sa.select(value)) if negated else operand.in_(sa.select(value))

    def listed(self, name: str) -> tuple[sa.TableValuedAlias, sa.ColumnElement[Any], sa.ColumnElement[int]]:
        """Many values as a table, its column, and their places, which grow in the order of the values."""
        # A table of somebody's may well be called by a plainer name.
        if self.dialect == "postgresql":
            columns = [sa.column("value", self._type)]
            table = sa.func.unnest(self._array(name)).table_valued(*columns, with_ordinality="place").render_derived(name="diptych_listed")
            return table, table.c.value, table.c.place
        listed = sa.func.json_each(sa.bindparam(name, type_=sa.String()))
        table = listed.table_valued(sa.column("value", self._type), sa.column("key", sa.Integer()), name="diptych_listed")
        value: sa.ColumnElement[Any] = table.c.value
        match self.field.kind:
            case Float():
                value = sa.func.__getattr__(FLOAT_OF)(value, type_=self._type)
            case Bytes():
                value = sa.func.__getattr__(BYTES_OF)(value, type_=self._type)
            case _:
                pass
        return table, value, table.c.key

    @cached_property
    def one(self) -> Callable[[JSON], Any]:
        """From a canonical value to what `parameter` takes."""
        if isinstance(self.field.kind, Json):
            return _as_it_is
        return codec(self.field.kind, self.dialect).into or _as_it_is

    @cached_property
    def many(self) -> Callable[[Sequence[JSON]], Any]:
        """From canonical values to what `among` and `listed` take."""
        one = self.one
        if self.dialect == "postgresql":
            return lambda values: [one(value) for value in values]
        match self.field.kind:
            case Float():
                # Where the machine has no wider floats, SQLite reads the text of some numbers as their neighbours.
                return lambda values: json_text([repr(value) for value in values])
            case Bytes():
                return lambda values: json_text(list(values))
            case _:
                stored = self._type.dialect_impl(_SQLITE).bind_processor(_SQLITE) or _as_it_is
                return lambda values: json_text([stored(one(value)) for value in values])

    def _array(self, name: str) -> sa.BindParameter[Any]:
        return sa.bindparam(name, type_=ARRAY(self._type, dimensions=1))

    @cached_property
    def _type(self) -> TypeEngine[Any]:
        match self.field.kind:
            case Json():
                return sa.String()
            case Decimal() if self.dialect == "postgresql":
                # The column's own scale would round what it is compared with.
                return sa.Numeric()
            case _:
                return value_type(self.field.kind, self.dialect)


def comparables(resource: ResourceShape, dialect: Dialect) -> dict[str, Comparable]:
    """By JSON name."""
    return {field.json_name: Comparable(field, dialect) for field in (resource.key, *resource.columns)}


def _as_it_is(value: Any) -> Any:
    return value
