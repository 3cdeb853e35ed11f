"""GraphQL documents that ask for everything: written from the schema of the bridge, which need not answer introspection."""

from collections.abc import Collection
from typing import Final, Literal

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_abstract_type, is_required_argument

from diptych.app.bridge import Bridge

# Problems, their violations and their rows: nothing that a bridge makes lies deeper.
_DEEPEST: Final = 5


class Documents:
    """Operations of one root field each, with every argument as a variable and every field of the answer selected."""

    def __init__(self, bridge: Bridge) -> None:
        self._schema: GraphQLSchema = build_schema(bridge.sdl())

    def operation(self, root: Literal["query", "mutation"], name: str, given: Collection[str]) -> str:
        """The document; a required argument that is not given is declared too, for the schema to miss."""
        asked = self._root(root).fields[name]
        declared = {each: argument for each, argument in asked.args.items() if each in given or is_required_argument(argument)}
        signature = ", ".join(f"${each}: {argument.type}" for each, argument in declared.items())
        passed = ", ".join(f"{each}: ${each}" for each in declared)
        return (
            f"{root} Asked{f'({signature})' if declared else ''} {{ asked: {name}{f'({passed})' if declared else ''} {self._all(asked)} }}"
        )

    def _root(self, root: Literal["query", "mutation"]) -> GraphQLObjectType:
        found = self._schema.query_type if root == "query" else self._schema.mutation_type
        if found is None:
            raise ValueError(f"The schema has no {root}.")
        return found

    def _all(self, field: GraphQLField, depth: int = 0) -> str:
        kind = get_named_type(field.type)
        if is_abstract_type(kind):
            members = (f"... on {each.name} {self._members(each, depth)}" for each in self._schema.get_possible_types(kind))
            return f"{{ __typename {' '.join(members)} }}"
        return self._members(kind, depth) if isinstance(kind, GraphQLObjectType) else ""

    def _members(self, kind: GraphQLObjectType, depth: int) -> str:
        # Of a row itself; what belongs to it is others' rows.
        is_row = f"{kind.name}Edge" in self._schema.type_map
        taken = {
            name: self._all(inner, depth + 1)
            for name, inner in kind.fields.items()
            if depth < _DEEPEST and not any(map(is_required_argument, inner.args.values()))
            if not (is_row and isinstance(get_named_type(inner.type), GraphQLObjectType))
        }
        return f"{{ {' '.join(f'{name} {inner}'.strip() for name, inner in taken.items())} }}"
