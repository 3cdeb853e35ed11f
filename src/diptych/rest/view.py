"""Views: which members of a row a reader asks for, and which rows beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from diptych.resource.shape import Relation, ResourceShape
from diptych.rest.query import read_query, taken_once
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid, Violation
from diptych.semantics.pointer import pointer
from diptych.semantics.row import Row

VIEW_PARAMETERS: Final = ("fields", "include")


@dataclass(frozen=True, slots=True)
class View:
    """The members to show, by JSON name, None for all; and the relations whose rows are shown as members besides."""

    fields: frozenset[str] | None = None
    include: tuple[Relation, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether this is the representation itself, the one that a strong tag names."""
        return self.fields is None and not self.include

    def needed(self, shape: ResourceShape, ordered_by: Sequence[str] = ()) -> frozenset[str] | None:
        """The stored fields whose values it takes to show rows, follow their references and mark their places; None for all."""
        if self.fields is None:
            return None
        return shape.fields & self.fields.union(ordered_by, (relation.field for relation in self.include if not relation.many))


WHOLE_ROW: Final = View()


def read_item_view(query: bytes, shape: ResourceShape) -> View | Invalid:
    """Read the query of a read of one row, which has no other parameters than these."""
    read = read_query(query)
    values, repeated = taken_once(read.parameters, VIEW_PARAMETERS)
    strange = {
        one.at: Violation(one.at, "unknown", "There is no such parameter.") for one in read.parameters if one.name not in VIEW_PARAMETERS
    }
    view, wrong = read_view(values, shape)
    violations = (*read.violations, *strange.values(), *repeated, *wrong)
    return Invalid(violations[:MOST_VIOLATIONS]) if violations else view


def read_view(values: Mapping[str, str], shape: ResourceShape) -> tuple[View, Sequence[Violation]]:
    """Read `fields` and `include`, if they came; each name of their lists has a pointer of its own."""
    if values.keys().isdisjoint(VIEW_PARAMETERS):
        return WHOLE_ROW, ()
    relations = {relation.name: relation for relation in shape.relations}
    fields, wrong = _names("fields", values, shape.readable_names, "field")
    include, more = _names("include", values, relations, "relation")
    return View(None if fields is None else frozenset(fields), tuple(relations[name] for name in include or ())), [*wrong, *more]


def shown(rows: Sequence[Row], shape: ResourceShape, view: View, beside: Sequence[Mapping[str, JSON]]) -> list[dict[str, JSON]]:
    """Write rows as a view has them; `beside` has the included members of each, or nothing at all."""
    fields = view.fields
    whole = [shape.representation(row) for row in rows] if fields is None else [_part(row, shape, fields) for row in rows]
    return [{**one, **more} for one, more in zip(whole, beside, strict=True)] if view.include else whole


def value_of(row: Row, field: str, shape: ResourceShape) -> JSON:
    return row.key if field == shape.key_name else row.values[field]


def _part(row: Row, shape: ResourceShape, fields: frozenset[str]) -> dict[str, JSON]:
    part: dict[str, JSON] = {shape.key_name: row.key} if shape.key_name in fields else {}
    part |= {column.json_name: row.values[column.json_name] for column in shape.readable if column.json_name in fields}
    return part | {"version": row.version} if "version" in fields else part


def _names(
    parameter: str, values: Mapping[str, str], known: Mapping[str, object] | frozenset[str], word: str
) -> tuple[Sequence[str] | None, Sequence[Violation]]:
    if parameter not in values:
        return None, ()
    names: dict[str, None] = {}
    wrong: list[Violation] = []
    for number, name in enumerate(values[parameter].split(",")):
        if name not in known:
            wrong.append(Violation(pointer(parameter, number), "unknown", f"There is no such {word}."))
        elif name in names:
            wrong.append(Violation(pointer(parameter, number), "not_allowed", f"A {word} is named once."))
        else:
            names[name] = None
    return tuple(names), wrong
