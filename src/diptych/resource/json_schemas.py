"""JSON Schemas of values on REST, made from the very schemas that check them. Source: JSON Schema 2020-12."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from diptych.resource.strict_schema import INTEGER_LIMITS, PATTERN
from diptych.semantics.json_value import Document

TEMPLATE: Final = "#/components/schemas/{model}"

Names: TypeAlias = tuple[str, str]


def json_schemas(schemas: Mapping[Names, CoreSchema]) -> tuple[dict[Names, Document], Document]:
    """The JSON Schema of every named value, and the definitions that these refer to."""
    inputs: list[tuple[Names, Any, CoreSchema]] = [(name, "validation", schema) for name, schema in schemas.items()]
    made, definitions = _Generator(by_alias=True, ref_template=TEMPLATE).generate_definitions(inputs)
    return {name: _untitled(made[(name, "validation")]) for name in schemas}, {str(name): schema for name, schema in definitions.items()}


def reached(schema: Any, definitions: Document) -> set[str]:
    """The names of the definitions that a schema refers to, those of definitions included."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case {"$ref": str(ref), **others}:
                name = ref.rsplit("/", 1)[-1]
                if name in definitions and name not in found:
                    found.add(name)
                    waiting.append(definitions[name])
                waiting.extend(others.values())
            case dict() as members:
                waiting.extend(members.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass
    return found


class _Generator(GenerateJsonSchema):
    """Pydantic's own, where the strict forms differ: decimals and bytes are text, integers have a width."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        # A plain validator takes what its author's code takes.
        return {}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        return made if "additionalProperties" in made else made | {"additionalProperties": False}

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        made = super().int_schema(schema)
        least, most = INTEGER_LIMITS
        return made | {"format": "int32"} if least <= made.get("minimum", least - 1) and made.get("maximum", most + 1) <= most else made

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        made = super().str_schema(schema)
        pattern = schema.get("metadata", {}).get(PATTERN)
        return made | {"pattern": pattern} if pattern else made

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        places = schema.get("decimal_places")
        digits = schema.get("max_digits")
        whole = "(0|[1-9][0-9]*)" if digits is None else f"(0|[1-9][0-9]{{0,{max(digits - (places or 0), 1) - 1}}})"
        fraction = r"(\.[0-9]+)?" if places is None else rf"(\.[0-9]{{1,{places}}})?" if places else ""
        return {"type": "string", "format": "decimal", "pattern": f"^-?{whole}{fraction}$"}

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        return {"type": "string", "contentEncoding": "base64"}

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        # The format `time` of JSON Schema has an offset, which these have not.
        return {"type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without the default: what an absent member means is not a property of its value."""
        return self.generate_inner(schema["schema"])


def _untitled(schema: JsonSchemaValue) -> Document:
    return {name: value for name, value in schema.items() if name != "title"}
