"""Reading the constraints of one table, and refusing what would change rows behind the version."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import Index as TableIndex

from diptych.resource.declaration import DeclarationError
from diptych.resource.shape import Check, Index, Unique

_KEEPS_ROWS = (None, "RESTRICT", "NO ACTION")


def read_uniques(table: Table) -> tuple[Unique, ...]:
    """Unique constraints and unique indexes: those of single columns first, in the order of columns, then the table's own."""
    constraints = [item for item in table.constraints if isinstance(item, UniqueConstraint)]
    constraints.sort(key=lambda item: item._creation_order)
    indexes = sorted((item for item in table.indexes if item.unique), key=_index_name)
    found = [*(_unique(table, item) for item in constraints), *(_unique(table, item) for item in indexes)]
    order = {column.name: position for position, column in enumerate(table.columns)}
    of_columns = {column.name for column in table.columns if column.unique}

    def place(unique: Unique) -> tuple[bool, int]:
        single = len(unique.columns) == 1 and unique.columns[0] in of_columns
        return (not single, order[unique.columns[0]] if single else 0)

    return tuple(sorted(found, key=place))


def read_checks(table: Table) -> tuple[Check, ...]:
    checks = [item for item in table.constraints if isinstance(item, CheckConstraint) and not getattr(item, "_type_bound", False)]
    checks.sort(key=lambda item: item._creation_order)
    return tuple(Check(_sql(item), _name(item.name)) for item in checks)


def read_indexes(table: Table) -> tuple[Index, ...]:
    """Indexes of plain columns; one over an expression answers no question that the library asks."""
    indexes = sorted((item for item in table.indexes if not item.unique), key=_index_name)
    plain = ((item, _plain_columns(item.expressions)) for item in indexes)
    return tuple(Index(columns, _name(item.name)) for item, columns in plain if columns)


def refuse_unsafe(table: Table, where: str) -> None:
    """Refuse what the library cannot keep its promises with. Raises DeclarationError."""
    if table.schema is not None:
        raise DeclarationError(f"{where}: tables live in the default schema; drop schema={table.schema!r}")
    for column in table.columns:
        _refuse_column(column, f"{where}, column {column.name}")
    for constraint in table.constraints:
        match constraint:
            case ForeignKeyConstraint():
                _refuse_foreign_key(constraint, where)
            case PrimaryKeyConstraint() | UniqueConstraint() | CheckConstraint():
                pass
            case _:
                raise DeclarationError(f"{where}: a {type(constraint).__name__} cannot be served; use unique, check or foreign keys")


def reference_of(column: Column[Any]) -> tuple[str, str] | None:
    """The table and column that a column refers to."""
    for foreign_key in column.foreign_keys:
        table, _, name = foreign_key.target_fullname.rpartition(".")
        return table, name
    return None


def _refuse_column(column: Column[Any], where: str) -> None:
    if column.computed is not None:
        raise DeclarationError(f"{where}: the database computes it, so documents cannot set it; leave it out of the model")
    if column.onupdate is not None or column.server_onupdate is not None:
        raise DeclarationError(f"{where}: onupdate= changes rows behind their version; set the value in a model validator")
    if column.server_default is not None and column.identity is None:
        raise DeclarationError(f"{where}: every column is written, so server_default= is never used; use default= or default_factory=")
    if len(column.foreign_keys) > 1:
        raise DeclarationError(f"{where}: it refers to more than one column; keep one foreign key")


def _refuse_foreign_key(constraint: ForeignKeyConstraint, where: str) -> None:
    columns = ", ".join(constraint.column_keys)
    if len(constraint.elements) != 1:
        raise DeclarationError(f"{where}, foreign key ({columns}): it must be of one column")
    for option, action in (("ondelete", constraint.ondelete), ("onupdate", constraint.onupdate)):
        if action is not None and action.upper() not in _KEEPS_ROWS:
            raise DeclarationError(
                f'{where}, foreign key ({columns}): {option}="{action}" changes rows behind their version; '
                'use "RESTRICT" and delete the referring rows first'
            )


def _unique(table: Table, item: UniqueConstraint | TableIndex) -> Unique:
    columns = _plain_columns(item.expressions if isinstance(item, TableIndex) else item.columns)
    options = [options.get(name) for options in item.dialect_options.values() for name in ("where", "nulls_not_distinct")]
    partial = any(option is not None and option is not False for option in options)
    if not columns or partial:
        raise DeclarationError(f"table {table.name}: the unique index {item.name} must be of plain columns and of all rows")
    return Unique(columns, _name(item.name))


def _plain_columns(expressions: Iterable[Any]) -> tuple[str, ...]:
    """Column names, nothing where any expression is more than a column."""
    columns = tuple(expressions)
    return tuple(column.name for column in columns) if all(isinstance(column, Column) for column in columns) else ()


def _sql(check: CheckConstraint) -> str:
    return str(check.sqltext.compile(compile_kwargs={"include_table": False, "literal_binds": True}))


def _index_name(index: TableIndex) -> str:
    return str(index.name)


def _name(name: Any) -> str | None:
    return str(name) if isinstance(name, str) else None
