"""The demo in this process, behind both doors, on every database."""

from collections.abc import AsyncIterator

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import Door, Graphql, Rest


@pytest.fixture
async def bridge(database_url: str) -> AsyncIterator[Bridge]:
    bridge = demo_bridge(database_url)
    await bridge.open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        yield client


@pytest.fixture
def rest(client: httpx.AsyncClient) -> Rest:
    return Rest(client)


@pytest.fixture
def graphql(client: httpx.AsyncClient) -> Graphql:
    return Graphql(client)


@pytest.fixture(params=["rest", "graphql"])
def door(request: pytest.FixtureRequest, rest: Rest, graphql: Graphql) -> Door:
    """The door a story is told through."""
    return rest if request.param == "rest" else graphql


@pytest.fixture
def other(door: Door, rest: Rest, graphql: Graphql) -> Door:
    """The door that the story is not told through."""
    return graphql if door is rest else rest
