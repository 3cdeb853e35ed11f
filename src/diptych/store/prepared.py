"""Every statement of one resource, built on first use and kept: SQLAlchemy compiles a statement object once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from diptych.resource.kinds import BigInteger, Integer
from diptych.resource.spelling import to_json
from diptych.semantics.row import Key
from diptych.store import gathered, probes, reads, statements
from diptych.store.direct import Direct
from diptych.store.reads import BoundKeys
from diptych.store.related import search_among
from diptych.store.ruled import InScope
from diptych.store.scoped import Rule
from diptych.store.search import Form, Search, search_keys
from diptych.store.search import search as build_search
from diptych.store.tables import Stored

# How many statements are kept compiled, and parsed on each connection; a resource has about twenty.
KEPT_STATEMENTS: Final = 4096
# What people search by is their own choice, and a statement with a hundred comparisons takes most of a megabyte: so many are kept
# for all resources together, and parsed on each connection that serves searches.
KEPT_SEARCHES: Final = 128

# The statement for windows of a form, or for rows by their keys with some fields, of the resource with a type name, under a rule.
Searches: TypeAlias = Callable[[str, Form | frozenset[str] | None, Rule | None], Search]


@dataclass(frozen=True, eq=False)
class Prepared:
    """One resource and its statements."""

    stored: Stored
    others: tuple[Stored, ...]  # every resource of the bridge, this one included, in the order of declaration
    searches: Searches

    @cached_property
    def numbered(self) -> bool:
        """Whether the database itself counts up the keys."""
        return not self.stored.resource.client_keyed and isinstance(self.stored.resource.key.kind, Integer | BigInteger)

    def minted_key(self) -> Key:
        """A key that the server gives without the database's help, such as a random UUID, which is never given twice."""
        field = self.stored.resource.key
        assert field.mint is not None, "the declaration gives such keys a factory"
        key: Key = to_json(field.kind, field.mint())
        return key

    @cached_property
    def insert_numbered(self) -> Direct:
        return Direct(statements.insert_numbered(self.stored))

    @cached_property
    def insert_keyed(self) -> Direct:
        return Direct(statements.insert_keyed(self.stored))

    @cached_property
    def update_one(self) -> Direct:
        return Direct(statements.update_one(self.stored))

    @cached_property
    def remove_one(self) -> Direct:
        return Direct(statements.remove_one(self.stored))

    @cached_property
    def remember_version(self) -> sa.Insert:
        return statements.remember_version(self.stored)

    @cached_property
    def open_ledger(self) -> sa.Insert:
        return statements.open_ledger(self.stored)

    @cached_property
    def update_many(self) -> Direct:
        return Direct(gathered.update_many(self.stored))

    @cached_property
    def insert_many_numbered(self) -> Direct:
        return Direct(gathered.insert_many_numbered(self.stored))

    @cached_property
    def insert_many_keyed(self) -> Direct:
        return Direct(gathered.insert_many_keyed(self.stored))

    @cached_property
    def remove_many(self) -> Direct:
        return Direct(gathered.remove_many(self.stored))

    @cached_property
    def open_ledgers(self) -> Direct:
        return Direct(gathered.open_ledgers(self.stored))

    @cached_property
    def fetch_many(self) -> Direct:
        return Direct(reads.fetch_many(self.stored))

    @cached_property
    def bound_keys(self) -> BoundKeys:
        return reads.bound_keys(self.stored)

    @cached_property
    def windows(self) -> dict[tuple[bool, bool, Literal["first", "last"]], sa.Select[Any]]:
        """By whether there is a lower end, an upper end, and the end that rows are counted from."""
        both: tuple[bool, bool] = (False, True)
        ends: tuple[Literal["first"], Literal["last"]] = ("first", "last")
        return {
            (after, before, end): reads.window(self.stored, after=after, before=before, end=end)
            for after in both
            for before in both
            for end in ends
        }

    def search(self, form: Form, scoped: InScope | None = None) -> Search:
        """The statement for windows of one form."""
        return self.searches(self.stored.resource.name, form, None if scoped is None else scoped.rule)

    def rows(self, fields: frozenset[str] | None, scoped: InScope | None = None) -> Search:
        """The statement for rows by their keys, with these fields."""
        return self.searches(self.stored.resource.name, fields, None if scoped is None else scoped.rule)

    @cached_property
    def key_taken(self) -> sa.Select[Any]:
        return probes.key_taken(self.stored)

    @cached_property
    def uniques(self) -> tuple[probes.Probe, ...]:
        return probes.uniques(self.stored)

    @cached_property
    def targets(self) -> tuple[probes.Probe, ...]:
        return probes.targets(self.stored)

    @cached_property
    def referrers(self) -> tuple[probes.Probe, ...]:
        return probes.referrers(self.stored, self.others)


def prepare(tables: tuple[Stored, ...]) -> dict[str, Prepared]:
    """By the resource's type name."""
    by_name = {stored.resource.name: stored for stored in tables}

    @lru_cache(maxsize=KEPT_SEARCHES)
    def searches(name: str, form: Form | frozenset[str] | None, rule: Rule | None) -> Search:
        stored = by_name[name]
        if not isinstance(form, Form):
            return search_keys(stored, form, rule)
        return build_search(stored, form, rule) if form.among is None else search_among(stored, form, form.among, rule)

    return {name: Prepared(stored, tables, searches) for name, stored in by_name.items()}
