"""Door two: GraphQL, with a Strawberry schema made of the resources and whatever the user adds."""

from diptych.graphql.additions import SchemaConflict
from diptych.graphql.context import Context
from diptych.graphql.http import GraphqlDoor
from diptych.graphql.schema import build_schema, print_sdl

__all__ = ["Context", "GraphqlDoor", "SchemaConflict", "build_schema", "print_sdl"]
