"""The parameters that choose rows of a list and members of a row, and the JSON Schema of a condition."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from diptych.resource import kinds
from diptych.resource.kinds import Kind
from diptych.resource.shape import Field, ResourceShape
from diptych.resource.strict_schema import BIG_INTEGER_LIMITS, INTEGER_LIMITS
from diptych.rest.filtering import EQUAL, SEVERAL
from diptych.rest.openapi.documents import Schema, ref
from diptych.rest.parameters import LIST_PARAMETERS
from diptych.rest.query import MOST_PARAMETERS
from diptych.semantics.condition import AND, LONGEST_COMPARED, MOST_VALUES, NOT, OPERATORS, OR, Operator
from diptych.semantics.json_value import JSON
from diptych.semantics.read import MOST_ORDERS

_SAID: Final[Mapping[Operator, str]] = {
    "eq": "equals this",
    "ne": "does not equal this, or is null",
    "in": "equals one of these",
    "nin": "equals none of these, or is null",
    "lt": "is less than this",
    "lte": "is at most this",
    "gt": "is greater than this",
    "gte": "is at least this",
    "isNull": "is null, or, for `false`, is not",
    "contains": "contains this",
    "startsWith": "starts with this",
    "endsWith": "ends with this",
    "containsInsensitive": "contains this, whatever the case of the letters A to Z",
    "startsWithInsensitive": "starts with this, whatever the case of the letters A to Z",
    "endsWithInsensitive": "ends with this, whatever the case of the letters A to Z",
}
_VALUES: Final[Mapping[type, Schema]] = {
    kinds.Text: {"type": "string", "maxLength": LONGEST_COMPARED},
    kinds.Integer: {"type": "integer", "format": "int32", "minimum": INTEGER_LIMITS[0], "maximum": INTEGER_LIMITS[1]},
    kinds.BigInteger: {"type": "integer", "minimum": BIG_INTEGER_LIMITS[0], "maximum": BIG_INTEGER_LIMITS[1]},
    kinds.Float: {"type": "number"},
    kinds.Boolean: {"type": "boolean"},
    kinds.Decimal: {"type": "string", "format": "decimal"},
    kinds.DateTime: {"type": "string", "format": "date-time"},
    kinds.Date: {"type": "string", "format": "date"},
    # The format `time` of JSON Schema has an offset, which these have not.
    kinds.Time: {"type": "string"},
    kinds.Duration: {"type": "string", "format": "duration"},
    kinds.Uuid: {"type": "string", "format": "uuid"},
    kinds.Bytes: {"type": "string", "contentEncoding": "base64"},
    kinds.Json: {"description": "Any JSON value."},
}


def list_parameters(shape: ResourceShape) -> dict[str, JSON]:
    """What filters, orders and shows the rows of one collection, by component name."""
    parameters = [_comparison(field, operator) for field, operator in _comparisons(shape)]
    parameters.append(
        {
            "name": "where",
            "in": "query",
            "description": "A condition as JSON text, for what the other parameters cannot say; all of them must hold.",
            "schema": _json_text(ref(where_name(shape))),
        }
    )
    if signed := [sign + name for name in _ordered(shape) for sign in ("", "-")]:
        said = "The fields to order by, `-` in front of one for descending. Rows that they leave equal are in the order of their keys."
        parameters.append(_names("order", said, signed, min(MOST_ORDERS, len(signed) // 2)))
    return {_component(shape, one): one for one in [*parameters, *_view(shape)]}


def view_parameters(shape: ResourceShape) -> dict[str, JSON]:
    """What shows one row, by component name; they are among those of the collection."""
    return {_component(shape, one): one for one in _view(shape)}


def where_name(shape: ResourceShape) -> str:
    return f"{shape.name}Where"


def where_schema(shape: ResourceShape) -> Schema:
    """A condition, which has the same form as in GraphQL."""
    own = ref(where_name(shape))
    several: Schema = {"type": "array", "items": own, "minItems": 1}
    fields: dict[str, Schema] = {}
    for field, operator in _comparisons(shape):
        fields.setdefault(field.json_name, {})[operator] = {**_taken(field.kind, operator), "description": _sentence(field, operator)}
    return {
        "type": "object",
        "description": f"Which of {shape.names.plural} to list. All members must hold; there is no condition in an empty object.",
        "properties": {
            **{name: _operators(operators) for name, operators in fields.items()},
            AND: {**several, "description": "All of these hold."},
            OR: {**several, "description": "At least one of these holds."},
            NOT: {"description": "This does not hold.", **own},
        },
        "additionalProperties": False,
    }


def _view(shape: ResourceShape) -> Iterator[Schema]:
    readable = [shape.key_name, *(field.json_name for field in shape.readable), "version"]
    yield _names(
        "fields",
        "Show only these members of each row, whatever its schema requires. What is shown in part has no entity-tag of its row.",
        readable,
        len(readable),
    )
    if shape.relations:
        related = [relation.name for relation in shape.relations]
        said = "Show the rows that belong to each row, as members of these names: one row or null, or the first page of many."
        yield _names("include", said, related, len(related))


def _comparisons(shape: ResourceShape) -> Iterator[tuple[Field, Operator]]:
    for field in (shape.key, *shape.readable):
        if (filterable := shape.filters.get(field.json_name)) is not None:
            yield from ((field, operator) for operator in OPERATORS if operator in filterable.operators)


def _comparison(field: Field, operator: Operator) -> Schema:
    bracketed = f"{field.json_name}[{operator}]"
    plain = operator == EQUAL and field.json_name not in LIST_PARAMETERS
    also = f" The same as `{bracketed}`." if plain else ""
    several = " Given once for each value." if operator in SEVERAL else ""
    taken = _taken(field.kind, operator)
    if operator in SEVERAL:
        taken = {**taken, "maxItems": MOST_PARAMETERS}
    return {
        "name": field.json_name if plain else bracketed,
        "in": "query",
        "required": False,
        "description": f"{_sentence(field, operator)}{several}{also}",
        "schema": _json_text(taken) if isinstance(field.kind, kinds.Json) else taken,
    }


def _json_text(schema: Schema) -> Schema:
    """A value that is written as JSON text. Client generators know such text, and few of them know parameters with `content`."""
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}


def _taken(kind: Kind, operator: Operator) -> Schema:
    """The values that an operator takes."""
    if operator == "isNull":
        return {"type": "boolean"}
    value = _value(kind)
    return {"type": "array", "items": value, "minItems": 1, "maxItems": MOST_VALUES} if operator in SEVERAL else value


def _value(kind: Kind) -> Schema:
    if isinstance(kind, kinds.Enumeration):
        return {"type": "string" if kind.holds_text else "integer", "enum": [member.value for member in kind.enum]}
    return dict(_VALUES[type(kind)])


def _operators(operators: Schema) -> Schema:
    return {"type": "object", "properties": operators, "additionalProperties": False, "minProperties": 1}


def _sentence(field: Field, operator: Operator) -> str:
    return f"`{field.json_name}` {_SAID[operator]}."


def _ordered(shape: ResourceShape) -> Sequence[str]:
    return [field.json_name for field in (shape.key, *shape.readable) if field.json_name in shape.orders]


def _names(name: str, description: str, names: Sequence[str], most: int) -> Schema:
    schema = {"type": "array", "items": {"type": "string", "enum": list(names)}, "minItems": 1, "maxItems": most, "uniqueItems": True}
    return {"name": name, "in": "query", "required": False, "description": description, "style": "form", "explode": False, "schema": schema}


def _component(shape: ResourceShape, parameter: Schema) -> str:
    """What a parameter is called among the components, whose names have few characters."""
    name = parameter["name"].replace("[", ".").replace("]", "")
    return f"{shape.name}." + re.sub(r"[^A-Za-z0-9._-]", lambda found: f"_{ord(found[0]):x}_", name)
