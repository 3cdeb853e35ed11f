"""The bridge itself: when it opens, where its doors may be, and what they say while the database is away."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from diptych import Bridge
from diptych.demo.models import RESOURCES
from diptych.service.execute import Service
from tests.doors.door import USER, Graphql, Rest
from tests.proofs.server import free_port

JANE = {"name": "Jane", "email": "jane@example.com"}


def asking(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_it_opens_once(sqlite_url: str) -> None:
    """Whoever asks first opens it, however many ask at the same time, where the server runs no lifespan."""
    opened: Counter[str] = Counter()

    async def on_open(service: Service) -> None:
        opened["begun"] += 1
        await asyncio.sleep(0.01)
        opened["ended"] += 1

    bridge = Bridge(sqlite_url, RESOURCES, on_open=on_open)
    async with asking(bridge.app()) as client:
        answers = await asyncio.gather(*(client.get("/api/users") for _ in range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5
        await bridge.open()
    assert opened == {"begun": 1, "ended": 1}
    await bridge.close()


async def test_the_same_bridge_over_another_database(tmp_path: Path) -> None:
    first = Bridge(f"sqlite:///{tmp_path / 'first.db'}", RESOURCES, title="Shop")
    second = first.at(f"sqlite:///{tmp_path / 'second.db'}")
    async with asking(first.app()) as client, asking(second.app()) as other:
        made = await Rest(client).create(USER, JANE)
        assert (await Graphql(other).fetch(USER, made.key)).code == "not_found"
        assert (await Rest(client).fetch(USER, made.key)).row == made.row
    assert (second.title, second.sdl(), second.openapi()) == (first.title, first.sdl(), first.openapi())
    await first.close()
    await second.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST"])
@pytest.mark.parametrize("path", ["/api/users/1", "/graphql"])
async def test_a_database_that_is_away_is_told_by_both_doors(method: str, path: str) -> None:
    bridge = Bridge(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing", RESOURCES)
    async with asking(bridge.app()) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.content == b"" if method == "HEAD" else answer.json()["code"] == "unavailable"
    await bridge.close()


@pytest.mark.parametrize("path", ["", "/", "api", "/api/", "/a//b", "/{tenant}/api"])
@pytest.mark.parametrize("door", ["api", "graphql"])
def test_a_path_that_no_door_can_have_is_refused(sqlite_url: str, door: str, path: str) -> None:
    paths: Any = {door: path}
    with pytest.raises(ValueError, match=f"Bridge\\({door}="):
        Bridge(sqlite_url, RESOURCES, **paths)
