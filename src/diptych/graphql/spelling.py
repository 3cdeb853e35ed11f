"""Commands become operations: the way back from `diptych.graphql.arguments`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, assert_never

from graphql import (
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
    print_ast,
)

from diptych.graphql.resolvers import mutation_names, query_names
from diptych.resource.filter_names import order_values
from diptych.resource.kinds import Json
from diptych.resource.shape import Relation, ResourceShape
from diptych.semantics.command import (
    Address,
    Command,
    Content,
    Create,
    Delete,
    Fetch,
    FetchMany,
    JsonPatch,
    List,
    MergePatch,
    Replace,
    Unaddressable,
)
from diptych.semantics.condition import EVERYTHING
from diptych.semantics.condition_writing import write_condition
from diptych.semantics.json_value import JSON, same
from diptych.semantics.outcome import Malformed
from diptych.semantics.precondition import Absent, IsAt, Precondition
from diptych.semantics.version import LAST, NOTHING

# Stands for a condition that no row ever meets, such as a tag that is none of ours.
_NEVER: Final = -1
_PAGE_INFO: Final = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its variables, JSON values by name."""

    name: str
    query: str
    variables: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Unspelled:
    """The door has no operation that means this; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The members of rows to select, by JSON name, None for all, and the relations whose rows are selected besides."""

    fields: frozenset[str] | None = None
    include: tuple[Relation, ...] = ()


class Operations:
    """Spells commands under one schema."""

    def __init__(self, schema: GraphQLSchema, resources: Sequence[ResourceShape]) -> None:
        self._schema = schema
        self._resources = {resource.name: resource for resource in resources}

    def of(self, command: Command | FetchMany, resource: ResourceShape, shown: Shown) -> Operation | Unspelled:
        """Spell a command; whether the schema takes its values is for validation to say."""
        create, replace, patch, json_patch, delete = mutation_names(resource)
        single, many, several = query_names(resource)
        match command:
            case Create(document, preconditions):
                return self._write(create, {}, preconditions, "input", document, resource)
            case Replace(key, document, preconditions):
                return self._write(replace, _id(key), preconditions, "input", document, resource)
            case MergePatch(key, document, preconditions):
                return self._write(patch, _id(key), preconditions, "patch", document, resource)
            case JsonPatch(key, operations, preconditions):
                return self._write(json_patch, _id(key), preconditions, "operations", operations, resource)
            case Delete(key, preconditions):
                return self._write(delete, _id(key), preconditions, "", None, resource)
            case Fetch(key, preconditions, unless):
                if preconditions or unless:
                    return Unspelled("GraphQL has no conditional reads.")
                return self._read(single, _id(key), self._row(resource, shown))
            case List():
                counted = "totalCount" if command.counted else ""
                selection = f"{{ edges {{ node {self._row(resource, shown)} }} {_PAGE_INFO} {counted} }}"
                return self._read(many, _window(command, resource), selection)
            case FetchMany(keys):
                return self._read(several, {"ids": [_id(key)["id"] for key in keys]}, self._row(resource, shown))
            case _:
                assert_never(command)

    def _write(
        self,
        field: str,
        given: dict[str, JSON],
        preconditions: Sequence[Precondition],
        member: str,
        content: Content,
        resource: ResourceShape,
    ) -> Operation | Unspelled:
        version = _version(preconditions)
        if isinstance(version, Unspelled):
            return version
        if isinstance(content, Malformed):
            return _unreadable(content)
        arguments = given | ({} if version is None else {"version": version}) | ({member: content} if member else {})
        root = self._schema.mutation_type
        assert root is not None
        definition = root.fields[field]
        return self._operation("mutation", field, definition, arguments, self._result(get_named_type(definition.type), resource))

    def _read(self, field: str, arguments: dict[str, JSON], selection: str) -> Operation:
        root = self._schema.query_type
        assert root is not None
        return self._operation("query", field, root.fields[field], arguments, selection)

    def _operation(self, kind: str, field: str, definition: Any, arguments: Mapping[str, JSON], selection: str) -> Operation:
        """Every argument is a variable, so that any JSON can be said."""
        declared = ", ".join(f"${name}: {definition.args[name].type}" for name in arguments)
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        name = field[0].upper() + field[1:]
        head = f"{kind} {name}" + (f"({declared})" if declared else "")
        call = field + (f"({passed})" if passed else "")
        variables = {name: _spelled(value, definition.args[name].type) for name, value in arguments.items()}
        return Operation(name, print_ast(parse(f"{head} {{ {call} {selection} }}")), variables)

    def _row(self, resource: ResourceShape, shown: Shown) -> str:
        names = (resource.key_name, *(column.json_name for column in resource.readable), "version")
        fields = [name for name in names if shown.fields is None or name in shown.fields]
        return "{ " + " ".join([*fields, *map(self._related, shown.include)]) + " }"

    def _related(self, relation: Relation) -> str:
        row = self._row(self._resources[relation.target], Shown())
        return f"{relation.name} {{ edges {{ node {row} }} {_PAGE_INFO} }}" if relation.many else f"{relation.name} {row}"

    def _result(self, union: Any, resource: ResourceShape) -> str:
        """All that REST would answer with, success and refusals."""
        assert isinstance(union, GraphQLUnionType)
        row, name = self._row(resource, Shown()), resource.name
        told = {
            f"{name}Written": f"outcome version {resource.names.singular} {row}",
            f"{name}Deleted": f"{resource.key_name} version",
            f"{name}VersionMismatch": f"currentVersion current {row}",
            "Invalid": "violations { pointer code message }",
        }
        members = [f"... on {member.name} {{ {told[member.name]} }}" for member in union.types if member.name in told]
        return "{ __typename " + " ".join([*members, "... on Problem { code detail }"]) + " }"


