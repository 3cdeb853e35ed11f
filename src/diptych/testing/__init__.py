"""Fixtures for the tests of a bridge: both doors, both databases, principals, and a lost update made on purpose.

Write `pytest_plugins = ["diptych.testing"]` in a conftest. The extra `testing` brings what it needs.

PYTEST_DONT_REWRITE: a conftest may import from here before pytest loads this as a plugin.
"""

from diptych.testing.answers import Answer
from diptych.testing.conflicts import Conflict, LostUpdate
from diptych.testing.databases import database_url, postgresql_server, postgresql_url, sqlite_url
from diptych.testing.doors import Door
from diptych.testing.fixtures import app, as_principal, bridge, client, conflict, declared, door, graphql, other_door, rest
from diptych.testing.graphql import GraphqlDoor
from diptych.testing.options import pytest_addoption, pytest_collection_modifyitems, pytest_configure
from diptych.testing.principals import AsPrincipal
from diptych.testing.rest import RestDoor

__all__ = [
    "Answer",
    "AsPrincipal",
    "Conflict",
    "Door",
    "GraphqlDoor",
    "LostUpdate",
    "RestDoor",
    "app",
    "as_principal",
    "bridge",
    "client",
    "conflict",
    "database_url",
    "declared",
    "door",
    "graphql",
    "other_door",
    "postgresql_server",
    "postgresql_url",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "rest",
    "sqlite_url",
]
