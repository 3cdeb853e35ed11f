"""The demo in this process, and what it tells of its commands."""

import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from diptych.observe.formats import FIELDS
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


@pytest.fixture(params=["rest", "graphql"])
def door(request: pytest.FixtureRequest, client: httpx.AsyncClient) -> Door:
    return Rest(client) if request.param == "rest" else Graphql(client)


class Lines(logging.Handler):
    """Keeps what was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def told(self) -> list[tuple[str, dict[str, object]]]:
        """Level and fields of each line; how long a command took is left out."""
        return [
            (
                record.levelname,
                {name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name) is not None and name != "milliseconds"},
            )
            for record in self.records
        ]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of commands, switched on as an application does it."""
    log = logging.getLogger("diptych.commands")
    kept, level = Lines(), log.level
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    yield kept
    log.setLevel(level)
    log.removeHandler(kept)
