"""The schema: every resource's types and root fields, and beside them whatever the user adds."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import strawberry
from graphql import GraphQLError, print_schema
from strawberry.directive import StrawberryDirective
from strawberry.exceptions import DuplicatedTypeName, ScalarAlreadyRegisteredError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from diptych.graphql.additions import SchemaConflict, root_type
from diptych.graphql.fields import FieldTypes
from diptych.graphql.filter_inputs import FilterTypes
from diptych.graphql.inputs import write_json_defaults
from diptych.graphql.prepared import Prepared
from diptych.graphql.relations import add_relations
from diptych.graphql.resolvers import mutation_fields, query_fields
from diptych.graphql.scalars import SCALARS
from diptych.graphql.types import resource_types
from diptych.resource.shape import ResourceShape

Extension = type[SchemaExtension] | Callable[[], SchemaExtension]


_MUTATION: Final = "Everything that can be changed. The fields run in order, each a write of its own."


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing: most errors are a client's and expected, and the door logs those that are not."""


def build_schema(
    resources: Sequence[ResourceShape],
    *,
    query: type | None = None,
    mutation: type | None = None,
    types: Iterable[Any] = (),
    extensions: Iterable[Extension] = (),
    directives: Iterable[StrawberryDirective[Any]] = (),
    schema_directives: Iterable[object] = (),
) -> strawberry.Schema:
    """Build the schema of some resources.

    `query` and `mutation` are the user's own Strawberry classes, whose fields stand beside ours; `extensions` are classes or
    factories. Raises SchemaConflict when a name is in both.
    """
    fields = FieldTypes(resources)
    filters = FilterTypes(fields)
    queries: dict[str, Any] = {}
    mutations: dict[str, Any] = {}
    made = {resource.name: resource_types(resource, fields, filters) for resource in resources}
    for resource in resources:
        add_relations(resource, resources, made, fields)
        queries |= query_fields(resource, made[resource.name], fields)
        mutations |= mutation_fields(resource, made[resource.name], fields)
    extensions, directives = list(extensions), list(directives)
    # What is not ours runs under Strawberry, which is handed the document that was read already.
    ready = [Prepared] if extensions or directives or query or mutation else []
    try:
        schema = _Schema(
            query=root_type("Query", queries, query, "Everything that can be read."),
            mutation=root_type("Mutation", mutations, mutation, _MUTATION),
            types=list(types),
            extensions=[*extensions, *ready],
            directives=directives,
            schema_directives=list(schema_directives),
            config=StrawberryConfig(scalar_map=SCALARS),
        )
    except (DuplicatedTypeName, ScalarAlreadyRegisteredError) as error:
        raise SchemaConflict(f"{error.message}: the resources have it already; give yours another name.") from None
    for resource in resources:
        write_json_defaults(schema._schema, resource)
    return schema


def is_plain(schema: strawberry.Schema) -> bool:
    """Whether nothing is registered that Strawberry's execution would run and graphql-core's would pass by."""
    return not schema.directives and all(extension is Prepared for extension in schema.extensions)


def print_sdl(schema: strawberry.Schema) -> str:
    """Print the schema in GraphQL's own language.

    With graphql-core's printer: Strawberry's leaves out the default of a JSON field.
    """
    return print_schema(schema._schema) + "\n"
