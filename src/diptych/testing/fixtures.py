"""The bridge under test, its doors, and who uses them."""

import importlib
from collections.abc import AsyncIterator
from copy import copy

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from diptych.app.bridge import Bridge
from diptych.testing.conflicts import Conflict, Conflicting
from diptych.testing.doors import Door
from diptych.testing.graphql import GraphqlDoor
from diptych.testing.options import BRIDGE
from diptych.testing.principals import AsPrincipal, Standing, as_believed
from diptych.testing.rest import RestDoor


@pytest.fixture
def declared(request: pytest.FixtureRequest) -> Bridge:
    """The bridge to be tested, as it is declared. pytest's option `diptych_bridge` names it; or write a fixture of this name."""
    target = request.config.getini(BRIDGE)
    module, _, name = target.partition(":")
    if not module or not name:
        pytest.fail(f"Say which bridge is tested: {BRIDGE} = 'shop.bridge:bridge' among pytest's options.", pytrace=False)
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, Bridge):
        pytest.fail(f"{BRIDGE}: {target!r} is no Bridge.", pytrace=False)
    return found


@pytest_asyncio.fixture
async def bridge(request: pytest.FixtureRequest, declared: Bridge, database_url: str) -> AsyncIterator[Bridge]:
    """The bridge over a database of the test's own, open.

    It counts no requests, takes every GraphQL document, and reads from no replica. In a test that uses `as_principal`, it believes it.
    """
    tested = copy(declared)
    tested.trusted = None
    tested.replica = None
    if "as_principal" in request.fixturenames:
        tested.authenticator = Standing(declared.authenticator)
    tested = tested.at(database_url, rates=False)
    await tested.open()
    yield tested
    await tested.close()


@pytest.fixture
def app(bridge: Bridge) -> FastAPI:
    """The application with both doors. Write a fixture of this name for an application of your own."""
    return bridge.app()


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the application, in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", trust_env=False) as client:
        yield client


@pytest.fixture
def rest(bridge: Bridge, app: FastAPI) -> RestDoor:
    """The REST door."""
    return RestDoor(bridge, app)


@pytest.fixture
def graphql(bridge: Bridge, app: FastAPI) -> GraphqlDoor:
    """The GraphQL door."""
    return GraphqlDoor(bridge, app)


@pytest.fixture(params=["rest", "graphql"])
def door(request: pytest.FixtureRequest, rest: RestDoor, graphql: GraphqlDoor) -> Door:
    """One door, then the other: the test runs once through each."""
    return rest if request.param == "rest" else graphql


@pytest.fixture
def other_door(door: Door, rest: RestDoor, graphql: GraphqlDoor) -> Door:
    """The door that `door` is not."""
    return graphql if door is rest else rest


@pytest.fixture
def as_principal() -> AsPrincipal:
    """Makes a door that somebody uses: `ann = as_principal(door, "ann", roles={"editor"})`."""
    return as_believed


@pytest.fixture
def conflict(bridge: Bridge, rest: RestDoor, graphql: GraphqlDoor) -> Conflict:
    """Makes a lost update happen, and sees it refused through both doors."""
    return Conflicting(bridge, rest, graphql)
