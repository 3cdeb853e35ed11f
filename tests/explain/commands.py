"""Commands made at random, with values of every kind of column, most of them good."""

import base64
from random import Random
from typing import Any, Final

from diptych.resource import kinds
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.command import Address, Command, Create, Delete, Fetch, JsonPatch, List, MergePatch, Replace, Unaddressable
from diptych.semantics.condition import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.order import Order, Place, write_place
from diptych.semantics.outcome import Violation
from diptych.semantics.precondition import Absent, IsAt, Precondition
from diptych.semantics.version import Version

TEXTS: Final = ("a", "b", "ünï", "x&y=z", "a/b", "a b+c%20", '"quoted"', "null", "7", "{id}", "\U0001f600", "x" * 30)
UUIDS: Final = ("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-4000-8000-000000000001")
JSONS: Final[tuple[Any, ...]] = ({}, {"a": [1, {"b": None}], "": 0.5}, [], ["x", None, True], "x", 1, False)
# By field, where not every value of the kind will do.
OBJECTS: Final[dict[str, tuple[Any, ...]]] = {
    "notes": ({}, {"a": [1, {"b": None}], "": 0.5, "k&v": "ü"}),
    "metadata": ({}, {"language": "en", "deep": [[1]]}),
    "address": ({"city": "Ulm", "zip": 1}, {"city": "", "zip": 2, "streets": [{"name": "A", "number": 1}]}),
    "quantity": (0, 1, 2**31 - 1),
    "sku": TEXTS,
}
BY_KIND: Final[dict[type, tuple[Any, ...]]] = {
    kinds.Text: TEXTS,
    kinds.Integer: (0, 1, -5, 2**31 - 1),
    kinds.BigInteger: (0, 2**53 - 1, -(2**40)),
    kinds.Float: (0.5, -2.25, 1e300, 3, 1e16),
    kinds.Boolean: (True, False),
    kinds.Decimal: ("1.50", "0", "-3.1"),
    kinds.DateTime: ("2024-05-01T12:30:00Z", "2024-02-29T23:59:59.000001Z"),
    kinds.Date: ("2024-05-01",),
    kinds.Time: ("12:30:00", "23:59:59.5"),
    kinds.Duration: ("PT1H30M", "P1DT2H"),
    kinds.Uuid: UUIDS,
    kinds.Bytes: tuple(base64.b64encode(raw).decode() for raw in (b"", b"\x00\x01\xff+/")),
}


