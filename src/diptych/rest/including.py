"""Rows beside rows: what `include` asks for, one statement for each relation however many rows there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diptych.resource.shape import Relation, ResourceShape
from diptych.rest.paging import page_body
from diptych.rest.view import View, value_of
from diptych.semantics.command import FetchMany, List
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Denied, Invalid, Page, Unavailable
from diptych.semantics.row import Row
from diptych.service.acting import Acting

Beside = Sequence[Mapping[str, JSON]]


@dataclass(frozen=True, slots=True)
class Refused:
    """What is included cannot be read; `resource` is the one that it is of."""

    refusal: Invalid | Denied | Unavailable
    resource: ResourceShape


class Including:
    """Reads the rows of other resources, by type name. Each relation is read by itself, a moment after the rows it belongs to."""

    def __init__(self, acting: Acting, resources: Mapping[str, ResourceShape]) -> None:
        self._acting = acting
        self._resources = resources

    async def beside(self, rows: Sequence[Row], shape: ResourceShape, view: View) -> Beside | Refused:
        """The members to show with each row besides its own, in the same order; an empty list where a view includes nothing."""
        if not view.include:
            return ()
        members: list[dict[str, JSON]] = [{} for _ in rows]
        for relation in view.include:
            found = await (self._many if relation.many else self._one)(rows, shape, relation)
            if not isinstance(found, list):
                return found
            for more, value in zip(members, found, strict=True):
                more[relation.name] = value
        return members

    async def _one(self, rows: Sequence[Row], shape: ResourceShape, relation: Relation) -> list[JSON] | Refused:
        """The row that each refers to, or null."""
        target = self._resources[relation.target]
        references = [value_of(row, relation.field, shape) for row in rows]
        keys = tuple(dict.fromkeys(key for key in references if key is not None))
        found = await self._acting.fetch_many(target, FetchMany(keys)) if keys else ()
        if isinstance(found, Invalid | Denied | Unavailable):
            return Refused(found, target)
        view = self._acting.view(target)
        written = {row.key: view.representation(row) for row in found if row is not None}
        return [written.get(key) for key in references]

    async def _many(self, rows: Sequence[Row], shape: ResourceShape, relation: Relation) -> list[JSON] | Refused:
        """The first page of the rows that refer to each."""
        target = self._resources[relation.target]
        keys = [row.key for row in rows]
        found = await self._acting.related(target, relation.field, keys, List(target.limits.usual_page)) if keys else {}
        if isinstance(found, Invalid | Denied | Unavailable):
            return Refused(found, target)
        nothing = Page((), has_next=False, has_previous=False)
        return [page_body(found.get(key, nothing), self._acting.view(target)) for key in keys]