def _id(key: Address) -> dict[str, JSON]:
    return {"id": key.text if isinstance(key, Unaddressable) else str(key)}


def _version(preconditions: Sequence[Precondition]) -> int | Unspelled | None:
    match tuple(preconditions):
        case ():
            return None
        case (Absent(),):
            return NOTHING
        case (IsAt(versions),) if len(versions) < 2:
            version = next(iter(versions), _NEVER)
            return version if version <= LAST else _NEVER
        case (IsAt(),):
            return Unspelled("GraphQL names one version; If-Match has several.")
        case (_, _, *_):
            return Unspelled("GraphQL names one version; If-Match and If-None-Match are two conditions.")
        case (IsAt() | Absent(), *_):
            raise AssertionError("one condition was looked at before")
        case _:
            return Unspelled("GraphQL has nothing like `If-Match: *`, nor like a list in If-None-Match: name the version that was read.")


def _window(command: List, resource: ResourceShape) -> dict[str, JSON]:
    given: dict[str, JSON] = {}
    if command.where != EVERYTHING:
        kept = frozenset(column.json_name for column in resource.columns if isinstance(column.kind, Json))
        given["where"] = write_condition(command.where, kept)
    if command.order:
        given["orderBy"] = [order_values(one.field)[one.descending] for one in command.order]
    backwards = command.end == "last"
    # `before` alone asks for the rows right in front of it anyway.
    understood = not backwards if command.before is None else backwards == (command.after is None)
    if command.size != resource.limits.usual_page or not understood:
        given[command.end] = command.size
    return given | {name: cursor for name, cursor in (("after", command.after), ("before", command.before)) if cursor is not None}


def _spelled(value: JSON, type_: Any) -> JSON:
    """A JSON value of REST's as a variable of a type: keys as text, enums by name. What does not fit stays as it is."""
    if is_non_null_type(type_):
        return _spelled(value, type_.of_type)
    if is_list_type(type_):
        return [_spelled(item, type_.of_type) for item in value] if isinstance(value, list) else value
    if isinstance(type_, GraphQLInputObjectType):
        return dict(_members(value, type_)) if isinstance(value, dict) else value
    if isinstance(type_, GraphQLEnumType):
        return next((name for name, member in type_.values.items() if same(_plain(member.value), value)), value)
    return str(value) if type_ is GraphQLID and type(value) is int else value


def _members(value: Mapping[str, JSON], type_: GraphQLInputObjectType) -> Iterator[tuple[str, JSON]]:
    for name, item in value.items():
        yield name, _spelled(item, type_.fields[name].type) if name in type_.fields else item


def _plain(member: Any) -> JSON:
    return member.value if isinstance(member, Enum) else member


def _unreadable(content: Malformed) -> Unspelled:
    where = "" if content.offset is None else f" (at byte {content.offset})"
    return Unspelled(f"The content cannot be read: {content.reason}{where}.")
