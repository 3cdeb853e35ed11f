"""What others do to tables behind the store's back: triggers, locks, tables that go. Each caller is told what came of it."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import ReferenceConflict, Unavailable
from diptych.semantics.read import Window
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import StoreError
from diptych.store import SqlStore
from tests.store.conftest import Direct

V1 = Version(1)
FIRST = Window(None, None, 1, "first")
ESSAY: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}

pytestmark = pytest.mark.postgres


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """All of this is PostgreSQL's."""
    return postgres_url


def author(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name}@x", "town": None, "phone": None, "books": 0, **more}


@pytest.fixture
async def store(database_url: str, shapes: SimpleNamespace) -> AsyncIterator[SqlStore]:
    """A store that gives up soon, with the authors "a" and "b"."""
    store = SqlStore(database_url, shapes.all, busy_seconds=0.3)
    for name in "ab":
        assert isinstance(await store.commit(shapes.author, (Insert(None, author(name), NOTHING),)), Committed)
    yield store
    await store.close()


async def trigger(direct: Direct, event: str, body: str) -> None:
    """Let something happen before each insert, update or delete of an author."""
    row = "OLD" if event == "DELETE" else "NEW"
    await direct.run(f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    await direct.run(f"CREATE TRIGGER meddle BEFORE {event} ON store_authors FOR EACH ROW EXECUTE FUNCTION meddle()")


@pytest.mark.parametrize(("code", "reason"), [("40001", "serialization"), ("40P01", "deadlock")])
@pytest.mark.parametrize(("failures", "tried"), [(1, 2), (4, 5), (5, 5), (9, 5)])
async def test_what_may_succeed_is_tried_again_but_not_for_ever(
    store: SqlStore, shapes: SimpleNamespace, direct: Direct, code: str, reason: str, failures: int, tried: int
) -> None:
    await direct.run("CREATE SEQUENCE tries")
    await trigger(direct, "INSERT", f"IF nextval('tries') <= {failures} THEN RAISE '{reason}' USING ERRCODE = '{code}'; END IF;")
    answer = await store.commit(shapes.author, (Insert(None, author("c"), NOTHING),))
    assert isinstance(answer, Committed) if failures < 5 else answer == Unavailable()
    assert await direct.run("SELECT last_value FROM tries") == [(tried,)]
    assert await direct.run("SELECT count(*) FROM store_authors") == [(3 if failures < 5 else 2,)]


async def test_after_a_lost_connection_the_rest_of_a_batch_is_not_sent(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await trigger(direct, "UPDATE", "PERFORM pg_terminate_backend(pg_backend_pid());")
    answers = await asyncio.gather(
        store.commit(shapes.author, (Update(1, V1, author("c")),)), store.commit(shapes.essay, (Insert("one", ESSAY, NOTHING),))
    )
    assert list(answers) == [Unavailable(), Unavailable()]
    assert await store.fetch(shapes.essay, "one") == UNKNOWN_TO_THE_STORE
    assert isinstance(await store.commit(shapes.essay, (Insert("one", ESSAY, NOTHING),)), Committed)


async def test_a_violation_that_nothing_explains_is_a_race(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    """Whatever stood in the way is gone; of those tables that are no resources none refers to this row."""
    await direct.run("CREATE TABLE medals (id INTEGER PRIMARY KEY, author INTEGER REFERENCES store_authors (id))")
    await direct.run("INSERT INTO medals VALUES (1, 1)")
    await direct.run("CREATE TABLE reviews (id INTEGER PRIMARY KEY, essay VARCHAR REFERENCES store_essays (id))")
    await trigger(direct, "DELETE", "RAISE 'referred to' USING ERRCODE = '23503';")
    assert await store.commit(shapes.author, (Remove(2, V1),)) == Raced()
    assert await store.commit(shapes.author, (Remove(1, V1),)) == ReferenceConflict("medals", (), still_referred=True)
    await direct.run("DROP TRIGGER meddle ON store_authors")
    assert isinstance(await store.commit(shapes.author, (Remove(2, V1),)), Committed)


@pytest.mark.parametrize("code", ["23505", "23503"])
async def test_a_birth_that_is_refused_without_a_reason_is_a_race(
    store: SqlStore, shapes: SimpleNamespace, direct: Direct, code: str
) -> None:
    await trigger(direct, "INSERT", f"RAISE 'taken' USING ERRCODE = '{code}';")
    assert await store.commit(shapes.author, (Insert(None, author("c"), NOTHING),)) == Raced()
    assert await direct.run("SELECT count(*) FROM store_authors") == [(2,)]


@pytest.mark.parametrize("changes", [1, 2])
async def test_a_violation_whose_reason_cannot_be_looked_up(store: SqlStore, shapes: SimpleNamespace, direct: Direct, changes: int) -> None:
    """The change was refused, so nothing is written; why it was is not known while a table is locked."""
    await direct.run("CREATE TABLE medals (id INTEGER PRIMARY KEY, author INTEGER REFERENCES store_authors (id))")
    await trigger(direct, "DELETE", "RAISE 'referred to' USING ERRCODE = '23503';")
    await direct.run("BEGIN")
    await direct.run("LOCK TABLE medals")
    assert await store.commit(shapes.author, tuple(Remove(key, V1) for key in range(1, changes + 1))) == Unavailable()
    await direct.run("ROLLBACK")
    assert isinstance(await store.fetch(shapes.author, 1), Facts)


async def test_a_set_with_a_value_that_no_driver_takes_does_nothing(store: SqlStore, shapes: SimpleNamespace) -> None:
    with pytest.raises(StoreError):
        await store.commit(shapes.author, (Insert(None, author("c"), NOTHING), Insert(None, author("d", books=2**70), NOTHING)))
    assert await store.fetch(shapes.author, 3) == UNKNOWN_TO_THE_STORE
    assert isinstance(await store.commit(shapes.author, (Insert(None, author("c"), NOTHING),)), Committed)


async def test_reads_of_a_table_that_stays_locked(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await direct.run("BEGIN")
    await direct.run("LOCK TABLE store_authors")
    assert await store.fetch(shapes.author, 1) == Unavailable()
    assert await store.window(shapes.author, FIRST) == Unavailable()
    await direct.run("ROLLBACK")
    assert isinstance(await store.fetch(shapes.author, 1), Facts)


async def test_reads_of_a_table_that_is_gone(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await direct.run("DROP TABLE store_authors CASCADE")
    with pytest.raises(StoreError):
        await store.fetch(shapes.author, 1)
    with pytest.raises(StoreError):
        await store.window(shapes.author, FIRST)
    assert await store.ready()
