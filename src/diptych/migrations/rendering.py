"""Operations as the Python text of a revision: plain SQLAlchemy types, and what a rebuild on SQLite must be told."""

import re
from ast import literal_eval
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql import JSONB

from diptych.store.columns import Dialect, JsonText

# Names for the constraints without one of a table that SQLite rebuilds: only what has a name can be dropped from it.
NAMES: Final = """
# What SQLite rebuilds has constraints without names; these are what they are called below.
NAMES = {"uq": "%(table_name)s_%(column_0_N_name)s_key", "fk": "%(table_name)s_%(column_0_N_name)s_fkey"}
"""

# How each database is written to: with the driver that SQLAlchemy takes by itself, every % would come out twice.
SPOKEN: Final[Mapping[Dialect, str]] = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg"}

_BATCH: Final = re.compile(
    r"""^(?P<indent> *)with op\.batch_alter_table\((?P<table>'(?:[^'\\]|\\.)+'|"(?:[^"\\]|\\.)+"), schema=None\) as batch_op:\n""",
    re.MULTILINE,
)


def render(
    operations: ops.UpgradeOps | ops.DowngradeOps, dialect: Dialect, *, checks: Mapping[str, Sequence[str]], counted: Collection[str]
) -> str:
    """The body of a function of a revision.

    `checks` has, by table, the CHECK constraints without a name that a rebuilt table must have, and `counted` the tables whose
    keys SQLite counts with AUTOINCREMENT: reading a table back, SQLAlchemy sees neither.
    """
    _forget_options(operations, dialect)
    with_batches = dialect == "sqlite"
    context = MigrationContext.configure(dialect_name=SPOKEN[dialect])
    text = render_python_code(operations, render_as_batch=with_batches, render_item=_item, migration_context=context)
    lines = [line for line in text.splitlines() if not line.strip().startswith("# ###")]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return _told(body, checks, counted) if with_batches else body


def imports_of(*bodies: str) -> str:
    return "from sqlalchemy.dialects import postgresql\n" if any("postgresql." in body for body in bodies) else ""


def rebuild(table: str, checks: Mapping[str, Sequence[str]]) -> str:
    """The text that rebuilds a table of SQLite as it is, but with AUTOINCREMENT."""
    return f"    with op.batch_alter_table({table!r}, {_arguments(table, checks, {table}, always=True)}):\n        pass\n"


def _told(body: str, checks: Mapping[str, Sequence[str]], counted: Collection[str]) -> str:
    """Tell each batch that rebuilds its table what it could not read back."""
    # A body has its first line without the indent of the others.
    blocks = re.split(r"(?m)^(?= *with op\.batch_alter_table)", body)
    told = []
    for block in blocks:
        head = _BATCH.match(block)
        if head is None or not re.search(r"batch_op\.(?!add_column|create_index|drop_index)", block.split("\n\n")[0]):
            told.append(block)
            continue
        arguments = _arguments(literal_eval(head["table"]), checks, counted)
        told.append(f"{head['indent']}with op.batch_alter_table({head['table']}, {arguments}) as batch_op:\n{block[head.end() :]}")
    return "".join(told)


def _arguments(table: str, checks: Mapping[str, Sequence[str]], counted: Collection[str], *, always: bool = False) -> str:
    arguments = ["recreate='always'"] if always else []
    if unnamed := checks.get(table):
        arguments.append(f"table_args=[{', '.join(f'sa.CheckConstraint({escaped(check)!r})' for check in unnamed)}]")
    if table in counted:
        arguments.append("table_kwargs={'sqlite_autoincrement': True}")
    return ", ".join([*arguments, "naming_convention=NAMES"])


def escaped(sql: str) -> str:
    """SQL in which a colon is no parameter."""
    return sql.replace(":", r"\:")


def _item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Types as what they are in SQL: how values get in and out is the store's affair. False leaves an item to Alembic."""
    if kind == "type":
        match item:
            case JSONB():
                return "postgresql.JSONB()"
            case JsonText():
                return "sa.Text()"
            case sa.JSON():
                return "sa.JSON()"
            case sa.Uuid():
                return "sa.Uuid()"
            case _:
                return False
    if kind == "check" and isinstance(item, sa.CheckConstraint):
        name = f", name={str(item.name)!r}" if isinstance(item.name, str) else ""
        return f"sa.CheckConstraint({str(item.sqltext).replace(chr(92) + ':', ':').replace(':', chr(92) + ':')!r}{name})"
    return False


def _forget_options(operations: Any, dialect: Dialect) -> None:
    """Leave out what says nothing to this database."""

    def walk(each: Iterable[Any]) -> None:
        for operation in each:
            if isinstance(operation, ops.OpContainer):
                walk(operation.ops)
            elif isinstance(operation, ops.CreateTableOp) and (dialect != "sqlite" or not operation.kw.get("sqlite_autoincrement")):
                operation.kw.pop("sqlite_autoincrement", None)

    walk(operations.ops)
