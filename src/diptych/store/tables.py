"""The store's own tables, built from the declaration: a model's own table would lose zones, decimals and the order of text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from diptych.resource.kinds import BigInteger, Integer, Json
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version
from diptych.store.columns import Codec, Dialect, codec, column_type, value_type
from diptych.store.comparable import Comparable, comparables

VERSION = "version"


@dataclass(frozen=True)
class Stored:
    """One resource in the database: its table, the ledger of its keys where clients choose them, and how rows are read and written.

    The ledger has a row per key that was ever locked by a create or a delete; its version is the last one the key had when its
    row was deleted, 0 before that. Ledger rows are kept for ever.
    """

    resource: ResourceShape
    dialect: Dialect
    table: sa.Table
    ledger: sa.Table | None

    @cached_property
    def key(self) -> sa.Column[Any]:
        return self.table.c[self.resource.key.column]

    @cached_property
    def version(self) -> sa.Column[Any]:
        return self.table.c[VERSION]

    @cached_property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns of `resource.columns`, in their order."""
        return tuple(self.table.c[field.column] for field in self.resource.columns)

    @cached_property
    def echoed(self) -> tuple[Field, ...]:
        """The fields that a write reads back: a database may spell JSON in another way, and one state has one representation."""
        return tuple(field for field in self.resource.columns if isinstance(field.kind, Json))

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field.json_name for field in self.resource.columns)

    @cached_property
    def echoed_names(self) -> tuple[str, ...]:
        return tuple(field.json_name for field in self.echoed)

    @cached_property
    def codecs(self) -> Mapping[str, Codec]:
        """By JSON name, only those that do something."""
        all_of_them = ((field.json_name, codec(field.kind, self.dialect)) for field in self.resource.columns)
        return {name: one for name, one in all_of_them if one.into is not None}

    @cached_property
    def _parameters(self) -> tuple[tuple[str, str], ...]:
        return tuple((parameter(field), field.json_name) for field in self.resource.columns)

    @cached_property
    def _into(self) -> tuple[tuple[str, Any], ...]:
        return tuple((parameter(self.resource.by_json_name[name]), one.into) for name, one in self.codecs.items())

    @cached_property
    def comparables(self) -> dict[str, Comparable]:
        """The key and the columns as sides of a comparison, by JSON name."""
        return comparables(self.resource, self.dialect)

    @cached_property
    def outs(self) -> tuple[tuple[str, Any], ...]:
        """What makes canonical JSON of the values that need it, by JSON name."""
        return tuple((name, one.out) for name, one in self.codecs.items())

    def parameters(self, values: Document) -> dict[str, Any]:
        """What a statement on one row binds for the values of a whole document."""
        bound = {name: values[json_name] for name, json_name in self._parameters}
        for name, into in self._into:
            if bound[name] is not None:
                bound[name] = into(bound[name])
        return bound

    def arrays(self, documents: Sequence[Document]) -> dict[str, list[Any]]:
        """What a statement on many rows binds: an array for each column."""
        bound = {name: [values[json_name] for values in documents] for name, json_name in self._parameters}
        for name, into in self._into:
            bound[name] = [None if value is None else into(value) for value in bound[name]]
        return bound

    def values(self, stored: Iterable[Any]) -> dict[str, JSON]:
        """The values of a row out of its columns, in their order."""
        values = dict(zip(self.names, stored, strict=True))
        for name, out in self.outs:
            if values[name] is not None:
                values[name] = out(values[name])
        return values

    def row(self, stored: Sequence[Any]) -> Row:
        """A row out of its key, its version and its columns."""
        return Row(stored[0], stored[1], self.values(stored[2:]))

    def written(self, key: Key, version: Version, values: Document, echoed: Sequence[Any]) -> Row:
        """A row that was just written, `echoed` being what the database made of its JSON columns."""
        if echoed:
            values = {**values, **dict(zip(self.echoed_names, echoed, strict=True))}
        return Row(key, version, values)


def parameter(field: Field) -> str:
    """The name under which statements bind a field's value; SQLAlchemy keeps the bare column names for itself."""
    return f"p_{field.column}"


def build_tables(resources: Sequence[ResourceShape], dialect: Dialect) -> tuple[Stored, ...]:
    """The tables of all resources, in one MetaData, so that references find what they refer to."""
    metadata = sa.MetaData()
    tables = tuple(
        Stored(resource, dialect, _table(resource, metadata, dialect), _ledger(resource, metadata, dialect)) for resource in resources
    )
    _add_strangers(resources, metadata, dialect)
    return tables


def ledger_name(table: str) -> str:
    return f"{table}_ledger"


def _table(resource: ResourceShape, metadata: sa.MetaData, dialect: Dialect) -> sa.Table:
    key = resource.key
    counted = not resource.client_keyed and isinstance(key.kind, Integer | BigInteger)
    return sa.Table(
        resource.table,
        metadata,
        sa.Column(key.column, column_type(key.kind, dialect, key=True), primary_key=True, autoincrement=counted),
        sa.Column(VERSION, sa.BigInteger(), nullable=False),
        *(sa.Column(field.column, column_type(field.kind, dialect), nullable=field.nullable) for field in resource.columns),
        *(sa.UniqueConstraint(*unique.columns, name=unique.name) for unique in resource.uniques),
        # A colon would be taken for a parameter.
        *(sa.CheckConstraint(check.sql.replace(":", r"\:"), name=check.name) for check in resource.checks),
        *(sa.ForeignKeyConstraint([field.column], [_target(field)]) for field in _referring(resource)),
        *(sa.Index(index.name, *index.columns) for index in resource.indexes),
        # Without it SQLite gives the key of a deleted row to a new one, and one (key, version) would name two states.
        sqlite_autoincrement=counted,
    )


def _ledger(resource: ResourceShape, metadata: sa.MetaData, dialect: Dialect) -> sa.Table | None:
    if not resource.client_keyed:
        return None
    return sa.Table(
        ledger_name(resource.table),
        metadata,
        sa.Column("key", column_type(resource.key.kind, dialect), primary_key=True, autoincrement=False),
        sa.Column(VERSION, sa.BigInteger(), nullable=False),
    )


def _add_strangers(resources: Sequence[ResourceShape], metadata: sa.MetaData, dialect: Dialect) -> None:
    """Tables that are referred to and are no resources; they are known by the one column, and never created here."""
    for resource in resources:
        for field in _referring(resource):
            assert field.reference is not None
            table = metadata.tables.get(field.reference.table)
            if table is None:
                table = sa.Table(field.reference.table, metadata)
            if field.reference.column not in table.c:
                table.append_column(sa.Column(field.reference.column, value_type(field.kind, dialect)))


def _referring(resource: ResourceShape) -> list[Field]:
    return [field for field in resource.columns if field.reference is not None]


def _target(field: Field) -> str:
    assert field.reference is not None
    return f"{field.reference.table}.{field.reference.column}"
