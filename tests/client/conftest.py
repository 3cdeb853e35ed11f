"""A real server on each database, and clients of both kinds that speak through both doors."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
import uvicorn

from diptych import Bridge
from diptych.client import Client, Retries
from diptych.demo import demo_bridge
from tests.client.blocking import blocking_client
from tests.client.canned import Canned
from tests.client.proxy import Proxy
from tests.client.shop import shop

# Both clients have the same methods; what they return is compared, so that its type is seen in the tests of typing alone.
AnyClient: TypeAlias = Any
Connect: TypeAlias = Callable[..., AnyClient]

QUICK = Retries(attempts=4, deadline=20, first_wait=0.001, longest_wait=0.01)


class Serving:
    """A bridge behind uvicorn, in a thread of its own."""

    def __init__(self, bridge: Bridge) -> None:
        self._server = uvicorn.Server(uvicorn.Config(bridge.app(), port=0, log_level="critical", ws="none"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        until = time.monotonic() + 60
        while not self._server.started:
            assert self._thread.is_alive(), "the server stopped before it began"
            assert time.monotonic() < until, "the server does not begin"
            time.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)


@pytest.fixture
def server(database_url: str) -> Iterator[Serving]:
    serving = Serving(shop(database_url))
    yield serving
    serving.stop()


@pytest.fixture
def proxy(server: Serving) -> Iterator[Proxy]:
    between = Proxy(server.port)
    yield between
    between.close()


@pytest.fixture
def canned() -> Iterator[Callable[..., Canned]]:
    made: list[Canned] = []

    def say(*answers: bytes) -> Canned:
        made.append(Canned(*answers))
        return made[-1]

    yield say
    for each in made:
        each.close()


@pytest.fixture(params=["rest", "graphql"])
def speak(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["waiting", "awaiting"])
def connect(request: pytest.FixtureRequest, speak: str) -> Iterator[Connect]:
    """Makes clients of one kind, that speak through one door."""
    closing: list[AnyClient] = []
    with asyncio.Runner() as runner:

        def made(url: str, **given: Any) -> AnyClient:
            given = {"speak": speak, "retries": QUICK, **given}
            closing.append(Client(url, **given) if request.param == "waiting" else blocking_client(runner, url, **given))
            return closing[-1]

        yield made
        for client in closing:
            client.close()


@pytest.fixture
def client(connect: Connect, server: Serving) -> AnyClient:
    return connect(server.url)


@pytest.fixture
def demo(database_url: str) -> Iterator[Serving]:
    serving = Serving(demo_bridge(database_url))
    yield serving
    serving.stop()
