"""Declare a resource once, as a SQLModel class; serve it twice, as GraphQL mutations and as REST routes."""

from diptych.app.bridge import Bridge, MountError
from diptych.resource.declaration import DeclarationError, Resource, Versioned
from diptych.store.errors import DatabaseUrlError, TableMismatch

__all__ = ["Bridge", "DatabaseUrlError", "DeclarationError", "MountError", "Resource", "TableMismatch", "Versioned"]
