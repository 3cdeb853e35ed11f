"""Pages of rows, compared with a sorted list: the same on every database, for text beyond the first 65,536 characters too."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.resource.shape import ResourceShape
from diptych.semantics.change import Insert, Remove
from diptych.semantics.order import Place
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.row import Key
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore
from tests.effort import SOAK

BARE: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}

# Orders by language, by UTF-16 and by code point put these in different places.
KEYS: list[str] = sorted(["B", "a", "Z", "z", "ä", "aa", "a b", "-", "_", "é", "e\u0301", "\uffee", "\U00010000", "😀", "ﬀ", "10", "9"])


def at(key: Key | None) -> Place | None:
    return None if key is None else Place((), key)


def expected(keys: Sequence[Key], window: Window) -> tuple[list[Key], bool, bool]:
    """What a window shows of sorted keys, by the words of its definition."""
    after, before = (None if end is None else end.key for end in (window.after, window.before))
    inside = [key for key in keys if (after is None or key > after) and (before is None or key < before)]  # type: ignore[operator]
    shown = inside[: window.size] if window.end == "first" else inside[-window.size :]
    if shown:
        return shown, shown[0] != keys[0], shown[-1] != keys[-1]
    below = after is not None and any(key <= after for key in keys)  # type: ignore[operator]
    above = before is not None and any(key >= before for key in keys)  # type: ignore[operator]
    return [], below, above


async def assert_shows(store: SqlStore, shape: ResourceShape, keys: Sequence[Key], window: Window) -> None:
    seen = await store.window(shape, window)
    assert isinstance(seen, Page)
    assert ([row.key for row in seen.rows], seen.has_previous, seen.has_next) == expected(keys, window)


@pytest.fixture
async def essays(store: SqlStore, shapes: SimpleNamespace) -> SqlStore:
    await asyncio.gather(*(store.commit(shapes.essay, (Insert(key, BARE, NOTHING),)) for key in KEYS))
    return store


async def test_windows_of_text_keys(essays: SqlStore, shapes: SimpleNamespace) -> None:
    ends = st.none() | st.sampled_from(KEYS) | st.sampled_from(["", "A", "b", "\U0010ffff", "\ufffd"])
    windows = st.builds(Window, ends.map(at), ends.map(at), st.integers(1, 20), st.sampled_from(["first", "last"]))
    loop = asyncio.get_running_loop()

    @settings(max_examples=60 * SOAK, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(windows)
    def check(window: Window) -> None:
        asyncio.run_coroutine_threadsafe(assert_shows(essays, shapes.essay, KEYS, window), loop).result(10)

    await asyncio.to_thread(check)


@pytest.mark.parametrize(
    "window",
    [
        pytest.param(Window(None, None, 5, "first"), id="nothing-is-stored"),
        pytest.param(Window(at("a"), at("b"), 5, "last"), id="nothing-is-stored-between-ends"),
    ],
)
async def test_an_empty_table(store: SqlStore, shapes: SimpleNamespace, window: Window) -> None:
    await assert_shows(store, shapes.essay, [], window)


async def test_callers_who_look_at_the_same_rows_together_share_a_page(essays: SqlStore, shapes: SimpleNamespace) -> None:
    """Those who look at others get pages of their own; those who come later read again."""
    here, there = Window(None, None, 3, "first"), Window(at("a"), None, 3, "first")
    pages = await asyncio.gather(*(essays.window(shapes.essay, window) for window in (here, there, here, there, here)))
    later = await essays.window(shapes.essay, here)
    assert pages[0] is pages[2] is pages[4]
    assert pages[1] is pages[3]
    assert len({id(page) for page in (*pages, later)}) == 3
    await assert_shows(essays, shapes.essay, KEYS, here)


async def test_windows_of_numbers_with_gaps(store: SqlStore, shapes: SimpleNamespace) -> None:
    for number in range(1, 13):
        values = {"name": str(number), "email": str(number), "town": None, "phone": None, "books": 0}
        await store.commit(shapes.author, (Insert(None, values, NOTHING),))
    for gone in (1, 5, 6, 12):
        await store.commit(shapes.author, (Remove(gone, Version(1)),))
    keys = [2, 3, 4, 7, 8, 9, 10, 11]
    for after in (None, -1, 0, 4, 5, 11, 99):
        for before in (None, 0, 2, 6, 7, 12, 99):
            for size in (1, 3, 8):
                await assert_shows(store, shapes.author, keys, Window(at(after), at(before), size, "first"))
                await assert_shows(store, shapes.author, keys, Window(at(after), at(before), size, "last"))


async def test_many_windows_at_once(essays: SqlStore, shapes: SimpleNamespace) -> None:
    await asyncio.gather(
        *(assert_shows(essays, shapes.essay, KEYS, Window(at(key), None, 3, "first")) for key in KEYS),
        *(assert_shows(essays, shapes.essay, KEYS, Window(None, at(key), 3, "last")) for key in KEYS),
    )
