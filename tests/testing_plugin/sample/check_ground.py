"""Every test has a database of its own, an application over it, and a bridge like the declared one."""

import httpx
import pytest
from sqlmodel import SQLModel

from diptych import Bridge
from diptych.testing import Door, RestDoor
from tests.testing_plugin.sample.library import Writer


@pytest.mark.parametrize("time", [1, 2])
async def test_the_database_is_empty_each_time(door: Door, time: int) -> None:
    assert (await door.list(Writer)).rows == ()
    assert (await door.create(Writer, {"name": "Ada"})).code == "created", time


async def test_the_database_is_the_tests_own(bridge: Bridge, declared: Bridge, database_url: str) -> None:
    assert bridge.database == database_url != declared.database
    assert bridge.rates is None
    assert declared.rates is not None
    assert declared.trusted is not None
    assert not declared.is_open


async def test_a_client_of_the_application(client: httpx.AsyncClient, rest: RestDoor) -> None:
    made = await rest.create(Writer, {"name": "Ada"})
    assert (await client.get(f"/api/writers/{made.key}")).json() == made.row


async def test_a_model_that_is_not_served(door: Door) -> None:
    with pytest.raises(ValueError, match=r"^SQLModel is not served by this bridge, which serves Writer, Book\.$"):
        await door.fetch(SQLModel, 1)


def test_the_url_is_there_without_an_event_loop(database_url: str) -> None:
    assert database_url.partition("://")[0] in ("sqlite", "postgresql")
