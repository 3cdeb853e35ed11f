"""Relations in a plan: what is written of a row leaves places open, and each level of them is read at once and filled in."""

from asyncio import gather
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych.graphql.fields import FieldTypes
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.plan.leaves import Write
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.relations import read_pages, read_rows
from diptych.resource.shape import Relation, ResourceShape
from diptych.semantics.command import List
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid
from diptych.semantics.row import Key
from diptych.service.acting import Acting


@dataclass(frozen=True, slots=True)
class Related:
    """One relation of one resource. `source` is the JSON name of what it starts from: the key, or the reference."""

    relation: Relation
    source: str
    target: ResourceShape
    arguments: PageArguments


@dataclass(frozen=True, slots=True)
class Link:
    """One relation where it is selected. `read` makes the window of a page out of variables; it is None where there is one row."""

    related: Related
    read: Callable[[Mapping[str, Any]], List | Invalid] | None
    fields: frozenset[str] | None
    write: Write
    number: int


@dataclass(frozen=True, slots=True)
class Open:
    """A place in an answer, to be filled with what a key leads to."""

    link: Link
    key: Key
    written: dict[str, JSON]
    name: str


@dataclass(frozen=True, slots=True)
class Links:
    """The relations of one variant. `opened` is filled while something is written, and emptied before anything is waited for."""

    all: list[Link] = field(default_factory=list)
    opened: list[Open] = field(default_factory=list)

    def under(self, variables: Mapping[str, Any]) -> "Linked":
        """What each relation asks with these variables. Raises NotPlain."""
        windows: list[List | None] = []
        for link in self.all:
            window = None if link.read is None else link.read(variables)
            if isinstance(window, Invalid):
                raise NotPlain
            windows.append(window)
        return Linked(self, windows)

    def take(self) -> list[Open]:
        """What was left open since the last time."""
        taken = self.opened[:]
        self.opened.clear()
        return taken


@dataclass(frozen=True, slots=True)
class Linked:
    """The relations of one run, each with its window; None where there is one row."""

    links: Links
    windows: Sequence[List | None]

    async def follow(self, level: list[Open], service: Acting) -> None:
        """Fill what was left open, level by level; places that ask the same are filled together.

        Raises NotPlain where one of them cannot be: graphql-core reads them again, and finds the words.
        """
        windows = self.windows
        while level:
            groups: dict[Hashable, list[Open]] = {}
            for one in level:
                groups.setdefault(_question(one.link, windows), []).append(one)
            found = await gather(*(_ask(some, windows, service) for some in groups.values()), return_exceptions=True)
            try:
                for some, values in zip(groups.values(), found, strict=True):
                    if isinstance(values, Exception):
                        raise NotPlain
                    if isinstance(values, BaseException):
                        raise values
                    for one in some:
                        value = values[one.key]
                        one.written[one.name] = None if value is None else one.link.write(value)
            finally:
                level = self.links.take()


def relations_of(resources: Sequence[ResourceShape]) -> Mapping[tuple[str, str], Related]:
    """The relations by type and name."""
    fields = FieldTypes(resources)
    targets = {resource.name: (resource, PageArguments(resource, fields)) for resource in resources}
    return {
        (resource.name, relation.name): Related(relation, resource.key_name if relation.many else relation.field, *targets[relation.target])
        for resource in resources
        for relation in resource.relations
    }


def _question(link: Link, windows: Sequence[List | None]) -> Hashable:
    relation = link.related.relation
    return (relation.target, relation.field, windows[link.number]) if relation.many else (relation.target, link.fields)


async def _ask(some: Sequence[Open], windows: Sequence[List | None], service: Acting) -> Mapping[Key, Any]:
    link, keys = some[0].link, list(dict.fromkeys(one.key for one in some))
    window, target = windows[link.number], link.related.target
    if window is None:
        return await read_rows(service, target, keys, link.fields)
    return await read_pages(service, target, link.related.relation.field, keys, window)
