"""The declaration: reads a SQLModel class once."""

from diptych.resource.declaration import DeclarationError, Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape

__all__ = ["DeclarationError", "Resource", "ResourceShape", "Versioned", "read_resources"]
