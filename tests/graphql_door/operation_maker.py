"""Makes operations of a schema at random: selections, fragments, aliases, variables, directives, arguments good and bad."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from diptych.semantics.order import Order, Place, write_place

TEXTS = ["a", "b", "a@x", "b@x", "", "x" * 21, "é\u2028\U0001f600", "1", "2"]
IDS: list[Any] = [*["1", "2", 1, 2, 3, 4, 5, "a", "b"] * 3, 6, "c", "01", "", 2**31, -1]
INTS: list[Any] = [*[1, 2, 3] * 4, 0, 20, 2**31 - 1, -(2**31)]
ODD: list[Any] = [None, True, 1.0, 1.5, 2**31, 2**60, "1", [], ["a"], [None], {}, {"a": 1}, [[1]]]
BY_NAME: dict[str, list[Any]] = {
    "String": TEXTS,
    "ID": IDS,
    "Int": INTS,
    "Boolean": [True, False],
    "Float": [0.5, 1, 1.0, -2.25, 1e300],
    "JSON": [{}, {"a": [1, {"b": None}]}, [], "x", 1, True],
    "Decimal": ["1.5", "1.50", "0"],
    "BigInt": [0, 2**53 - 1, 2**53],
    "DateTime": ["2024-05-01T12:30:00Z", "2024-05-01"],
    "Date": ["2024-05-01"],
    "Time": ["12:30:00"],
    "Duration": ["PT1H", "1h"],
    "UUID": ["123e4567-e89b-12d3-a456-426614174000", "x"],
    "Base64": ["AAE=", "="],
}
PATHS = ["/name", "/title", "/quantity", "/metadata", "/metadata/a", "/tags/-", "/nothing", ""]
BY_NAME_ORDER = (Order("name"),)
CURSORS = [
    *[write_place(Place((), key), ()) for key in (1, 2, "a", "b")],
    *[write_place(Place(("a",), key), BY_NAME_ORDER) for key in (1, 2)],
    "x",
]
BY_FIELD: dict[str, list[Any]] = {
    "op": ["add", "remove", "replace", "move", "copy", "test", "nothing"],
    "path": PATHS,
    "from": PATHS,
    "email": ["a@x", "b@x", "c@x", "a@y", ""],
    "sku": ["a", "b", "c", ""],
    "ownerId": ["1", 1, "2", "77"],
    "parentId": ["1", 1, "2", "77"],
    "price": ["1.50", "2", "x"],
    "after": CURSORS,
    "before": CURSORS,
}
# One of them would have another one inside, and so on.
JOINING = frozenset({"and", "or", "not"})


@dataclass
class Made:
    """An operation, and variables to run it with."""

    query: str
    variables: list[dict[str, Any]]


@dataclass
class Maker:
    """Makes one operation. `odd` is how likely a value is wrong."""

    schema: GraphQLSchema
    random: Random
    odd: float
    declared: dict[str, str] = field(default_factory=dict)
    values: list[dict[str, Any]] = field(default_factory=lambda: [{}, {}])
    fragments: dict[str, str] = field(default_factory=dict)
    of_type: dict[str, list[str]] = field(default_factory=dict)
    aliases: int = 0

    def operation(self) -> Made:
        mutates = self.random.random() < 0.6
        root = self.schema.mutation_type if mutates else self.schema.query_type
        assert root is not None
        body = self._root(root)
        declared = ", ".join(f"${name}: {said}" for name, said in self.declared.items())
        head = ("mutation" if mutates else "query") + (f" ({declared})" if declared else "")
        return Made(" ".join([head, body, *self.fragments.values()]), self.values)

    def _root(self, root: GraphQLObjectType) -> str:
        parts: list[str] = []
        asked: dict[str, tuple[str, Any]] = {}
        for number in range(self.random.randint(1, 3)):
            if self._chance(0.1):
                parts.append(self.random.choice(["__typename", "t: __typename"]) + self._directives())
            # Fewer deletes than anything else, or nothing would be there.
            names = sorted(root.fields, key=lambda name: (name.startswith("delete"), name))
            name = self.random.choice(names if self._chance(0.2) else [name for name in names if not name.startswith("delete")])
            definition = root.fields[name]
            response = name if number == 0 else f"r{number}"
            asked[response] = (f"{response}: {name}{self._arguments(definition)}", definition.type)
        for response in [*asked, *(self.random.choice(sorted(asked)) for _ in range(self._few(0.3)))]:
            text, type_ = asked[response]
            selection = f"{text}{self._directives()} {self._selection(type_, 4)}"
            parts.append(self._wrapped(selection, root.name))
        return "{ " + " ".join(parts) + " }"

    def _selection(self, type_: Any, depth: int) -> str:
        type_ = _named(type_)
        if is_leaf_type(type_):
            return ""
        parts = [self._part(type_, depth) for _ in range(self.random.randint(1, 5))]
        return "{ " + " ".join(["__typename" if self._chance(0.3) else "", *parts]).strip() + " }"

    def _part(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLUnionType):
            members = sorted(self.schema.get_possible_types(type_), key=lambda member: member.name)
            success = [member for member in members if member.name.endswith(("Written", "Deleted"))]
            inner: Any = self.random.choice(success if self._chance(0.5) else [*members, self.schema.type_map["Problem"]])
            return self._fragment(inner, depth)
        if self._chance(0.15):
            return "__typename" + self._directives()
        if depth and self._chance(0.2):
            return self._fragment(type_, depth - 1)
        # Relations lead from one type to the other and back again.
        names = sorted(name for name, field in type_.fields.items() if depth > 0 or is_leaf_type(_named(field.type)))
        if not names:
            return "__typename"
        name = self.random.choice(names)
        field = type_.fields[name]
        alias = f"{name}_2: " if self._chance(0.2) else ""
        if field.args:
            # Fields of one response name must have the same arguments.
            self.aliases += 1
            alias = f"{name}_a{self.aliases}: "
        return f"{alias}{name}{self._arguments(field)}{self._directives()} {self._selection(field.type, depth - 1)}"

    def _fragment(self, type_: Any, depth: int) -> str:
        """A fragment on a type: in place, or with a name, one that is there already or a new one."""
        if known := self.of_type.get(type_.name):
            if self._chance(0.4):
                return f"...{self.random.choice(known)}{self._directives()}"
        elif self._chance(0.5):
            name = f"F{len(self.fragments)}"
            self.fragments[name] = ""
            self.fragments[name] = f"fragment {name} on {type_.name} {self._selection(type_, depth)}"
            self.of_type.setdefault(type_.name, []).append(name)
            return f"...{name}{self._directives()}"
        return f"... on {type_.name}{self._directives()} {self._selection(type_, depth)}"

    def _wrapped(self, selection: str, type_name: str) -> str:
        if not self._chance(0.2):
            return selection
        condition = f"on {type_name}" if self._chance(0.5) else ""
        return f"... {condition}{self._directives()} {{ {selection} }}"

    def _directives(self) -> str:
        if not self._chance(0.15):
            return ""
        name = self.random.choice(["skip", "include"])
        if self._chance(0.4):
            return f" @{name}(if: {self.random.choice(['true', 'false'])})"
        said = self.random.choice(["Boolean!", "Boolean!", "Boolean! = true", "Boolean = false"])
        choices: list[Any] = [True, False, None, "absent"] if self._chance(self.odd) else [True, False]
        return f" @{name}(if: {self._declare(said, [self.random.choice(choices) for _ in self.values])})"

    def _arguments(self, definition: Any) -> str:
        given = [
            f"{name}: {self._argument(name, argument, 0)}"
            for name, argument in definition.args.items()
            if is_required_argument(argument) or self._chance(0.4)
        ]
        return f"({', '.join(given)})" if given else ""

    def _argument(self, name: str, definition: Any, depth: int) -> str:
        """A value where an argument or a field of an input object stands: a variable, or a literal that may have some inside."""
        if self._chance(0.2 if depth else 0.5):
            return self._variable(name, definition)
        return self._literal(name, definition.type, depth)

    def _variable(self, name: str, definition: Any) -> str:
        type_, said, default = definition.type, str(definition.type), ""
        if said.endswith("!"):
            # A position with a default of its own takes a variable that may be null.
            if not _is_required(definition) and self._chance(0.5):
                said = said[:-1]
        elif self._chance(0.2):
            said += "!"
        if self._chance(0.2):
            default = f" = {_spelled(self._value(name, type_), type_)}"
        return self._declare(said + default, [self._value_or_absent(name, type_, said + default) for _ in self.values])

    def _declare(self, said: str, values: list[Any]) -> str:
        name = f"v{len(self.declared)}"
        self.declared[name] = said
        for given, value in zip(self.values, values, strict=True):
            if value != "absent":
                given[name] = value
        return f"${name}"

    def _value_or_absent(self, name: str, type_: Any, said: str) -> Any:
        odd = self._chance(self.odd)
        if self._chance(0.3) and (odd or not said.endswith("!")):
            return self.random.choice(["absent", None]) if odd or "!" not in said else "absent"
        return self._value(name, type_)

    def _value(self, name: str, type_: Any) -> Any:
        """A JSON value of a type, or now and then of another one."""
        if self._chance(self.odd / 4):
            return self.random.choice(ODD)
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self._chance(0.05):
            return None
        if is_list_type(type_):
            # A single value counts as a list of one.
            single = self._chance(0.1)
            return (
                self._value(name, type_.of_type) if single else [self._value(name, type_.of_type) for _ in range(self.random.randint(0, 3))]
            )
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_)
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(sorted(type_.values))
        return self.random.choice(BY_FIELD.get(name) or BY_NAME[type_.name])

    def _object(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        members = {
            name: self._value(name, inner.type)
            for name, inner in self._some(type_).items()
            if (is_required_input_field(inner) and not self._chance(self.odd / 4)) or self._chance(0.5)
        }
        return {**members, "unknown": 1} if self._chance(self.odd / 8) else members

    def _literal(self, name: str, type_: Any, depth: int) -> str:
        """A literal, with variables inside now and then."""
        inner = type_.of_type if is_non_null_type(type_) else type_
        if isinstance(inner, GraphQLInputObjectType):
            members = [
                f"{name}: {self._argument(name, field, depth + 1)}"
                for name, field in self._some(inner).items()
                if is_required_input_field(field) or self._chance(0.4)
            ]
            return "{" + ", ".join(members) + "}"
        if is_list_type(inner) and self._chance(0.7):
            return "[" + ", ".join(self._item(name, inner.of_type, depth) for _ in range(self.random.randint(0, 3))) + "]"
        if _named(inner).name == "JSON" and self._chance(0.3):
            said = self._declare("JSON", [self._value_or_absent(name, _named(inner), "JSON") for _ in self.values])
            return self.random.choice([f"{{a: {said}}}", f"[1, {said}]", f'{{a: {{b: [{said}, "x"]}}}}'])
        return _spelled(self._value(name, type_), type_)

    def _some(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        """The fields of an input, a few of them where it is a filter: all of many conditions never hold."""
        if not type_.name.endswith(("Where", "Filter")):
            return dict(type_.fields)
        names = [name for name in sorted(type_.fields) if name not in JOINING or self._chance(0.3)]
        return {name: type_.fields[name] for name in self.random.sample(names, min(len(names), self.random.randint(1, 3)))}

    def _item(self, name: str, type_: Any, depth: int) -> str:
        if self._chance(0.7):
            return self._literal(name, type_, depth + 1)
        return self._declare(str(type_), [self._value_or_absent(name, type_, str(type_)) for _ in self.values])

    def _chance(self, likely: float) -> bool:
        return self.random.random() < likely

    def _few(self, likely: float) -> int:
        return self.random.randint(1, 2) if self._chance(likely) else 0


def _named(type_: Any) -> Any:
    while is_non_null_type(type_) or is_list_type(type_):
        type_ = type_.of_type
    return type_


def _is_required(definition: Any) -> bool:
    return is_required_argument(definition) if isinstance(definition, GraphQLArgument) else is_required_input_field(definition)


def _spelled(value: Any, type_: Any) -> str:
    """A JSON value as a GraphQL literal of a type."""
    named = _named(type_)
    if isinstance(value, dict):
        fields = named.fields if isinstance(named, GraphQLInputObjectType) else {}
        return (
            "{"
            + ", ".join(f"{name}: {_spelled(item, fields[name].type if name in fields else named)}" for name, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_spelled(item, type_) for item in value) + "]"
    if isinstance(value, str) and isinstance(named, GraphQLEnumType) and value.isidentifier():
        return value
    return json.dumps(value)
