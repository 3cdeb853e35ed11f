"""Statements compiled once, their values converted as SQLAlchemy would: building one afresh costs more than running it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import await_only

Process: TypeAlias = Callable[[Any], Any] | None


class Direct:
    """A statement without parts that change, such as a list of values.

    The driver runs it by itself, and what it raises comes out as it is. On PostgreSQL SQLAlchemy runs it the first time, and tells
    in which form the values come; the driver keeps it parsed, and parses it anew where a table was altered.
    """

    def __init__(self, statement: sa.Select[Any] | sa.UpdateBase) -> None:
        self.statement = statement
        self._ready: _Ready | None = None

    def all(self, connection: sa.Connection, bound: Mapping[str, Any]) -> list[Any]:
        """Run it with these parameters and read every row that comes back."""
        if self._ready is None:
            self._ready = _Ready(self.statement, connection.dialect)
        ready = self._ready
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            cursor = driver.execute(ready.sql, ready.parameters(bound))
            return ready.rows(cursor.fetchall(), cursor.description)
        if ready.is_read:
            driver = connection.connection.driver_connection
            return ready.rows(await_only(driver.fetch(ready.sql, *ready.parameters(bound))), ())
        result = connection.exec_driver_sql(ready.sql, ready.parameters(bound))
        answered = result.cursor
        assert answered is not None
        rows = ready.rows(answered.fetchall(), answered.description)
        result.close()
        return rows

    def first(self, connection: sa.Connection, bound: Mapping[str, Any]) -> Any | None:
        """The first of the rows, None where none comes back."""
        rows = self.all(connection, bound)
        return rows[0] if rows else None


class _Ready:
    def __init__(self, statement: sa.Select[Any] | sa.UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        assert not compiled.post_compile_params, "a list of values would have to be written out each time"
        self.sql = str(compiled)
        self._compiled = compiled
        self._dialect = dialect
        self._results: list[tuple[int, Callable[[Any], Any]]] | None = None

    @property
    def is_read(self) -> bool:
        """Whether rows of it have been read before."""
        return self._results is not None

    @cached_property
    def _given(self) -> list[tuple[str, Any, Process]]:
        """Name, value if the statement brings it itself, and conversion of each parameter, in order."""
        fixed = self._compiled.construct_params(_check=False)
        names = self._compiled.positiontup or list(fixed)
        return [(name, fixed[name], self._binder(self._compiled.binds[name].type)) for name in names]

    def parameters(self, bound: Mapping[str, Any]) -> Any:
        values = [
            (bound[name] if process is None else process(bound[name])) if name in bound else value for name, value, process in self._given
        ]
        return tuple(values) if self._compiled.positional else dict(zip((name for name, _, _ in self._given), values, strict=True))

    def rows(self, found: Sequence[Any], description: Sequence[Any]) -> list[Any]:
        """The rows, each value in the form that its column's type has."""
        if self._results is None:
            # Which form the driver gives a number in depends on what the database calls its type.
            self._results = self._readers([column[1] for column in description])
        if not self._results:
            return list(found)
        rows = []
        for one in found:
            row = list(one)
            for place, read in self._results:
                row[place] = read(row[place])
            rows.append(row)
        return rows

    def _readers(self, codes: Sequence[Any]) -> list[tuple[int, Callable[[Any], Any]]]:
        """Place and conversion of the columns whose values the driver gives in another form."""
        types = [entry.type.dialect_impl(self._dialect) for entry in self._compiled._result_columns]
        found = [(place, type_.result_processor(self._dialect, code)) for place, (type_, code) in enumerate(zip(types, codes, strict=True))]
        return [(place, read) for place, read in found if read is not None]

    def _binder(self, type_: TypeEngine[Any]) -> Process:
        return type_.dialect_impl(self._dialect).bind_processor(self._dialect)
