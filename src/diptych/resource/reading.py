"""Reading declarations: from model classes to the shapes that everything else works with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from inspect import cleandoc
from typing import get_args

from pydantic import BaseModel
from sqlalchemy import types
from sqlmodel import SQLModel

from diptych.resource.checking import DocumentChecker
from diptych.resource.collisions import refuse_names
from diptych.resource.constraints import read_checks, read_indexes, read_uniques, reference_of, refuse_unsafe
from diptych.resource.declaration import DeclarationError, Keys, Resource, Versions
from diptych.resource.fields import VERSION, ReadField, column_of, read_columns, read_key, table_of
from diptych.resource.filters import default_fields, filters_of, is_ordered, ordered_values_of
from diptych.resource.json_schemas import json_schemas, reached
from diptych.resource.key_reading import key_reader
from diptych.resource.model_schema import ModelSchema
from diptych.resource.naming import names_of
from diptych.resource.relations import read_relations
from diptych.resource.rule_checks import refuse_rules
from diptych.resource.shape import Field, Reference, ResourceShape
from diptych.resource.write_models import write_model_validator
from diptych.semantics.condition import JOINING
from diptych.semantics.json_value import Document, Missing


class _Reading:
    """One resource, half read: what it says by itself."""

    def __init__(self, resource: Resource) -> None:
        _refuse_options(resource)
        self.resource = resource
        self.model = resource.model
        refuse_unsafe(table_of(self.model), self.model.__name__)
        _refuse_version(self.model)
        self.schema = ModelSchema(self.model)
        self.key = read_key(resource, self.schema)
        self.columns = read_columns(resource, self.schema, self.key)
        _refuse_columns(self)
        self.names = names_of(
            resource.type_name or self.model.__name__, singular=resource.singular, plural=resource.plural, path=resource.path
        )


def read_resources(resources: Sequence[Resource]) -> tuple[ResourceShape, ...]:
    """Read each model once. Raises DeclarationError for what cannot be served, with the name of what is wrong."""
    readings = [_Reading(resource) for resource in resources]
    schemas = {
        (reading.names.type, field.attribute): reading.schema.named(field.schema)
        for reading in readings
        for field in (reading.key, *reading.columns)
    }
    described, definitions = json_schemas(schemas)
    shapes = tuple(_shape(reading, readings, described, definitions) for reading in readings)
    shapes = tuple(replace(shape, relations=read_relations(shape, shapes)) for shape in shapes)
    refuse_names(shapes)
    return shapes


def _shape(
    reading: _Reading, readings: Sequence[_Reading], described: Mapping[tuple[str, str], Document], definitions: Document
) -> ResourceShape:
    resource, table = reading.resource, table_of(reading.model)
    fields = [
        _field(field, resource, readings, described[(reading.names.type, field.attribute)]) for field in (reading.key, *reading.columns)
    ]
    key, columns = fields[0], tuple(fields[1:])
    strict = {field.attribute: field.schema for field in reading.columns}

    def written_by(model: type[BaseModel] | None) -> DocumentChecker | None:
        if model is None:
            return None
        return DocumentChecker(key, columns, write_model_validator(model, reading.schema, reading.key, reading.columns))

    uniques = tuple(unique for unique in read_uniques(table) if unique.columns != (key.column,))
    indexes = read_indexes(table)
    usual = default_fields(key, columns, uniques, indexes)
    readable = [field for field in fields if not field.hidden]
    own = reached([field.json_schema for field in fields], definitions)
    return ResourceShape(
        model=reading.model,
        names=reading.names,
        description=cleandoc(reading.model.__doc__ or ""),
        table=table.name,
        key=key,
        columns=columns,
        client_keyed=resource.keys == "client",
        versions_required=resource.versions == "required",
        uniques=uniques,
        checks=read_checks(table),
        indexes=indexes,
        checker=DocumentChecker(key, columns, reading.schema.document_validator(key.attribute, key.kind, strict)),
        create_checker=written_by(resource.create_model),
        replace_checker=written_by(resource.replace_model),
        patch_checker=written_by(resource.patch_model),
        keys=key_reader(key, reading.schema.field_validator(key.attribute, reading.key.schema), client_keyed=resource.keys == "client"),
        definitions={name: definitions[name] for name in sorted(own)},
        filters=filters_of(field for field in readable if field.attribute in usual or field.attribute in resource.filter_by),
        policy=resource.policy,
        ordered_values=ordered_values_of(
            field for field in readable if is_ordered(field.kind) and (field.attribute in usual or field.attribute in resource.order_by)
        ),
    )


def _field(field: ReadField, resource: Resource, readings: Sequence[_Reading], json_schema: Document) -> Field:
    described = {**json_schema, "description": field.description} if field.description else dict(json_schema)
    return Field(
        attribute=field.attribute,
        json_name=field.json_name,
        column=field.column.name,
        kind=field.kind,
        nullable=field.nullable,
        default=field.default,
        mint=field.mint,
        read_only=field.attribute in resource.read_only or field.attribute in resource.stamps,
        hidden=field.attribute in resource.hidden,
        masked=field.attribute in resource.policy.readable,
        stamp=resource.stamps.get(field.attribute),
        reference=_reference(field, readings),
        description=field.description,
        json_schema=described,
    )


def _reference(field: ReadField, readings: Sequence[_Reading]) -> Reference | None:
    """The reference of a column; a resource is named where its key is what is referred to."""
    target = reference_of(field.column)
    if target is None:
        return None
    table, column = target
    for reading in readings:
        if table_of(reading.model).name == table and reading.key.column.name == column:
            return Reference(table, column, reading.names.type)
    return Reference(table, column, None)


def _refuse_options(resource: Resource) -> None:
    model = resource.model
    name = getattr(model, "__name__", repr(model))
    if not hasattr(model, "__table__") or not hasattr(model, "model_fields"):
        raise DeclarationError(f"{name}: a resource is made of a SQLModel class with table=True")
    if "__table__" not in model.__dict__ or model.__mapper__.inherits is not None:  # type: ignore[attr-defined]
        raise DeclarationError(f"{name}: it inherits the table of another model; give each resource a table of its own")
    for option, value, allowed in (("keys", resource.keys, get_args(Keys)), ("versions", resource.versions, get_args(Versions))):
        if value not in allowed:
            raise DeclarationError(f"{name}: {option}={value!r} must be one of {', '.join(map(repr, allowed))}")
    refuse_rules(resource, name)
    for option, attributes in _options(resource):
        _refuse_unknown(model, option, attributes)


def _options(resource: Resource) -> Sequence[tuple[str, Collection[str]]]:
    """Those that name attributes."""
    return (
        ("read_only", resource.read_only),
        ("hidden", resource.hidden),
        ("filter_by", resource.filter_by),
        ("order_by", resource.order_by),
        ("stamps", resource.stamps),
        ("policy.readable", resource.policy.readable),
        ("policy.writable", resource.policy.writable),
    )


def _refuse_unknown(model: type[SQLModel], option: str, attributes: Collection[str]) -> None:
    if isinstance(attributes, str):
        raise DeclarationError(f'{model.__name__}: {option}={attributes!r} is one text; write {option}={{"{attributes}"}}')
    for attribute in attributes:
        if attribute not in model.model_fields:
            known = ", ".join(name for name in model.model_fields if name != VERSION)
            raise DeclarationError(f"{model.__name__}: {option} names {attribute!r}, which is no field; there are {known}")


def _refuse_version(model: type[SQLModel]) -> None:
    instead = "derive the model from diptych.Versioned"
    if VERSION not in model.model_fields:
        raise DeclarationError(f"{model.__name__}: it has no version; {instead}")
    column = column_of(model, VERSION)
    if not isinstance(column.type, types.Integer) or column.nullable or column.name != VERSION or column.primary_key:
        raise DeclarationError(f"{model.__name__}: its version must be an integer column of that name that is not null; {instead}")


def _refuse_columns(reading: _Reading) -> None:
    name, resource = reading.model.__name__, reading.resource
    fields = {field.attribute: field for field in reading.columns}
    for option, attributes in _options(resource):
        for attribute in attributes if option not in ("filter_by", "order_by") else ():
            if attribute not in fields:
                raise DeclarationError(f"{name}: {option} names {attribute!r}; key and version are always read and never written")
    for attribute in set(resource.read_only) - set(resource.stamps):
        field = fields[attribute]
        if isinstance(field.default, Missing) and field.mint is None:
            raise DeclarationError(f"{name}.{attribute}: a read-only field needs a default, since no document can set it")
    for option in ("filter_by", "order_by"):
        for attribute in getattr(resource, option):
            _refuse_as_list_field(reading, option, attribute)
    columns = {reading.key.column.name, VERSION, *(field.column.name for field in reading.columns)}
    for column in table_of(reading.model).columns:
        if column.name not in columns:
            raise DeclarationError(f"{name}: the column {column.name} has no field; declare one for it")


def _refuse_as_list_field(reading: _Reading, option: str, attribute: str) -> None:
    where = f"{reading.model.__name__}.{attribute}"
    if attribute in reading.resource.hidden:
        raise DeclarationError(f"{where}: it is hidden, so no list can be filtered or ordered by it; take it out of {option}")
    field = next((field for field in (reading.key, *reading.columns) if field.attribute == attribute), None)
    if field is None:
        raise DeclarationError(f"{where}: lists are not filtered or ordered by the version; take it out of {option}")
    if option == "order_by" and not is_ordered(field.kind):
        raise DeclarationError(f"{where}: its values have no order that is the same in every database; take it out of order_by")
    if option == "filter_by" and field.json_name in JOINING:
        raise DeclarationError(f"{where}: {field.json_name!r} joins conditions in a filter; give the field another alias, or take it out")
