"""Arguments of lists, translated into commands: the window, what the rows are filtered and ordered by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diptych.graphql.fields import FieldTypes, Read, reader_of_key
from diptych.graphql.order_values import read_order
from diptych.graphql.selected import ALL, Selected
from diptych.resource import kinds
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.command import List
from diptych.semantics.condition import EVERYTHING, Condition, Filterable, Operator, read_condition
from diptych.semantics.order import Order
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid, Violation
from diptych.semantics.read import order_violations, size_violation


class PageArguments:
    """Translates for the lists of one resource."""

    def __init__(self, resource: ResourceShape, fields: FieldTypes) -> None:
        self._resource = resource
        self._limits = resource.limits
        self._filters = _Filters(resource, fields)

    def read(self, given: Mapping[str, Any], selected: Selected = ALL) -> List | Invalid:
        """Read a page's arguments; a null is one that was left out. Source: GraphQL Cursor Connections, section 4."""
        first, last, after, before = (given.get(name) for name in ("first", "last", "after", "before"))
        most = self._limits.page_size
        violations = [
            wrong for name, size in (("first", first), ("last", last)) if size is not None and (wrong := size_violation(name, size, most))
        ]
        if first is not None and last is not None:
            violations.append(Violation("/last", "not_allowed", "Must not stand together with `first`."))
        where, order = given.get("where"), self._order(given.get("orderBy"), violations)
        condition = EVERYTHING if where is None else self._condition(where, violations)
        if violations:
            return Invalid(tuple(violations[:MOST_VIOLATIONS]))
        # A cursor to end before, and nothing else, asks for the page that ends there.
        backwards = last is not None or (first is None and after is None and before is not None)
        size = next((size for size in (first, last) if size is not None), self._limits.usual_page)
        return List(size, "last" if backwards else "first", after, before, condition, order, selected.counted, selected.fields)

    def _order(self, given: Any, violations: list[Violation]) -> tuple[Order, ...]:
        if given is None:
            return ()
        order = tuple(map(read_order, given))
        violations.extend(order_violations(order, self._resource, "/orderBy"))
        return order

    def _condition(self, where: Any, violations: list[Violation]) -> Condition:
        condition = read_condition(where, self._filters, limits=self._limits)
        if not isinstance(condition, Invalid):
            return condition
        violations.extend(condition.violations)
        return EVERYTHING


class _Filters:
    """The filters of a resource, for values as GraphQL has them; implements `diptych.semantics.condition.Filters`.

    Each value becomes REST's where it is read, so that of a hostile filter no more is translated than is looked at.
    """

    def __init__(self, resource: ResourceShape, fields: FieldTypes) -> None:
        self.name = resource.name
        self.readable_names = resource.readable_names
        self.filters: Mapping[str, Filterable] = {
            column.json_name: _translated(resource.filters[column.json_name], _reader(column, resource, fields))
            for column in (resource.key, *resource.columns)
            if column.json_name in resource.filters
        }


@dataclass(frozen=True, slots=True)
class _Translated:
    """A field whose values have another form here, such as an enum's members."""

    filterable: Filterable
    translate: Read

    @property
    def operators(self) -> frozenset[Operator]:
        return self.filterable.operators

    def read(self, value: Any, operator: Operator) -> Any | Violation:
        return self.filterable.read(self.translate(value), operator)


def _translated(filterable: Filterable, translate: Read | None) -> Filterable:
    return filterable if translate is None else _Translated(filterable, translate)


def _reader(field: Field, resource: ResourceShape, fields: FieldTypes) -> Read | None:
    if field is resource.key:
        return reader_of_key(field)
    # What a JSON field contains is spelled as on REST.
    return None if isinstance(field.kind, kinds.Json) else fields.reader(field)
