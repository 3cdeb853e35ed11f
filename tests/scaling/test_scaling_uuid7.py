"""Keys that begin with the time: the bits of RFC 9562 section 5.7, the order of a process, and both doors with such keys."""

import threading
import time
from pathlib import Path
from uuid import RFC_4122, UUID

import httpx
import pytest
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned, uuid7
from diptych.resource import uuid7 as module


class Parcel(Versioned, table=True):
    """A thing on its way."""

    __tablename__ = "scaled_parcels"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    label: str


def test_its_bits() -> None:
    """Source: RFC 9562 section 5.7, figure 11."""
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after + 1, "48 bits of milliseconds"
    assert made.int >> 76 & 0xF == 7
    assert made.int >> 62 & 0b11 == 0b10


def test_a_hundred_thousand_are_unique_and_in_order() -> None:
    made = [uuid7() for _ in range(100_000)]
    assert len(set(made)) == len(made)
    assert made == sorted(made)
    assert [str(one) for one in made[:1000]] == sorted(str(one) for one in made[:1000])
    # 62 bits are chance: of the lowest 32 of them hardly any two are alike, and each bit is set about half of the time.
    assert len({one.int & 0xFFFFFFFF for one in made}) > 99_990
    for bit in range(62):
        assert 49_000 < sum(one.int >> bit & 1 for one in made) < 51_000, bit


def test_threads_share_the_order() -> None:
    made: list[list[UUID]] = [[] for _ in range(8)]

    def make(into: list[UUID]) -> None:
        into.extend(uuid7() for _ in range(5_000))

    threads = [threading.Thread(target=make, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == sorted(one) for one in made)
    assert len({key for one in made for key in one}) == 40_000
    # No two of them fall into one moment, wherever they were made.
    assert len({key.int >> 64 for one in made for key in one}) == 40_000


@pytest.mark.parametrize("steps", [[5_000_000, 4_000_000, 4_999_999, 5_000_000, 9_000_000], [7_000_000] * 5], ids=["goes-back", "stands"])
def test_a_clock_that_goes_back_or_stands(monkeypatch: pytest.MonkeyPatch, steps: list[int]) -> None:
    now = time.time_ns() + 3_600_000_000_000
    clock = iter([now + step for step in steps])
    monkeypatch.setattr(module, "time", type("Clock", (), {"time_ns": staticmethod(lambda: next(clock))}))
    monkeypatch.setattr(module, "_last", 0)
    made = [uuid7() for _ in steps]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


async def test_rows_stand_in_the_order_of_their_births(database_url: str, tmp_path: Path) -> None:
    """A list is in key order, so the newest row comes last, through both doors and on both databases."""
    bridge = Bridge(database_url, [Resource(Parcel, versions="optional")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        labels = [f"p{number}" for number in range(20)]
        for number, label in enumerate(labels):
            if number % 2:
                made = await client.post("/api/parcels", json={"label": label})
                assert made.status_code == 201
                assert UUID(made.json()["id"]).version == 7
            else:
                query = f'mutation {{ createParcel(input: {{label: "{label}"}}) {{ ... on ParcelWritten {{ parcel {{ id version }} }} }} }}'
                told = (await client.post("/graphql", json={"query": query})).json()["data"]["createParcel"]["parcel"]
                assert UUID(told["id"]).version == 7
                assert told["version"] == 1
        rows = (await client.get("/api/parcels?limit=50")).json()["items"]
        assert [row["label"] for row in rows] == labels
    await bridge.close()
