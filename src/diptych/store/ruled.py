"""Every statement of one resource under one rule, built on first use and kept with the rule."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import sqlalchemy as sa

from diptych.store import gathered, reads, statements
from diptych.store.direct import Direct
from diptych.store.scoped import Rule, Scoped
from diptych.store.statements import key_parameter
from diptych.store.tables import Stored


@dataclass(frozen=True, eq=False)
class Ruled:
    """The statements that have a rule in them."""

    stored: Stored
    rule: Rule

    @cached_property
    def update_one(self) -> Direct:
        return Direct(statements.update_one(self.stored, self.rule.both()))

    @cached_property
    def remove_one(self) -> Direct:
        return Direct(statements.remove_one(self.stored, self.rule.both()))

    @cached_property
    def inside_one(self) -> Direct:
        """Whether a row that was just written, under KEY, is in the scope: it comes back then."""
        return Direct(sa.select(self.stored.key).where(self.stored.key == key_parameter(self.stored), self.rule.both()))

    @cached_property
    def update_many(self) -> Direct:
        return Direct(gathered.update_many(self.stored, self.rule))

    @cached_property
    def insert_many_numbered(self) -> Direct:
        return Direct(gathered.insert_many_numbered(self.stored, self.rule))

    @cached_property
    def insert_many_keyed(self) -> Direct:
        return Direct(gathered.insert_many_keyed(self.stored, self.rule))

    @cached_property
    def remove_many(self) -> Direct:
        return Direct(gathered.remove_many(self.stored, self.rule))

    @cached_property
    def inside_many(self) -> Direct:
        return Direct(gathered.inside_many(self.stored, self.rule))

    @cached_property
    def fetch(self) -> sa.Select[Any]:
        build = gathered.fetch_in_scope if self.stored.dialect == "postgresql" else reads.fetch_in_scope
        return build(self.stored, self.rule)


# The scope of one caller, with the statements that it shares with others of its rule.
InScope: TypeAlias = Scoped[Ruled]
