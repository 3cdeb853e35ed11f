"""Reading the columns of one model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from pydantic.fields import FieldInfo
from pydantic_core import ValidationError
from pydantic_core import to_json as json_text
from sqlalchemy import Column
from sqlmodel import SQLModel

from diptych.resource.column_kinds import kind_of
from diptych.resource.declaration import DeclarationError, Keys, Resource
from diptych.resource.kinds import BigInteger, Integer, Kind, Text, Uuid
from diptych.resource.model_schema import ModelSchema
from diptych.resource.naming import camel_case
from diptych.resource.spelling import to_json
from diptych.resource.strict_schema import Schema, leaf_of
from diptych.resource.violations import violations
from diptych.semantics.json_value import JSON, MISSING, Missing

VERSION = "version"

# What SQLModel's Field takes and nothing checks, and what is checked.
_UNCHECKED: Final = {
    "regex": "annotate it as Annotated[str, StringConstraints(pattern=…)]",
    "const": "annotate it as Literal[…]",
    "unique_items": "write a validator",
}


@dataclass(frozen=True)
class ReadField:
    """What one column says by itself, before it is known what other resources say. `schema` is strict."""

    attribute: str
    json_name: str
    column: Column[Any]
    kind: Kind
    nullable: bool
    default: JSON | Missing
    mint: Callable[[], Any] | None
    schema: Schema
    description: str | None


def read_key(resource: Resource, model_schema: ModelSchema) -> ReadField:
    """Read the primary key. Raises DeclarationError for one that cannot be served."""
    model = resource.model
    columns = list(table_of(model).primary_key.columns)
    if len(columns) != 1:
        named = ", ".join(column.name for column in columns) or "none"
        raise DeclarationError(f"{model.__name__}: the key must be one column, not {named}; mark one field with primary_key=True")
    attribute = _attribute(model, columns[0])
    info = model.model_fields[attribute]
    where = f"{model.__name__}.{attribute}"
    _refuse_unchecked(info, where)
    kind = _kind(model_schema, attribute, columns[0], where)
    if not isinstance(kind, Integer | BigInteger | Text | Uuid):
        raise DeclarationError(f"{where}: a key must be an integer, text or a UUID")
    mint = _key_mint(resource.keys, kind, info, where)
    schema = model_schema.field(attribute, kind, nullable=False)
    return ReadField(attribute, _json_name(attribute, info, where), columns[0], kind, False, MISSING, mint, schema, info.description)


def read_columns(resource: Resource, model_schema: ModelSchema, key: ReadField) -> list[ReadField]:
    """Read every column but key and version, in the order of declaration. Raises DeclarationError."""
    model = resource.model
    return [
        _read(model_schema, attribute, info, column_of(model, attribute))
        for attribute, info in model.model_fields.items()
        if attribute not in (VERSION, key.attribute)
    ]


def table_of(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


def column_of(model: type[SQLModel], attribute: str) -> Column[Any]:
    column: Column[Any] = model.__mapper__.columns[attribute]  # type: ignore[attr-defined]
    return column


def _attribute(model: type[SQLModel], column: Column[Any]) -> str:
    for attribute in model.model_fields:
        if column_of(model, attribute) is column:
            return attribute
    raise DeclarationError(f"{model.__name__}: the column {column.name} has no field; declare one for it")


def _read(model_schema: ModelSchema, attribute: str, info: FieldInfo, column: Column[Any]) -> ReadField:
    where = f"{model_schema.model.__name__}.{attribute}"
    _refuse_unchecked(info, where)
    kind = _kind(model_schema, attribute, column, where)
    nullable = bool(column.nullable) and leaf_of(model_schema.raw_fields[attribute])[1]
    schema = model_schema.field(attribute, kind, nullable=nullable)
    default, mint = _default(info, kind, where)
    if default is None and not nullable:
        raise DeclarationError(f"{where}: its default is null, which its column or its type refuses; give another default, or none")
    field = ReadField(attribute, _json_name(attribute, info, where), column, kind, nullable, default, mint, schema, info.description)
    if not isinstance(default, Missing):
        _must_be_taken(default, field, model_schema, where)
    return field


def _kind(model_schema: ModelSchema, attribute: str, column: Column[Any], where: str) -> Kind:
    return kind_of(column.type, model_schema.raw_fields[attribute], model_schema.raw_definitions, where=where)


def _refuse_unchecked(info: FieldInfo, where: str) -> None:
    for option, instead in _UNCHECKED.items():
        if info._attributes_set.get(option) is not None:
            raise DeclarationError(f"{where}: SQLModel takes {option}= and checks nothing; {instead}")


def _json_name(attribute: str, info: FieldInfo, where: str) -> str:
    if info.validation_alias is not None and not isinstance(info.validation_alias, str):
        raise DeclarationError(f"{where}: a field has one name in JSON; give it one alias in place of AliasChoices or AliasPath")
    return info.alias or info.validation_alias or camel_case(attribute)


def _default(info: FieldInfo, kind: Kind, where: str) -> tuple[JSON | Missing, Callable[[], Any] | None]:
    if info.default_factory is None:
        return (MISSING, None) if info.is_required() else (_spelled(kind, info.default, where), None)
    if info.default_factory_takes_validated_data:
        raise DeclarationError(f"{where}: a default_factory must take no argument; compute the value in a model validator")
    factory: Callable[[], Any] = info.default_factory  # type: ignore[assignment]
    made = factory()
    spelled = _spelled(kind, made, where)
    # A factory of an empty container is a default like any value; any other one makes something new for each row.
    return (spelled, None) if isinstance(made, list | dict | set) and not made else (MISSING, factory)


def _key_mint(keys: Keys, kind: Kind, info: FieldInfo, where: str) -> Callable[[], Any] | None:
    if keys == "client":
        if info.default_factory is not None or not (info.is_required() or info.default is None):
            raise DeclarationError(f'{where}: the client chooses this key, so it has no default; drop it, or declare keys="server"')
        return None
    if isinstance(kind, Text):
        raise DeclarationError(f'{where}: the server chooses integers or UUIDs; declare keys="client" for a key of text')
    if isinstance(kind, Uuid):
        return uuid4 if info.default_factory is None else _default(info, kind, where)[1]
    if info.default_factory is not None or not (info.is_required() or info.default is None):
        raise DeclarationError(f"{where}: the database numbers these rows, so the key has no default of its own; use default=None")
    return None


def _spelled(kind: Kind, value: Any, where: str) -> JSON:
    try:
        return to_json(kind, value)
    except (ValueError, TypeError, AttributeError) as error:
        raise DeclarationError(f"{where}: its default {value!r} is not a value of the field: {error}") from error


def _must_be_taken(default: JSON, field: ReadField, model_schema: ModelSchema, where: str) -> None:
    """A default is stored like any other value, so that what a reader gets may be sent back."""
    check = model_schema.field_validator(field.attribute, field.schema)
    values = {field.attribute: default}
    try:
        check.validate_json(json_text(values))
    except ValidationError as error:
        wrong = violations(error, values, {field.attribute: field.json_name})[0]
        # A validator may need other fields, which are not here; it will see them when a document is checked.
        if wrong.code != "rejected":
            raise DeclarationError(f"{where}: the field refuses its own default: {wrong.message}") from error
    except Exception:  # for the same reason
        return
