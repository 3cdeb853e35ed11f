"""Refusing names that two things would have, or that GraphQL and the contract already use."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from diptych.resource.declaration import DeclarationError
from diptych.resource.filter_names import COMMON_FILTERS, enum_filters, order_values
from diptych.resource.kinds import Enumeration, Json, Kind
from diptych.resource.shape import Names, ResourceShape

_GRAPHQL_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")

# Types that every schema has, whatever is declared.
_TAKEN_TYPES: Final = frozenset(
    {"Query", "Mutation", "Subscription", "String", "Int", "Float", "Boolean", "ID", "BigInt", "JSON", "Date", "DateTime", "Time"}
    | {"Duration", "Decimal", "UUID", "Bytes", "Base64", "Void", "Upload", "Node", "PageInfo", "JsonPatchOperation", "JsonPatchOp"}
    | {"Problem", "NotFound", "Invalid", "Violation", "AlreadyExists", "UniqueConflict", "ReferenceConflict", "PatchConflict"}
    | {"PatchInvalid", "VersionMismatch", "VersionExhausted", "PreconditionRequired", "WriteOutcome"}
    | COMMON_FILTERS
)
# Fields of a UserWritten beside the row itself.
_TAKEN_SINGULARS: Final = frozenset({"outcome", "version"})
_TAKEN_ENUM_VALUES: Final = frozenset({"true", "false", "null"})


def refuse_names(shapes: Sequence[ResourceShape]) -> None:
    """Refuse a set of resources that cannot have their names together. Raises DeclarationError."""
    for shape in shapes:
        _refuse_form(shape)
        _refuse_fields(shape)
        _refuse_relations(shape)
        _refuse_orders(shape)
    _refuse_twice("path", [(shape.names.path, shape, "give one of them path=") for shape in shapes])
    _refuse_twice("table", [(shape.table, shape, "declare each table once") for shape in shapes])
    roots = [(name, shape, "give one of them singular= or plural=") for shape in shapes for name in _root_fields(shape.names)]
    _refuse_twice("root field", roots)
    _refuse_types(shapes)


def type_names(names: Names) -> tuple[str, ...]:
    """The GraphQL types that one resource brings along."""
    name = names.type
    inputs = (f"{verb}{name}Input" for verb in ("Create", "Replace", "Patch"))
    results = (f"{verb}{name}Result" for verb in ("Create", "Replace", "Patch", "Delete"))
    others = ("Written", "Deleted", "VersionMismatch", "Connection", "Edge", "Where", "Order")
    return (name, *inputs, *results, *(f"{name}{suffix}" for suffix in others))


def _root_fields(names: Names) -> tuple[str, ...]:
    reads = (names.singular, names.plural, f"{names.plural}ByIds")
    return (*reads, *(f"{verb}{names.type}" for verb in ("create", "replace", "patch", "jsonPatch", "delete")))


def _refuse_form(shape: ResourceShape) -> None:
    names, model = shape.names, shape.model.__name__
    for option, name in (("type_name", names.type), ("singular", names.singular), ("plural", names.plural)):
        _refuse_graphql_name(name, f"{model}, {option}")
    if names.singular == names.plural:
        raise DeclarationError(f'{model}: its plural is its singular, "{names.plural}"; give plural=, such as plural="{names.plural}List"')
    if names.singular in _TAKEN_SINGULARS:
        raise DeclarationError(f'{model}: "{names.singular}" is a field of every write\'s answer; give singular= and plural=')
    if _SEGMENT.fullmatch(names.path) is None:
        raise DeclarationError(f'{model}: the path "{names.path}" is not one segment of a URL; use letters, digits and hyphens')


def _refuse_fields(shape: ResourceShape) -> None:
    attributes: dict[str, str] = {"version": "version"}
    for field in (shape.key, *shape.columns):
        where = f"{shape.model.__name__}.{field.attribute}"
        _refuse_graphql_name(field.json_name, where)
        if field.json_name == "id" and field is not shape.key:
            raise DeclarationError(f'{where}: "id" names the key in every address; rename the field, or give it an alias')
        if (other := attributes.setdefault(field.json_name, field.attribute)) != field.attribute:
            raise DeclarationError(f'{where}: "{field.json_name}" is also the JSON name of {other}; rename one, or give it an alias')
        for enum in _enums(field.kind):
            for member in enum.enum:
                _refuse_graphql_name(member.name, f"{where}, enum {enum.enum.__name__}")
                if member.name in _TAKEN_ENUM_VALUES:
                    raise DeclarationError(f"{where}, enum {enum.enum.__name__}: GraphQL takes no value called {member.name}; rename it")


def _refuse_relations(shape: ResourceShape) -> None:
    seen: set[str] = set()
    for relation in shape.relations:
        _refuse_graphql_name(relation.name, f"{shape.model.__name__}, relation to {relation.target}")
        if relation.name in seen:
            raise DeclarationError(f'{shape.model.__name__}: two of its relations are "{relation.name}"; rename one')
        seen.add(relation.name)


def _refuse_orders(shape: ResourceShape) -> None:
    seen: dict[str, str] = {}
    for name in sorted(shape.orders):
        value, _ = order_values(name)
        if (other := seen.setdefault(value, name)) != name:
            instead = "rename one, or give it an alias"
            raise DeclarationError(
                f'{shape.model.__name__}: "{other}" and "{name}" are both {value} in what lists are ordered by; {instead}'
            )


def _refuse_types(shapes: Sequence[ResourceShape]) -> None:
    owners: dict[str, object] = {}

    def take(name: str, owner: object, where: str, instead: str) -> None:
        if name in _TAKEN_TYPES:
            raise DeclarationError(f'{where}: the type name "{name}" is already used by the contract or by GraphQL; {instead}')
        if owners.setdefault(name, owner) is not owner:
            raise DeclarationError(f'{where}: the type name "{name}" is used twice; {instead}')

    for shape in shapes:
        for name in type_names(shape.names):
            take(name, shape, shape.model.__name__, "give type_name=")
    for shape in shapes:
        for field in shape.columns:
            for enum in _enums(field.kind):
                where = f"{shape.model.__name__}.{field.attribute}"
                _refuse_graphql_name(enum.enum.__name__, where)
                for name in (enum.enum.__name__, *enum_filters(enum.enum.__name__)):
                    take(name, enum.enum, where, "rename the enum")
        for name in shape.definitions:
            if name in _TAKEN_TYPES or isinstance(owners.get(name), ResourceShape):
                raise DeclarationError(f'{shape.model.__name__}: the nested model "{name}" has the name of another type; rename it')


def _enums(kind: Kind) -> Iterator[Enumeration]:
    inner = kind.items if isinstance(kind, Json) else kind
    if isinstance(inner, Enumeration):
        yield inner


def _refuse_twice(what: str, named: Sequence[tuple[str, ResourceShape, str]]) -> None:
    seen: dict[str, ResourceShape] = {}
    for name, shape, instead in named:
        other = seen.setdefault(name, shape)
        if other is not shape:
            raise DeclarationError(f'{other.model.__name__} and {shape.model.__name__} have one {what}, "{name}"; {instead}')


def _refuse_graphql_name(name: str, where: str) -> None:
    if name.startswith("__"):
        raise DeclarationError(f'{where}: "{name}" begins with two underscores, which GraphQL keeps for itself; rename it')
    if _GRAPHQL_NAME.fullmatch(name) is None:
        raise DeclarationError(f'{where}: "{name}" is not a GraphQL name; use letters, digits and underscores of ASCII')
