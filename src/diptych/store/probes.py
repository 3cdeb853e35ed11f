"""Questions that are asked after a violation, in the order of declaration: drivers name constraints differently, or not at all."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from diptych.resource.shape import Field
from diptych.store.statements import KEY, key_parameter, value_parameter
from diptych.store.tables import Stored, parameter

# What is selected where only the presence of a row tells.
_ANY: sa.ColumnClause[int] = sa.literal_column("1", sa.Integer())


@dataclass(frozen=True, slots=True)
class Probe:
    """A SELECT that gives a row where one constraint is violated; `fields` are the JSON names, of `resource`'s, to be told then.

    `needs` are the parameters that must not be NULL for the constraint to speak at all.
    """

    statement: sa.Select[Any]
    resource: str
    fields: tuple[str, ...]
    needs: tuple[str, ...]


def key_taken(stored: Stored) -> sa.Select[Any]:
    return sa.select(_ANY).select_from(stored.table).where(stored.key == key_parameter(stored))


def uniques(stored: Stored) -> tuple[Probe, ...]:
    """Does another row have these values already?"""
    fields = stored.resource.by_column
    return tuple(
        _unique(stored, [fields[column] for column in unique.columns])
        for unique in stored.resource.uniques
        if all(column in fields for column in unique.columns)
    )


def targets(stored: Stored) -> tuple[Probe, ...]:
    """Is the row that one of our fields refers to missing?"""
    return tuple(_missing_target(stored, field) for field in stored.resource.columns if field.reference is not None)


def referrers(stored: Stored, others: tuple[Stored, ...]) -> tuple[Probe, ...]:
    """Does a row of a resource refer to this one, other than the row itself?"""
    return tuple(
        _referrer(stored, other, field)
        for other in others
        for field in other.resource.columns
        if field.reference is not None and field.reference.table == stored.table.name
    )


def stranger(stored: Stored, table: str, column: str, referred: str) -> sa.Select[Any]:
    """Does a row of a table that is no resource refer to this one?"""
    other = sa.table(table, sa.column(column))
    joined = stored.table.join(other, other.c[column] == stored.table.c[referred])
    return sa.select(_ANY).select_from(joined).where(stored.key == key_parameter(stored)).limit(1)


def _unique(stored: Stored, fields: list[Field]) -> Probe:
    key = stored.resource.key
    given = [key_parameter(stored) if field is key else value_parameter(stored, field) for field in fields]
    equal = [stored.table.c[field.column] == value for field, value in zip(fields, given, strict=True)]
    other = stored.key.is_distinct_from(key_parameter(stored))
    found = sa.select(_ANY).select_from(stored.table).where(*equal, other).limit(1)
    needs = tuple(KEY if field is key else parameter(field) for field in fields)
    return Probe(found, stored.resource.name, tuple(field.json_name for field in fields), needs)


def _missing_target(stored: Stored, field: Field) -> Probe:
    assert field.reference is not None
    table = stored.table.metadata.tables[field.reference.table]
    given = value_parameter(stored, field)
    there = sa.exists().where(table.c[field.reference.column] == given)
    missing = sa.select(_ANY).where(~there)
    if table is stored.table and field.reference.column == stored.key.name:
        # A row may refer to itself.
        missing = missing.where(given.is_distinct_from(key_parameter(stored)))
    return Probe(missing, stored.resource.name, (field.json_name,), (parameter(field),))


def _referrer(stored: Stored, other: Stored, field: Field) -> Probe:
    assert field.reference is not None
    referring = other.table.alias("referring")
    joined = stored.table.join(referring, referring.c[field.column] == stored.table.c[field.reference.column])
    found = sa.select(_ANY).select_from(joined).where(stored.key == key_parameter(stored)).limit(1)
    if other.table is stored.table:
        found = found.where(referring.c[other.key.name] != stored.key)
    return Probe(found, other.resource.name, (field.json_name,), (KEY,))
