"""A model's core schema, taken apart into its fields and put together again as the check of whole documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from diptych.resource.guard import guard
from diptych.resource.kinds import BigInteger, Integer, Kind, Uuid
from diptych.resource.stand_in import stand_in
from diptych.resource.strict_schema import Schema, has_functions, strict
from diptych.resource.value_reading import read_integer, read_uuid

# What a model's configuration may not say of documents: how strict they are is the contract's affair.
_OURS = frozenset({"strict", "from_attributes", "extra_fields_behavior", "coerce_numbers_to_str"})


@dataclass(frozen=True)
class ModelSchema:
    """The core schema of one model as pydantic made it, validators of its author included."""

    model: type[BaseModel]

    @cached_property
    def raw_fields(self) -> dict[str, Schema]:
        """The schema of each field by attribute name, its default taken off, since documents are completed before."""
        return {name: _without_default(field["schema"]) for name, field in self._model_fields["fields"].items()}

    @cached_property
    def config(self) -> dict[str, Any]:
        return {name: value for name, value in self._part("model").get("config", {}).items() if name not in _OURS}

    @property
    def raw_definitions(self) -> list[Schema]:
        """Schemas that fields refer to by name."""
        return list(self._root.get("definitions", ()))

    @cached_property
    def definitions(self) -> list[Schema]:
        """The same, strict."""
        return [strict(schema) for schema in self.raw_definitions]

    def field(self, attribute: str, kind: Kind, *, nullable: bool) -> Schema:
        """The strict schema of a column's value."""
        raw = self.raw_fields[attribute]
        if raw["type"] == "nullable" and not nullable:
            raw = raw["schema"]
        schema = strict(raw, kind, self.config)
        if not has_functions(raw):
            return schema
        checked = cast(CoreSchema, schema)
        if isinstance(kind, Integer | BigInteger):
            # The author's functions see the integer that 1.0 is, not the float.
            checked = core_schema.no_info_before_validator_function(read_integer, checked)
        returned = guard(kind, nullable=nullable)
        return cast(Schema, checked if returned is None else core_schema.chain_schema([checked, returned]))

    def named(self, schema: Schema, borrowed: Sequence[Schema] = ()) -> CoreSchema:
        """A schema together with all that it may refer to, by names of this model's or borrowed from another."""
        definitions = {definition["ref"]: definition for definition in (*borrowed, *self.definitions)}
        whole = {"type": "definitions", "schema": schema, "definitions": list(definitions.values())} if definitions else schema
        return cast(CoreSchema, whole)

    def field_validator(self, attribute: str, schema: Schema) -> SchemaValidator:
        """Build the check of one field alone, as the only member of an object."""
        alone = {"type": "model-fields", "fields": {attribute: {"type": "model-field", "schema": schema}}}
        return validator(self.named(alone), self.config)

    def document_validator(
        self, key: str, key_kind: Kind, fields: Mapping[str, Schema], borrowed: Sequence[Schema] = ()
    ) -> SchemaValidator:
        """Build the check of a whole document, by attribute name. Key and version are seen by validators, and judged elsewhere."""
        seen: CoreSchema = core_schema.any_schema()
        if isinstance(key_kind, Uuid):
            seen = core_schema.nullable_schema(core_schema.no_info_plain_validator_function(read_uuid))
        # First, so that the validators of every field can look at them.
        schemas = {"version": cast(Schema, core_schema.any_schema()), key: cast(Schema, seen), **fields}
        root = self._root["schema"] if self._root["type"] == "definitions" else self._root
        if root["type"] == "model" and "post_init" not in root:
            # Nobody asks for an instance, so none is made.
            root = root["schema"]
        return validator(self.named(self._rebuilt(root, schemas), borrowed), self.config)

    def _rebuilt(self, schema: Schema, fields: Mapping[str, Schema]) -> Schema:
        match schema["type"]:
            case "model-fields":
                members = {name: {"type": "model-field", "schema": field} for name, field in fields.items()}
                return schema | {"fields": members, "extra_behavior": "forbid"}
            case "model":
                # The model's own constructor would make a row of it.
                made = {"cls": stand_in(self.model, fields), "custom_init": False, "config": self.config}
                return schema | made | {"schema": self._rebuilt(schema["schema"], fields)}
            case _:
                return schema | {"schema": self._rebuilt(schema["schema"], fields)}

    @property
    def _root(self) -> Schema:
        if not self.model.__pydantic_complete__:
            self.model.model_rebuild()
        return cast(Schema, self.model.__pydantic_core_schema__)

    @property
    def _model_fields(self) -> Schema:
        return self._part("model-fields")

    def _part(self, kind: str) -> Schema:
        return next(schema for schema in _downwards(self._root) if schema["type"] == kind)


def validator(schema: CoreSchema, config: Mapping[str, Any] | None = None) -> SchemaValidator:
    """Build a validator that obeys the schema all the way down."""
    # Without this switch pydantic-core takes the validators that nested classes already have, and the rewriting is lost.
    return SchemaValidator(schema, cast(Any, config), _use_prebuilt=False)


def _downwards(schema: Schema) -> Iterator[Schema]:
    while True:
        yield schema
        schema = schema["schema"]


def _without_default(schema: Schema) -> Schema:
    return schema["schema"] if schema["type"] == "default" else schema
