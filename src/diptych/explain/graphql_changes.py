"""Changes between two GraphQL schemas, as graphql-core finds them, and a few that it does not."""

import re
from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationType,
    build_schema,
    is_required_argument,
    is_required_input_field,
)
from graphql.utilities import BreakingChange, DangerousChange, find_schema_changes

from diptych.explain.changes import Change, Effect, in_order
from diptych.explain.errors import NotUnderstood

# What stands in front of the place that a description is about.
_BEFORE: Final = re.compile(
    r"(?:Standard scalar|Fields?|Arguments?|Enum value|An? (?:optional|required) (?:field|argument)|Repeatable flag was removed from"
    r"|Repeatable flag was added to|Description of(?: (?:field|argument|input-field|enum value))?|Field) "
)
# Where the place comes last.
_BEHIND: Final = re.compile(r"(?:union type|implemented by|was (?:added|removed) (?:to|from)) (@?[A-Za-z_]\w*)\.$")
_PLACE: Final = re.compile(r"@?[A-Za-z_]\w*(?:\.\w+)?(?:\(\w+:\))?")


_PLURAL: Final = {OperationType.QUERY: "queries", OperationType.MUTATION: "mutations", OperationType.SUBSCRIPTION: "subscriptions"}


def graphql_changes(old: str, new: str) -> list[Change]:
    """All changes from one schema to another, both as text. Raises NotUnderstood for text that is no schema."""
    before, after = _schema(old, "old"), _schema(new, "new")
    found = [Change(_effect(change), _place(change.description), change.description) for change in find_schema_changes(before, after)]
    # A default that goes away makes what could be left out required, which is worse than what graphql-core says of it.
    required = list(_required(before, after))
    worse = {change.path for change in required}
    kept = [change for change in found if change.effect == "breaking" or change.path not in worse]
    return in_order([*kept, *required, *_deprecations(before, after), *_roots(before, after), *_one_of(before, after)])


def _schema(text: str, which: str) -> GraphQLSchema:
    try:
        return build_schema(text)
    except GraphQLSyntaxError as error:
        line = error.locations[0].line if error.locations else 1
        raise NotUnderstood(f"The {which} schema is no GraphQL: {error.message} (line {line}).") from None
    except TypeError as error:
        raise NotUnderstood(f"The {which} schema is not complete: {error}") from None
    except GraphQLError as error:
        raise NotUnderstood(f"The {which} schema cannot be: {error.message.partition(chr(10))[0]}") from None


def _effect(change: Any) -> Effect:
    if isinstance(change, BreakingChange):
        return "breaking"
    return "dangerous" if isinstance(change, DangerousChange) else "safe"


def _place(description: str) -> str:
    if (behind := _BEHIND.search(description)) is not None:
        return behind[1]
    before = _BEFORE.match(description)
    found = _PLACE.match(description, before.end() if before is not None else 0)
    return "" if found is None else found[0]


def _required(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """What is required now, and could be left out before because of its default."""
    for old, new in _both(before, after):
        if isinstance(old, GraphQLInputObjectType) and isinstance(new, GraphQLInputObjectType):
            for name in old.fields.keys() & new.fields.keys():
                if is_required_input_field(new.fields[name]) and not is_required_input_field(old.fields[name]):
                    yield _now_required(f"{new.name}.{name}")
        elif isinstance(old, GraphQLObjectType | GraphQLInterfaceType) and isinstance(new, GraphQLObjectType | GraphQLInterfaceType):
            for name in old.fields.keys() & new.fields.keys():
                arguments = old.fields[name].args
                for argument, definition in new.fields[name].args.items():
                    if argument in arguments and is_required_argument(definition) and not is_required_argument(arguments[argument]):
                        yield _now_required(f"{new.name}.{name}({argument}:)")


def _now_required(place: str) -> Change:
    return Change("breaking", place, f"{place} must be given now; it could be left out before.")


def _roots(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """Which types operations begin at; one that stays may be no root any more."""
    for operation in OperationType:
        old, new = before.get_root_type(operation), after.get_root_type(operation)
        if old is None and new is not None:
            yield Change("safe", new.name, f"There are {_PLURAL[operation]} now, of the type {new.name}.")
        elif old is not None and (new is None or new.name != old.name):
            word = _PLURAL[operation]
            told = f"There are no {word} any more." if new is None else f"The {word} begin at {new.name} now, and began at {old.name}."
            yield Change("breaking", old.name, told)


def _one_of(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """Inputs that take exactly one of their fields. Source: GraphQL, section 3.10.1."""
    for old, new in _both(before, after):
        if isinstance(old, GraphQLInputObjectType) and isinstance(new, GraphQLInputObjectType) and old.is_one_of != new.is_one_of:
            if new.is_one_of:
                yield Change("breaking", new.name, f"{new.name} takes exactly one of its fields now.")
            else:
                yield Change("safe", new.name, f"{new.name} takes several of its fields now.")


def _deprecations(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """What is deprecated now: it works as before, and graphql-core says nothing of it."""
    for old, new in _both(before, after):
        olds, news = _members(old), _members(new)
        for name in olds.keys() & news.keys():
            if news[name].deprecation_reason is not None and olds[name].deprecation_reason is None:
                yield Change("safe", f"{new.name}.{name}", f"{new.name}.{name} is deprecated now: {news[name].deprecation_reason}")


def _members(type_: GraphQLNamedType) -> dict[str, Any]:
    if isinstance(type_, GraphQLEnumType):
        return dict(type_.values)
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return dict(type_.fields)
    return {}


def _both(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[tuple[GraphQLNamedType, GraphQLNamedType]]:
    for name in sorted(before.type_map.keys() & after.type_map.keys()):
        if not name.startswith("__"):
            yield before.type_map[name], after.type_map[name]
