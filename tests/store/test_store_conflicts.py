"""What the database refuses, told in one order on every database and never in the driver's words."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Change, Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import Invalid, ReferenceConflict, UniqueConflict, Violation
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import Conflict, StoreError
from diptych.store import SqlStore
from tests.store.conftest import Direct

V1 = Version(1)
REFUSED = Invalid((Violation("", "rejected", "The database refuses this document."),))
FIRST: Mapping[str, Any] = {"name": "a", "email": "a@x", "town": "Rome", "phone": "1", "books": 0}
SECOND: Mapping[str, Any] = {"name": "b", "email": "b@x", "town": "Rome", "phone": "2", "books": 0}
BARE: Mapping[str, Any] = {"body": {}, "authorId": None, "answers": None}


@pytest.fixture
async def full(store: SqlStore, shapes: SimpleNamespace) -> SqlStore:
    """Two authors; the first has an essay, which another essay answers."""
    await store.commit(shapes.author, (Insert(None, FIRST, NOTHING),))
    await store.commit(shapes.author, (Insert(None, SECOND, NOTHING),))
    await store.commit(shapes.essay, (Insert("one", {**BARE, "authorId": 1}, NOTHING),))
    await store.commit(shapes.essay, (Insert("two", {**BARE, "answers": "one"}, NOTHING),))
    return store


@pytest.mark.parametrize(
    ("values", "conflict"),
    [
        pytest.param({**SECOND, "email": "a@x"}, UniqueConflict(("email",)), id="unique-field"),
        pytest.param({**SECOND, "name": "a"}, UniqueConflict(("name", "town")), id="unique-pair"),
        pytest.param({**SECOND, "phone": "1", "email": "a@x"}, UniqueConflict(("email",)), id="two-fields-the-first-is-told"),
        pytest.param(dict(FIRST), UniqueConflict(("email",)), id="everything-the-first-is-told"),
        pytest.param({**SECOND, "phone": "1", "name": "a"}, UniqueConflict(("phone",)), id="field-before-pair"),
        pytest.param({**SECOND, "books": -1}, REFUSED, id="check"),
        pytest.param({**SECOND, "name": "10:30 100%"}, REFUSED, id="check-with-a-colon"),
        pytest.param({**SECOND, "name": None}, REFUSED, id="not-null"),
    ],
)
@pytest.mark.parametrize("way", ["insert", "update"])
async def test_a_violation(full: SqlStore, shapes: SimpleNamespace, values: dict[str, Any], conflict: Conflict, way: str) -> None:
    if way == "insert":
        # The second row of the story stands in nobody's way.
        await full.commit(shapes.author, (Remove(2, V1),))
    change: Change = Insert(None, values, NOTHING) if way == "insert" else Update(2, V1, values)
    assert await full.commit(shapes.author, (change,)) == conflict
    assert await full.commit(shapes.author, (change, change)) == conflict


async def test_nulls_are_not_taken(full: SqlStore, shapes: SimpleNamespace) -> None:
    for name in ("c", "d"):
        values = {**FIRST, "name": "a", "email": f"{name}@x", "town": None, "phone": None}
        assert isinstance(await full.commit(shapes.author, (Insert(None, values, NOTHING),)), Committed)


async def test_a_row_does_not_stand_in_its_own_way(full: SqlStore, shapes: SimpleNamespace) -> None:
    assert await full.commit(shapes.author, (Update(1, V1, {**FIRST, "email": "b@x", "phone": "1"}),)) == UniqueConflict(("email",))
    assert isinstance(await full.commit(shapes.author, (Update(1, V1, {**FIRST, "books": 1}),)), Committed)


@pytest.mark.parametrize(
    ("change", "conflict"),
    [
        pytest.param(Insert("new", {**BARE, "authorId": 9}, NOTHING), ReferenceConflict("Essay", ("authorId",)), id="insert"),
        pytest.param(Update("one", V1, {**BARE, "authorId": 9}), ReferenceConflict("Essay", ("authorId",)), id="update"),
        pytest.param(Update("one", V1, {**BARE, "answers": "x"}), ReferenceConflict("Essay", ("answers",)), id="to-its-own-kind"),
        pytest.param(
            Insert("new", {**BARE, "authorId": 9, "answers": "new"}, NOTHING),
            ReferenceConflict("Essay", ("authorId",)),
            id="to-itself-is-fine",
        ),
        pytest.param(
            Remove("one", V1), ReferenceConflict("Essay", ("answers",), still_referred=True), id="remove-of-what-its-kind-refers-to"
        ),
        pytest.param(Insert("one", {**BARE, "authorId": 9}, NOTHING), Raced(), id="a-taken-key-comes-first"),
        pytest.param(Update("one", Version(2), {**BARE, "authorId": 9}), Raced(), id="a-missed-guard-comes-first"),
    ],
)
async def test_a_reference(full: SqlStore, shapes: SimpleNamespace, change: Change, conflict: Conflict) -> None:
    assert await full.commit(shapes.essay, (change,)) == conflict


async def test_the_referring_resource_is_named(full: SqlStore, shapes: SimpleNamespace) -> None:
    assert await full.commit(shapes.author, (Remove(1, V1),)) == ReferenceConflict("Essay", ("authorId",), still_referred=True)
    assert isinstance(await full.commit(shapes.author, (Remove(2, V1),)), Committed)


async def test_a_row_that_refers_to_itself_can_go(full: SqlStore, shapes: SimpleNamespace) -> None:
    assert isinstance(await full.commit(shapes.essay, (Insert("self", {**BARE, "answers": "self"}, NOTHING),)), Committed)
    assert isinstance(await full.commit(shapes.essay, (Remove("self", V1),)), Committed)


async def test_a_referring_table_that_is_no_resource_is_named(full: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await direct.run("CREATE TABLE prizes (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES store_authors (id))")
    await direct.run("INSERT INTO prizes VALUES (1, 2)")
    assert await full.commit(shapes.author, (Remove(2, V1),)) == ReferenceConflict("prizes", (), still_referred=True)


async def test_a_taken_key_comes_before_a_taken_value(store: SqlStore, shapes: SimpleNamespace) -> None:
    one, two = "0f0e0d0c-0b0a-4908-8706-050403020100", "1f0e0d0c-0b0a-4908-8706-050403020100"
    for key, text in ((one, "one"), (two, "two")):
        assert isinstance(await store.commit(shapes.badge, (Insert(key, {"text": text}, NOTHING),)), Committed)
    assert await store.commit(shapes.badge, (Insert(one, {"text": "two"}, NOTHING),)) == Raced()
    other = "2f0e0d0c-0b0a-4908-8706-050403020100"
    assert await store.commit(shapes.badge, (Insert(other, {"text": "two"}, NOTHING),)) == UniqueConflict(("text",))
    answers = await asyncio.gather(
        *(store.commit(shapes.badge, (Insert(key, {"text": text}, NOTHING),)) for key, text in ((one, "two"), (other, "one"), (other, "3")))
    )
    assert answers[:2] == [Raced(), UniqueConflict(("text",))]
    assert isinstance(answers[2], Committed)


async def test_one_bad_caller_among_many(full: SqlStore, shapes: SimpleNamespace) -> None:
    """Each is told its own, in one batch: rows are born and changed around those that are refused."""
    births = [{**FIRST, "name": f"n{i}", "email": f"n{i}@x", "phone": None} for i in range(20)]
    births[3]["email"] = "a@x"
    births[11]["books"] = -1
    births[12]["name"], births[12]["email"] = "n4", "again@x"
    answers = await asyncio.gather(*(full.commit(shapes.author, (Insert(None, values, NOTHING),)) for values in births))
    bad = {3: UniqueConflict(("email",)), 11: REFUSED, 12: UniqueConflict(("name", "town"))}
    assert {place: answer for place, answer in enumerate(answers) if not isinstance(answer, Committed)} == bad
    rows = [answer.rows[0] for answer in answers if isinstance(answer, Committed)]
    assert len({row.key for row in rows}) == 17

    changed = [{**row.values, "books": 7} for row in rows]
    changed[0]["email"] = "b@x"
    changed[9]["books"] = -7
    stale = Version(5)
    answers = await asyncio.gather(
        *(
            full.commit(shapes.author, (Update(row.key, stale if place == 5 else V1, values),))
            for place, (row, values) in enumerate(zip(rows, changed, strict=True))
        )
    )
    bad = {0: UniqueConflict(("email",)), 9: REFUSED, 5: Raced()}
    assert {place: answer for place, answer in enumerate(answers) if not isinstance(answer, Committed)} == bad


async def test_one_caller_whose_value_no_driver_takes(full: SqlStore, shapes: SimpleNamespace) -> None:
    """What validation should have stopped is an error for its caller alone."""
    answers = await asyncio.gather(
        *(
            full.commit(shapes.author, (Insert(None, {**FIRST, "name": str(i), "email": str(i), "phone": None, "books": books}, NOTHING),))
            for i, books in enumerate([1, 2**70, 2])
        ),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Committed, StoreError, Committed]


async def test_values_that_move_from_row_to_row(full: SqlStore, shapes: SimpleNamespace) -> None:
    """Where one change makes room for another, each is answered as in some order of the two."""
    answers = await asyncio.gather(
        full.commit(shapes.author, (Update(1, V1, {**FIRST, "email": "c@x"}),)),
        full.commit(shapes.author, (Update(2, V1, {**SECOND, "email": "a@x"}),)),
    )
    assert isinstance(answers[0], Committed)
    assert isinstance(answers[1], Committed) or answers[1] == UniqueConflict(("email",))
