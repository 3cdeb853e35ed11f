"""The kind of a column: what its SQLAlchemy type and its annotation say together."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, cast

from sqlalchemy import types
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from diptych.resource import kinds
from diptych.resource.declaration import DeclarationError
from diptych.resource.kinds import Kind
from diptych.resource.strict_schema import Schema, leaf_of

_OBJECTS = ("dict", "model", "typed-dict", "dataclass")
_LISTS = ("list", "tuple", "set", "frozenset")


def kind_of(column_type: types.TypeEngine[Any], schema: Schema, definitions: Sequence[Schema], *, where: str) -> Kind:
    """Find the kind that a column and the core schema of its field agree on; `where` names the field in what is raised.

    Raises DeclarationError where there is no such kind.
    """
    leaf, _ = leaf_of(schema)
    leaf = _resolved(leaf, definitions)
    stored = _plain_type(column_type, where)
    if isinstance(stored, types.JSON):
        return _json_kind(leaf, definitions)
    if leaf["type"] == "enum":
        return _enumeration(leaf["cls"], stored, where)
    kind = _scalar(stored, leaf)
    taken = _LEAVES.get(type(kind), ()) if kind is not None else ()
    # A plain validator stands in place of any check, so there the column alone says what is stored.
    if kind is None or leaf["type"] not in (*taken, "function-plain", "any"):
        raise DeclarationError(
            f"{where}: a column of type {type(stored).__name__} cannot hold what the annotation says ({leaf['type']}); "
            "annotate it as str, int, float, bool, Decimal, datetime, date, time, timedelta, UUID, bytes or an Enum with a column to "
            "match, or keep it as JSON with sa_type=JSON"
        )
    if leaf.get("tz_constraint") == "naive" and isinstance(kind, kinds.DateTime):
        raise DeclarationError(f"{where}: a datetime without a zone names no moment; annotate it as datetime or AwareDatetime")
    if leaf["type"] == "literal":
        expected = str if isinstance(kind, kinds.Text) else int
        if not all(type(value) is expected for value in leaf["expected"]):
            raise DeclarationError(f"{where}: the values of this Literal must all be {expected.__name__}, as its column is")
    return kind


# The core schemas that may stand at the heart of a field of each kind.
_LEAVES: dict[type, tuple[str, ...]] = {
    kinds.Text: ("str", "literal"),
    kinds.Integer: ("int", "literal"),
    kinds.BigInteger: ("int", "literal"),
    kinds.Float: ("float",),
    kinds.Boolean: ("bool",),
    kinds.Decimal: ("decimal",),
    kinds.DateTime: ("datetime",),
    kinds.Date: ("date",),
    kinds.Time: ("time",),
    kinds.Duration: ("timedelta",),
    kinds.Uuid: ("uuid",),
    kinds.Bytes: ("bytes",),
}


def _scalar(stored: types.TypeEngine[Any], leaf: Schema) -> Kind | None:
    match stored:
        case types.Enum():
            return None
        case types.String():
            return kinds.Text(leaf.get("max_length") if stored.length is None else stored.length)
        case types.BigInteger():
            return kinds.BigInteger()
        case types.Integer():
            return kinds.Integer()
        case types.Boolean():
            return kinds.Boolean()
        case types.Float():
            return kinds.Float()
        case types.Numeric():
            return kinds.Decimal(stored.precision, stored.scale)
        case types.DateTime():
            return kinds.DateTime()
        case types.Date():
            return kinds.Date()
        case types.Time():
            return kinds.Time()
        case types.Interval():
            return kinds.Duration()
        case types.Uuid():
            return kinds.Uuid()
        case types.LargeBinary():
            return kinds.Bytes()
        case _:
            return None


def _plain_type(column_type: types.TypeEngine[Any], where: str) -> types.TypeEngine[Any]:
    """The type beneath SQLModel's own decorators; anyone else's would be passed by, since the library makes its own columns."""
    if isinstance(column_type, AutoString):
        return types.String(cast(types.String, column_type.impl).length)
    if isinstance(column_type, UTCDateTime):
        return types.DateTime(timezone=True)
    if isinstance(column_type, types.TypeDecorator) and not isinstance(column_type, types.Interval):
        raise DeclarationError(f"{where}: {type(column_type).__name__} is a column type of its own; use one of SQLAlchemy's plain types")
    return column_type


def _enumeration(enum: type[Enum], stored: types.TypeEngine[Any], where: str) -> kinds.Enumeration:
    values = [member.value for member in enum]
    if not values or not (all(type(value) is str for value in values) or all(type(value) is int for value in values)):
        raise DeclarationError(f"{where}: the values of {enum.__name__} must be all text or all integers")
    fits = types.String if isinstance(values[0], str) else types.Integer
    if not isinstance(stored, types.Enum | fits):
        raise DeclarationError(f"{where}: a column of type {type(stored).__name__} cannot hold {enum.__name__}; leave sa_type out")
    return kinds.Enumeration(enum)


def _json_kind(leaf: Schema, definitions: Sequence[Schema]) -> kinds.Json:
    if leaf["type"] in _OBJECTS:
        return kinds.Json("object")
    if leaf["type"] not in _LISTS:
        return kinds.Json("any")
    items = leaf.get("items_schema")
    if not isinstance(items, dict):
        return kinds.Json("list", None, True)
    inner, nullable = leaf_of(items)
    return kinds.Json("list", _item_kind(_resolved(inner, definitions)), nullable)


def _item_kind(leaf: Schema) -> Kind | None:
    match leaf["type"]:
        case "str":
            return kinds.Text(leaf.get("max_length"))
        case "int":
            return kinds.Integer()
        case "float":
            return kinds.Float()
        case "bool":
            return kinds.Boolean()
        case "decimal":
            return kinds.Decimal(None, None)
        case "datetime":
            return kinds.DateTime()
        case "date":
            return kinds.Date()
        case "time":
            return kinds.Time()
        case "timedelta":
            return kinds.Duration()
        case "uuid":
            return kinds.Uuid()
        case "bytes":
            return kinds.Bytes()
        case "enum":
            values = [member.value for member in leaf["cls"]]
            same = all(type(value) is str for value in values) or all(type(value) is int for value in values)
            return kinds.Enumeration(leaf["cls"]) if same else None
        case _:
            return None


def _resolved(leaf: Schema, definitions: Sequence[Schema]) -> Schema:
    """What a reference refers to."""
    while leaf["type"] == "definition-ref":
        name = leaf["schema_ref"]
        leaf, _ = leaf_of(next(schema for schema in definitions if schema["ref"] == name))
    return leaf
