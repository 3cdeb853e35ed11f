"""Values for rows that are there when a column comes that cannot be NULL."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from diptych.migrations.differences import flat
from diptych.resource.kinds import BigInteger, Boolean, Bytes, Date, DateTime, Float, Integer, Json, Time
from diptych.resource.shape import Field
from diptych.resource.spelling import to_json
from diptych.semantics.json_value import JSON, Missing
from diptych.store.columns import Dialect, json_text
from diptych.store.tables import VERSION, Stored


def fill(operations: Sequence[Any], tables: Sequence[Stored]) -> list[str]:
    """Give each new column the model's own default, for the rows that are there; say which columns have none.

    The database keeps the default, which a bridge never uses and other programs may.
    """
    by_table = {stored.table.name: stored for stored in tables}
    lacking = []
    for operation in flat(operations):
        if not isinstance(operation, ops.AddColumnOp) or operation.column.nullable:
            continue
        stored, column = by_table.get(operation.table_name), operation.column
        if stored is None:
            continue
        if column.name == VERSION:
            operation.column = with_default(column, "1")
            continue
        text = _default(stored.resource.by_column[column.name], stored.dialect)
        if text is None:
            lacking.append(
                f"{operation.table_name}.{column.name} is NOT NULL and has no default that could be written here: where there are rows,"
                " edit the revision."
            )
        else:
            operation.column = with_default(column, text)
    return lacking


def with_default(column: sa.Column[Any], text: str) -> sa.Column[Any]:
    return sa.Column(column.name, column.type, nullable=False, server_default=sa.text(text))


def _default(field: Field, dialect: Dialect) -> str | None:
    """SQL of the value that a document without the field gets; None where there is none, or not the same for every row."""
    value: JSON = None
    if not isinstance(field.default, Missing):
        value = field.default
    elif field.mint is not None and isinstance(field.kind, Json):
        value = to_json(field.kind, field.mint())
    if value is None:
        return None
    match field.kind:
        case Boolean():
            return "true" if value and dialect == "postgresql" else "false" if dialect == "postgresql" else str(int(bool(value)))
        case Integer() | BigInteger() | Float():
            return repr(value)
        case Json():
            return _quoted(json_text(value))
        case Bytes() | Time() | DateTime() | Date() if dialect == "sqlite":
            # SQLAlchemy spells moments in its own way there.
            return _quoted(str(value)) if isinstance(field.kind, Date) else None
        case Bytes():
            return None
        case _:
            return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    # In text() a colon begins a parameter.
    return "'" + text.replace("'", "''").replace(":", r"\:") + "'"
