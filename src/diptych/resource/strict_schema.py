"""Rewriting a model's core schema so that it takes JSON, strictly, all the way down.

`ConfigDict(strict=True)` stops at nested models and still takes naive datetimes, five spellings of a UUID, `true` for an
IntEnum. Here every leaf is made to read one JSON form, and every object to refuse members it does not know. Functions of the
model's author stay where they are. The result only has this effect in a SchemaValidator built with `_use_prebuilt=False`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from pydantic_core import CoreSchema, core_schema

from diptych.resource.kinds import BigInteger, Decimal, Integer, Json, Kind, Text
from diptych.resource.regular import end_anchored
from diptych.resource.value_reading import (
    Reader,
    decimal_reader,
    enum_reader,
    literal_reader,
    read_bytes,
    read_date,
    read_datetime,
    read_duration,
    read_integer,
    read_time,
    read_uuid,
)

# A core schema, seen as the plain nest of dicts that it is.
Schema: TypeAlias = dict[str, Any]

INTEGER_LIMITS: Final = (-(2**31), 2**31 - 1)
BIG_INTEGER_LIMITS: Final = (-(2**53) + 1, 2**53 - 1)

FUNCTIONS: Final = frozenset({"function-before", "function-after", "function-wrap", "function-plain"})
WRAPPERS: Final = frozenset({"default", "nullable", "function-before", "function-after", "function-wrap", "chain"})

# Where the pattern is remembered that the author wrote.
PATTERN: Final = "diptych_pattern"

_READERS: Final[Mapping[str, Reader]] = {
    "bytes": read_bytes,
    "date": read_date,
    "datetime": read_datetime,
    "time": read_time,
    "timedelta": read_duration,
    "uuid": read_uuid,
}
_CHILDREN: Final = (
    "schema",
    "items_schema",
    "values_schema",
    "lax_schema",
    "strict_schema",
    "json_schema",
    "python_schema",
    "extras_schema",
    "steps",
    "choices",
    "fields",
    "definitions",
)


def strict(schema: Schema, kind: Kind | None = None, config: Mapping[str, Any] | None = None) -> Schema:
    """Rewrite a schema and all that is in it. `kind` is the column's, for a schema that stands for the column's own value.

    `config` is that of the model around it.
    """
    inner = _with_children(schema, kind if schema["type"] in WRAPPERS else _items_kind(schema, kind), config or {})
    match inner["type"]:
        case "int":
            return _before(read_integer, _limited(inner, kind) | {"strict": True})
        case "literal" if all(type(value) in (str, int) for value in inner["expected"]):
            return _before(literal_reader(inner["expected"]), inner)
        case "float":
            return inner | {"strict": True, "allow_inf_nan": False}
        case "bool":
            return inner | {"strict": True}
        case "str":
            return _text(inner, kind, config or {})
        case "decimal":
            bounds = (kind.precision, kind.scale) if isinstance(kind, Decimal) else ()
            return _before(decimal_reader(*bounds), inner | {"strict": True})
        case "enum":
            return _before(enum_reader(inner["cls"]), inner)
        case "bytes" | "date" | "datetime" | "time" | "timedelta" | "uuid" as leaf:
            return _before(_READERS[leaf], inner | {"strict": True})
        case "typed-dict" | "dataclass-args" | "model-fields":
            allowed = inner.get("extra_behavior") or (config or {}).get("extra_fields_behavior")
            return inner | {"extra_behavior": "allow" if allowed == "allow" else "forbid"}
        case "model" | "dataclass":
            # A constructor would validate once more, by the class's own lax rules.
            return inner | {"custom_init": False} if inner["type"] == "model" else inner
        case _:
            return inner


def leaf_of(schema: Schema) -> tuple[Schema, bool]:
    """What stands at the heart of a field's schema, and whether null may stand there."""
    nullable = False
    while schema["type"] in WRAPPERS:
        nullable = nullable or schema["type"] == "nullable"
        schema = schema["steps"][0] if schema["type"] == "chain" else schema["schema"]
    return schema, nullable or schema["type"] in ("any", "none")


def has_functions(schema: Schema) -> bool:
    """Whether the author's own functions stand between a document and the field's value."""
    while schema["type"] in WRAPPERS or schema["type"] in FUNCTIONS:
        if schema["type"] in FUNCTIONS:
            return True
        schema = schema["steps"][0] if schema["type"] == "chain" else schema["schema"]
    return False


def _with_children(schema: Schema, kind: Kind | None, config: Mapping[str, Any]) -> Schema:
    around = schema.get("config") or config
    changed = dict(schema)
    for name in _CHILDREN:
        if name in schema:
            changed[name] = _each(schema[name], lambda child: strict(child, kind, around))
    # The names of JSON members are text, also where the model reads them as something else.
    if "keys_schema" in schema and schema["keys_schema"]["type"] not in ("int", "float", "bool"):
        changed["keys_schema"] = strict(schema["keys_schema"], None, around)
    return changed


def _each(children: Any, change: Callable[[Schema], Schema]) -> Any:
    match children:
        case {"type": str()}:
            return change(children)
        case dict():
            return {name: _each(child, change) for name, child in children.items()}
        case list():
            return [_each(child, change) for child in children]
        case (child, label):
            return (_each(child, change), label)
        case _:
            return children


def _items_kind(schema: Schema, kind: Kind | None) -> Kind | None:
    return kind.items if isinstance(kind, Json) and schema["type"] in ("list", "set", "frozenset") else None


def _before(read: Reader, schema: Schema) -> Schema:
    # A reference names the schema as a whole.
    ref = schema.pop("ref", None)
    return cast(Schema, core_schema.no_info_before_validator_function(read, cast(CoreSchema, schema), ref=ref))


def _limited(schema: Schema, kind: Kind | None) -> Schema:
    match kind:
        case Integer():
            least, most = INTEGER_LIMITS
        case BigInteger():
            least, most = BIG_INTEGER_LIMITS
        case _:
            return schema
    return schema | {"ge": max(schema.get("ge", least), least), "le": min(schema.get("le", most), most)}


def _text(schema: Schema, kind: Kind | None, config: Mapping[str, Any]) -> Schema:
    changed = schema | {"strict": True, "coerce_numbers_to_str": False}
    if isinstance(kind, Text) and kind.longest is not None:
        own = schema.get("max_length", config.get("str_max_length"))
        changed["max_length"] = kind.longest if own is None else min(own, kind.longest)
    pattern = schema.get("pattern")
    if isinstance(pattern, re.Pattern) or (pattern and schema.get("regex_engine", config.get("regex_engine")) == "python-re"):
        changed["pattern"] = end_anchored(pattern)
        # For the JSON Schema, which knows `$` only.
        changed["metadata"] = {**schema.get("metadata", {}), PATTERN: pattern.pattern if isinstance(pattern, re.Pattern) else pattern}
    return changed
