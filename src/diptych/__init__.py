"""Declare a resource once, as a SQLModel class; serve it twice, as GraphQL mutations and as REST routes."""

from diptych.app.bridge import Bridge, MountError
from diptych.graphql.additions import SchemaConflict
from diptych.http.cors import ALLOWED_HEADERS, ALLOWED_METHODS, EXPOSED_HEADERS
from diptych.resource.declaration import DeclarationError, Resource, Versioned
from diptych.store.errors import DatabaseAway, DatabaseUrlError, TableMismatch

__all__ = [
    "ALLOWED_HEADERS",
    "ALLOWED_METHODS",
    "EXPOSED_HEADERS",
    "Bridge",
    "DatabaseAway",
    "DatabaseUrlError",
    "DeclarationError",
    "MountError",
    "Resource",
    "SchemaConflict",
    "TableMismatch",
    "Versioned",
]