class CommandMaker:
    """Makes commands for some resources; `odd` is how likely a value is wrong in a way that both doors can say."""

    def __init__(self, shapes: list[ResourceShape], random: Random, odd: float) -> None:
        self._shapes = shapes
        self._random = random
        self._odd = odd

    def command(self) -> tuple[ResourceShape, Command]:
        shape = self._random.choice(self._shapes)
        match self._random.choice(("create", "create", "create", "replace", "merge", "merge", "json", "delete", "fetch", "list", "list")):
            case "create":
                document = self._document(shape) | ({shape.key_name: self._stored_key(shape)} if shape.client_keyed else {})
                return shape, Create(document, (self._at(),) if self._chance(0.1) else ())
            case "replace":
                return shape, Replace(self._key(shape), self._document(shape), self._condition(shape))
            case "merge":
                return shape, MergePatch(self._key(shape), self._patch(shape), self._condition(shape))
            case "json":
                return shape, JsonPatch(self._key(shape), self._operations(shape), self._condition(shape))
            case "delete":
                return shape, Delete(self._key(shape), self._condition(shape))
            case "fetch":
                return shape, Fetch(self._key(shape))
            case _:
                return shape, self.page(shape)

    def page(self, shape: ResourceShape) -> List:
        order = tuple(
            Order(name, self._chance(0.5))
            for name in self._random.sample(sorted(shape.orders), min(self._random.randint(0, 2), len(shape.orders)))
        )
        after, before = (self._cursor(shape, order) if self._chance(0.2) else None for _ in range(2))
        backwards = before is not None and after is None
        size = self._random.choice((1, 2, 20, 100))
        where = self._where(shape, 2) if self._chance(0.7) else EVERYTHING
        return List(size, "last" if backwards else "first", after, before, where, order, self._chance(0.3))

    def _where(self, shape: ResourceShape, depth: int) -> Condition:
        if depth and self._chance(0.4):
            inner = tuple(self._where(shape, depth - 1) for _ in range(self._random.randint(1, 3)))
            return self._random.choice((AllOf(inner), AnyOf(inner), Not(inner[0])))
        field = self._random.choice([one for one in (shape.key, *shape.columns) if one.json_name in shape.filters])
        filterable = shape.filters[field.json_name]
        # Keys and references have no order and no parts in GraphQL.
        is_id = field is shape.key or field.reference is not None
        usable = sorted(one for one in filterable.operators if not is_id or one in ("eq", "ne", "in", "nin", "isNull"))
        operator: Any = self._random.choice(usable)
        if operator == "isNull":
            return Compare(field.json_name, operator, self._chance(0.5))
        if operator in ("in", "nin"):
            values = [self._read(field, operator, shape) for _ in range(self._random.randint(1, 3))]
            return Compare(field.json_name, operator, tuple(values))
        return Compare(field.json_name, operator, self._read(field, operator, shape))

    def _read(self, field: Field, operator: Any, shape: ResourceShape) -> Any:
        """A value to compare with, in the canonical form that conditions have."""
        json_value = self._random.choice(JSONS) if isinstance(field.kind, kinds.Json) else self._value(field)
        read = shape.filters[field.json_name].read(json_value, operator)
        assert not isinstance(read, Violation), (field.json_name, json_value, read)
        return read

    def _cursor(self, shape: ResourceShape, order: tuple[Order, ...]) -> str:
        values = [self._ordered(shape, one.field) for one in order]
        return write_place(Place(tuple(values), self._stored_key(shape)), order)

    def _ordered(self, shape: ResourceShape, name: str) -> Any:
        if name == shape.key_name:
            return self._stored_key(shape)
        column = shape.by_json_name[name]
        values = [value for value in self._values(column) if shape.is_ordered_value(name, value)]
        return self._random.choice(values)

    def _document(self, shape: ResourceShape) -> dict[str, Any]:
        return {
            column.json_name: self._value(column, null=column.nullable) for column in shape.writable if column.required or self._chance(0.6)
        }

    def _patch(self, shape: ResourceShape) -> dict[str, Any]:
        return {column.json_name: self._value(column, null=True) for column in shape.writable if self._chance(0.3)}

    def _operations(self, shape: ResourceShape) -> list[Any]:
        made = []
        for _ in range(self._random.randint(0, 3)):
            column = self._random.choice(shape.writable)
            path = f"/{column.json_name}"
            op = self._random.choice(("add", "replace", "test", "remove", "copy", "move", "nothing" if self._chance(self._odd) else "test"))
            one: dict[str, Any] = {"op": op, "path": path}
            if op in ("copy", "move"):
                one["from"] = f"/{self._random.choice(shape.writable).json_name}"
            elif op != "remove":
                one["value"] = self._value(column, null=True)
            made.append(one)
        return made

    def _value(self, field: Field, *, null: bool = False) -> Any:
        if null and self._chance(0.15):
            return None
        return self._random.choice(self._values(field))

    def _values(self, field: Field) -> tuple[Any, ...]:
        if field.json_name in OBJECTS:
            return OBJECTS[field.json_name]
        match field.kind:
            case kinds.Enumeration(enum):
                return tuple(member.value for member in enum)
            case kinds.Json(form="list", items=items) if items is not None:
                inner = tuple(member.value for member in items.enum) if isinstance(items, kinds.Enumeration) else BY_KIND[type(items)]
                return ([], [inner[0]], [inner[1], inner[0]])
            case kinds.Json():
                return JSONS
            case kind:
                values = BY_KIND[type(kind)]
                wrong = ("x" * 500,) if isinstance(kind, kinds.Text) and self._chance(self._odd) else ()
                return wrong or values

    def _key(self, shape: ResourceShape) -> Address:
        """Where a row may be, or what no row can have."""
        if self._chance(self._odd):
            text = self._random.choice(("nothing here", "ü/?#", "01", "+1", "9" * 20, "%2F"))
            key = shape.key_from_text(text)
            return Unaddressable(text) if key is None else key
        return self._stored_key(shape)

    def _stored_key(self, shape: ResourceShape) -> int | str:
        match shape.key.kind:
            case kinds.Uuid():
                return self._random.choice(UUIDS)
            case kinds.Text():
                return self._random.choice(("a", "b.c", "d-1") if shape.name == "Document" else ("a", "b/c?d", "ü x", "%41"))
            case _:
                return self._random.choice((1, 2, 3))

    def _condition(self, shape: ResourceShape) -> tuple[Precondition, ...]:
        if shape.versions_required or self._chance(0.5):
            return (Absent() if self._chance(0.15) else self._at(),)
        return ()

    def _at(self) -> IsAt:
        return IsAt(frozenset({Version(self._random.choice((1, 1, 1, 2, 3, 2**31 - 1)))}))

    def _chance(self, likely: float) -> bool:
        return self._random.random() < likely
