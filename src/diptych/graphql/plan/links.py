"""Relations in a plan: what is written of a row leaves places open, and each level of them is read at once and filled in."""

from asyncio import gather
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from diptych.graphql.fields import FieldTypes
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.plan.leaves import Write
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.plan.shared import shared
from diptych.graphql.plan.sketch import Places, Sketch
from diptych.graphql.relations import read_pages, read_rows
from diptych.resource.shape import Relation, ResourceShape
from diptych.semantics.command import List
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid, Page
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


@dataclass(frozen=True, slots=True)
class Links:
    """The relations of one variant, and the places that are open for them.

    `begun` has, for each root field, what is written of the pages that callers were given together.
    """

    all: list[Link] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    begun: dict[str, WeakKeyDictionary[Page, Sketch]] = field(default_factory=dict)

    def add(self, link: Link) -> int:
        """Note a relation whose rows are not written yet; its number."""
        self.all.append(link)
        self.places.writes.append(_unwritten)
        self.places.open.append([])
        return len(self.all) - 1

    def under(self, variables: Mapping[str, Any]) -> "Linked":
        """What each relation asks with these variables. Raises NotPlain."""
        if not self.all:
            return _UNLINKED
        windows: list[List | None] = []
        for link in self.all:
            window = None if link.read is None else link.read(variables)
            if isinstance(window, Invalid):
                raise NotPlain
            windows.append(window)
        return Linked(self, windows)

    def begin(self, name: str, write: Write, answer: Any) -> Sketch:
        """What the root field of a response name writes of an answer. Raises what `write` does."""
        if not isinstance(answer, Page):
            return self.anew(write, answer)
        begun = self.begun.setdefault(name, WeakKeyDictionary())
        if answer not in begun:
            begun[answer] = self.anew(write, answer)
        return begun[answer]

    def anew(self, write: Write, answer: Any) -> Sketch:
        """The same, of which others have no part."""
        try:
            written = write(answer)
        finally:
            taken = self.places.take()
        return Sketch(shared(written) if isinstance(answer, Page) else written, taken)


@dataclass(frozen=True, slots=True)
class Linked:
    """The relations of one run, each with its window; None where there is one row."""

    links: Links
    windows: Sequence[List | None]

    async def write(self, name: str, write: Write, answer: Any, service: Acting) -> JSON:
        """Write the answer of a root field, and fill what it leaves open, level by level.

        Raises what `write` does, and NotPlain where a place cannot be filled: graphql-core reads it again, and finds the words.
        """
        links = self.links
        sketch, path = links.begin(name, write, answer), []
        while sketch.places:
            path.append(await self._ask(sketch.keys, service))
            sketch = sketch.filled(path, links.places, lambda: links.anew(write, answer))
        return sketch.written

    async def _ask(self, keys: Mapping[int, tuple[Key, ...]], service: Acting) -> list[list[Any]]:
        """What the keys of each relation lead to; relations that ask the same are asked together. Raises NotPlain where one cannot be."""
        together: dict[Hashable, list[int]] = {}
        for number in keys:
            together.setdefault(self._question(number), []).append(number)
        asked = [self._ask_some(numbers, keys, service) for numbers in together.values()]
        # One alone needs no task of its own.
        answers = await gather(*asked) if len(asked) > 1 else [await asked[0]]
        found: dict[int, Mapping[Key, Any]] = {}
        for numbers, answer in zip(together.values(), answers, strict=True):
            if answer is None:
                raise NotPlain
            found |= dict.fromkeys(numbers, answer)
        return [[found[number][key] for key in some] for number, some in keys.items()]

    def _question(self, number: int) -> Hashable:
        link = self.links.all[number]
        relation = link.related.relation
        return (relation.target, relation.field, self.windows[number]) if relation.many else (relation.target, link.fields)

    async def _ask_some(self, numbers: Sequence[int], keys: Mapping[int, tuple[Key, ...]], service: Acting) -> Mapping[Key, Any] | None:
        """What the keys of relations that ask the same lead to; None where that cannot be read."""
        link, window = self.links.all[numbers[0]], self.windows[numbers[0]]
        target, some = link.related.target, keys[numbers[0]]
        if len(numbers) > 1:
            some = tuple(dict.fromkeys(key for number in numbers for key in keys[number]))
        try:
            if window is None:
                return await read_rows(service, target, some, link.fields)
            return await read_pages(service, target, link.related.relation.field, some, window)
        except Exception:
            return None


_UNLINKED: Final = Linked(Links(), ())


def relations_of(resources: Sequence[ResourceShape]) -> Mapping[tuple[str, str], Related]:
    """The relations by type and name."""
    fields = FieldTypes(resources)
    targets = {resource.name: (resource, PageArguments(resource, fields)) for resource in resources}
    return {
        (resource.name, relation.name): Related(relation, resource.key_name if relation.many else relation.field, *targets[relation.target])
        for resource in resources
        for relation in resource.relations
    }


def _unwritten(_value: Any) -> JSON:
    raise NotPlain
