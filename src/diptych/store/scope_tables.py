"""The tables that a condition names: those of resources become the store's own, all others stay what they are."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql import elements, selectable

from diptych.resource.kinds import BigInteger, DateTime, Decimal, Duration, Enumeration, Json, Kind, Uuid
from diptych.resource.shape import Field
from diptych.store.comparable import Comparable
from diptych.store.tables import VERSION, Stored

# The store's table of each model, by the model's own table.
Tables: TypeAlias = Mapping[Any, Stored]


class NamedTables:
    """What the tables of one condition are in the database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._aliases: dict[tuple[Any, str], Any] = {}

    def source(self, source: Any) -> Any:
        """What stands in FROM in the place of a table or an alias of one.

        It is always the very same object: a copy would be one more table in FROM, joined with every row of the others.
        """
        stored = self.stored(source)
        if isinstance(source, selectable.Alias):
            # Copies of an alias have its name, which SQLAlchemy makes of its identity.
            key = source.element, source.name
            return self._aliases.setdefault(key, source if stored is None else stored.table.alias())
        return source if stored is None else stored.table

    def stored(self, source: Any) -> Stored | None:
        """The resource whose rows a table or an alias has, None where they are somebody else's."""
        table = source.element if isinstance(source, selectable.Alias) else source
        return self._tables.get(table) if isinstance(table, sa.Table) else None

    def comparable(self, node: Any) -> Comparable | None:
        """The field of a resource that an expression has the values of, None for anything else."""
        node = inner(node)
        if isinstance(node, selectable.Select):
            return self.comparable(node._raw_columns[0]) if len(node._raw_columns) == 1 else None
        stored = self.stored(node.table) if isinstance(node, sa.Column) else None
        if stored is None:
            return None
        if node.name == VERSION:
            return Comparable(Field(VERSION, VERSION, VERSION, BigInteger(), nullable=False), stored.dialect)
        return Comparable(stored.resource.by_column[node.name], stored.dialect)


def inner(node: Any) -> Any:
    """An expression without what is only put around it."""
    while isinstance(node, elements.Grouping | elements.Label | selectable.ScalarSelect | selectable.SelectStatementGrouping):
        node = node.element
    return node


def has_own_spelling(kind: Kind) -> bool:
    """Whether the store keeps values in a way of its own in one of the databases, so that no SQL but ours understands them."""
    return isinstance(kind, Json | Enumeration | DateTime | Decimal | Duration)


def are_alike(one: Kind, other: Kind) -> bool:
    """Whether the values of two kinds can be compared as they are stored."""
    if isinstance(one, Uuid) or isinstance(other, Uuid):
        return type(one) is type(other)
    if not (has_own_spelling(one) or has_own_spelling(other)):
        return True
    if isinstance(one, Enumeration) and isinstance(other, Enumeration):
        return one.enum is other.enum
    return type(one) is type(other) and not isinstance(one, Json)
