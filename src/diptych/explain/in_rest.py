"""From GraphQL to REST: the request that means what a root field means, and those that its relations need besides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from diptych.explain.answers import Step, Template
from diptych.explain.errors import NotUnderstood
from diptych.explain.operations import ForeignField, RootField
from diptych.explain.requests import Requests, as_message
from diptych.explain.sameness import same_command
from diptych.explain.selections import Related, Rows
from diptych.explain.words import named
from diptych.resource.shape import ResourceShape
from diptych.rest.spelling import Request, Unspelled, request_of
from diptych.rest.view import View
from diptych.semantics.command import Command, Fetch, FetchMany, List, Unaddressable
from diptych.semantics.condition import AllOf, Compare
from diptych.semantics.outcome import Invalid

_READS: Final = (Fetch, List, FetchMany)
_SEVERAL: Final = "REST answers them in the order of their keys, each once, and leaves out those that are not there."


class InRestSpeller:
    """Spells root fields as requests, and reads each request back to see that it says the same."""

    def __init__(self, resources: Sequence[ResourceShape], base: str, requests: Requests) -> None:
        self._resources: Mapping[str, ResourceShape] = {resource.name: resource for resource in resources}
        self._base = base
        self._requests = requests

    def step(self, asked: RootField | ForeignField) -> Step:
        if isinstance(asked, ForeignField):
            said = f"{asked.field} is the application's own field; no resource stands behind it, so REST has no request for it."
            return Step(asked.name, "", "", None, notes=(said,), exact=False)
        command, resource, rows = asked.command, asked.resource, asked.rows
        if isinstance(command, Invalid):
            wrong = "; ".join(f"{one.pointer}: {one.message}" for one in command.violations)
            return Step(asked.name, resource.name, "list", None, notes=(f"Refused as invalid: {wrong}",), exact=False)
        reads = isinstance(command, _READS)
        included, apart = _split(rows, reads, self._resources)
        view = _view(rows, included, apart, resource) if reads else View()
        request = self._request(command, resource, view)
        if isinstance(request, Unspelled):
            return Step(asked.name, resource.name, named(command), None, notes=(request.reason,), exact=False)
        several = isinstance(command, FetchMany)
        further: list[Template] = []
        notes = [_SEVERAL] if several else []
        notes += self._further(apart, resource, asked.name, further)
        return Step(asked.name, resource.name, named(command), request, tuple(further), tuple(notes), exact=not several and not apart)

    def _request(self, command: Command | FetchMany, resource: ResourceShape, view: View) -> Request | Unspelled:
        """A request that REST reads as this very command, or why there is none."""
        request = request_of(command, resource, self._base, view)
        if isinstance(request, Unspelled) or isinstance(command, FetchMany):
            return request
        try:
            understood = self._requests.read(as_message(request))
        except NotUnderstood as error:
            return Unspelled(f"REST has no request for this. {error}")
        if understood.resource is resource and same_command(command, understood.command, resource):
            return request
        return Unspelled("REST has no request for this: it would read the values as others.")

    def _further(self, related: Sequence[Related], resource: ResourceShape, each: str, further: list[Template]) -> Iterator[str]:
        """A template for each relation that needs requests of its own, and for those inside; yields what is to be said."""
        for one in related:
            target, place = self._resources[one.relation.target], f"{each}.{one.name}"
            included, apart = _split(one.rows, True, self._resources)
            view = _view(one.rows, included, apart, target)
            request = self._of_each(one, resource, target, view)
            if isinstance(request, Unspelled):
                yield f"{place}: {request.reason}"
                continue
            further.append(Template(each, request))
            yield f"{place}: REST needs a further request for each row, the one that is given for each of {each}."
            yield from self._further(apart, target, place, further)

    def _of_each(self, one: Related, resource: ResourceShape, target: ResourceShape, view: View) -> Request | Unspelled:
        """The read of what belongs to a row; the row's own value is put in later, so a name in braces stands for it."""
        if isinstance(one.page, Invalid):
            return Unspelled("refused as invalid: " + "; ".join(f"{wrong.pointer}: {wrong.message}" for wrong in one.page.violations))
        if one.page is None:
            return _with_place(request_of(Fetch(Unaddressable("{key}")), target, self._base, view), one.relation.field, "{key}")
        if one.relation.field not in target.filters:
            return Unspelled(f"lists of {target.name} rows are not filtered by {one.relation.field}.")
        referring = Compare(one.relation.field, "eq", "{key}")
        page = replace(one.page, where=AllOf((referring, one.page.where)))
        return _with_place(request_of(page, target, self._base, view), resource.key_name, "{key}")


def _with_place(request: Request | Unspelled, member: str, stands: str) -> Request | Unspelled:
    if isinstance(request, Unspelled):
        return request
    return replace(request, target=request.target.replace(quote(stands, safe=""), f"{{{member}}}", 1))


def _split(rows: Rows, reads: bool, resources: Mapping[str, ResourceShape]) -> tuple[Sequence[Related], Sequence[Related]]:
    """The relations that `include` answers, and those that need requests of their own."""
    included: dict[str, Related] = {}
    apart: list[Related] = []
    for one in rows.related:
        usual = one.page is None or one.page == List(resources[one.relation.target].limits.usual_page)
        if reads and usual and not one.rows.related:
            included.setdefault(one.relation.name, one)
        else:
            apart.append(one)
    return tuple(included.values()), apart


def _view(rows: Rows, included: Sequence[Related], apart: Sequence[Related], resource: ResourceShape) -> View:
    """The members that were selected, and those that further requests begin with; a row without any is shown by its key."""
    needed = {resource.key_name if one.relation.many else one.relation.field for one in apart}
    fields = (rows.fields | needed) or frozenset({resource.key_name})
    return View(None if fields == resource.readable_names else fields, tuple(one.relation for one in included))
