"""The demo behind both doors, with limits of a test's own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from diptych import Bridge
from diptych.demo.models import RESOURCES
from diptych.demo.rows import store_first_rows

# An address that is nobody's (RFC 5737), unlike that of the machine itself, which is not counted.
SOMEWHERE = ("203.0.113.7", 50_000)


@pytest.fixture
async def serving(sqlite_url: str) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Makes clients of the demo; what is given are settings of its bridge, and `client` the address that requests come from."""
    opened: list[httpx.AsyncClient] = []
    bridges: list[Bridge] = []

    def make(*, client: tuple[str, int] | None = SOMEWHERE, **settings: Any) -> httpx.AsyncClient:
        bridge = Bridge(sqlite_url, RESOURCES, on_open=store_first_rows, **{"rates": False, **settings})
        bridges.append(bridge)
        app: Any = bridge.app()
        address: Any = client
        opened.append(httpx.AsyncClient(transport=httpx.ASGITransport(app, client=address), base_url="http://test"))
        return opened[-1]

    yield make
    for http in opened:
        await http.aclose()
    for bridge in bridges:
        await bridge.close()
