"""Many callers at once: one winner per version, two changes of one key, cancellation, and the order between stores."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.resource.shape import ResourceShape
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import Unavailable
from diptych.semantics.row import Facts, Key
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import StoreError
from diptych.store import SqlStore
from tests.store.conftest import Direct

V1 = Version(1)


def author(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name}@x", "town": None, "phone": None, "books": 0, **more}


async def born(store: SqlStore, shape: ResourceShape, count: int) -> None:
    answers = await asyncio.gather(*(store.commit(shape, (Insert(None, author(f"a{i}"), NOTHING),)) for i in range(count)))
    assert sorted(answer.rows[0].key for answer in answers if isinstance(answer, Committed)) == list(range(1, count + 1))


async def add_books(store: SqlStore, shape: ResourceShape, key: int, times: int, won: list[tuple[int, int]]) -> None:
    """Read, add one, write under the guard, and again when it missed."""
    for _ in range(times):
        while True:
            facts = await store.fetch(shape, key)
            assert isinstance(facts, Facts)
            assert facts.row is not None
            values = {**facts.row.values, "books": facts.row.values["books"] + 1}
            answer = await store.commit(shape, (Update(key, facts.version, values),))
            if isinstance(answer, Committed):
                won.append((key, answer.rows[0].version))
                break
            assert answer == Raced()


async def test_thirty_two_writers_on_four_rows(store: SqlStore, shapes: SimpleNamespace) -> None:
    await born(store, shapes.author, 4)
    won: list[tuple[int, int]] = []
    await asyncio.gather(*(add_books(store, shapes.author, i % 4 + 1, 10, won) for i in range(32)))
    assert len(won) == len(set(won)) == 320, "one winner per version"
    for key in range(1, 5):
        facts = await store.fetch(shapes.author, key)
        assert isinstance(facts, Facts)
        assert facts.row is not None
        assert facts.row.values["books"] == 80
        assert facts.version == 81


async def test_two_stores_write_the_same_rows(store: SqlStore, database_url: str, shapes: SimpleNamespace) -> None:
    await born(store, shapes.author, 4)
    other = SqlStore(database_url, shapes.all)
    won: list[tuple[int, int]] = []
    await asyncio.gather(*(add_books((store, other)[i % 2], shapes.author, i // 2 % 4 + 1, 10, won) for i in range(16)))
    await other.close()
    assert len(won) == len(set(won)) == 160


async def test_changes_of_one_key_in_one_batch(store: SqlStore, shapes: SimpleNamespace) -> None:
    """All are sent in one turn; each is answered as if it had been alone, in the order of arrival."""
    await born(store, shapes.author, 2)
    shape = shapes.author
    answers = await asyncio.gather(
        store.commit(shape, (Update(1, V1, author("a0"), unless_same=True),)),
        store.commit(shape, (Update(1, V1, author("b"), unless_same=True),)),
        store.commit(shape, (Update(1, V1, author("late")),)),
        store.commit(shape, (Update(1, Version(2), author("c")),)),
        store.commit(shape, (Update(1, Version(2), author("late")),)),
        store.commit(shape, (Update(1, Version(3), author("d")),)),
        store.commit(shape, (Update(2, V1, author("other")),)),
    )
    told = [answer.rows[0].version if isinstance(answer, Committed) else type(answer).__name__ for answer in answers]
    assert told == [1, 2, "Raced", 3, "Raced", 4, 2]


async def test_guards_in_one_batch(store: SqlStore, shapes: SimpleNamespace) -> None:
    """Each of those that share a statement has a guard of its own, and its own word on whether the same is a change."""
    await born(store, shapes.author, 6)
    shape = shapes.author
    answers = await asyncio.gather(
        store.commit(shape, (Update(6, V1, author("a5")),)),
        store.commit(shape, (Update(5, V1, author("a4"), unless_same=True),)),
        store.commit(shape, (Update(4, V1, author("b"), unless_same=True),)),
        store.commit(shape, (Update(3, Version(2), author("c")),)),
        store.commit(shape, (Update(2, Version(2), author("a1"), unless_same=True),)),
        store.commit(shape, (Update(1, V1, author("d")),)),
        store.commit(shape, (Update(7, V1, author("e")),)),
    )
    told = [answer.rows[0].version if isinstance(answer, Committed) else type(answer).__name__ for answer in answers]
    assert told == [2, 1, 2, "Raced", "Raced", 2, "Raced"]
    found = await asyncio.gather(*(store.fetch(shape, key) for key in range(1, 8)))
    assert [facts.version for facts in found if isinstance(facts, Facts)] == [2, 1, 1, 2, 1, 2, 0]


async def test_reads_of_many_resources_in_one_batch(store: SqlStore, shapes: SimpleNamespace) -> None:
    await born(store, shapes.author, 2)
    bare: dict[str, Any] = {"body": {}, "authorId": 1, "answers": None}
    await store.commit(shapes.essay, (Insert("k", bare, NOTHING),))
    asked: list[tuple[ResourceShape, Key]] = [
        (shapes.author, 2),
        (shapes.essay, "k"),
        (shapes.author, 2),
        (shapes.essay, "none"),
        (shapes.author, 9),
        (shapes.ticket, "x"),
    ]
    found = await asyncio.gather(*(store.fetch(shape, key) for shape, key in asked), return_exceptions=True)
    told = [facts.row.key if isinstance(facts, Facts) and facts.row is not None else None for facts in found]
    assert told == [2, "k", 2, None, None, None]


@pytest.mark.postgres
async def test_a_key_that_cannot_be_asked_for_spoils_nothing(postgres_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(postgres_url, shapes.all)
    await born(store, shapes.author, 3)
    found = await asyncio.gather(*(store.fetch(shapes.author, key) for key in (1, 2, 2**40, 3)), return_exceptions=True)
    assert [facts.version if isinstance(facts, Facts) else type(facts) for facts in found] == [1, 1, StoreError, 1]
    await store.close()


async def test_births_of_one_key_in_one_batch(store: SqlStore, shapes: SimpleNamespace) -> None:
    bare: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}
    answers = await asyncio.gather(*(store.commit(shapes.essay, (Insert(key, bare, NOTHING),)) for key in "aabbbc"))
    assert [type(answer) for answer in answers] == [Committed, Raced, Committed, Raced, Raced, Committed]


async def test_deaths_in_one_batch(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    """Each is answered with the row it took away; those that miss, that are asked twice or are referred to stay as they are."""
    await born(store, shapes.author, 6)
    bare: dict[str, Any] = {"body": {"x": 1}, "authorId": None, "answers": None}
    await store.commit(shapes.essay, (Insert("of 3", {**bare, "authorId": 3}, NOTHING),))
    asked = [(1, V1), (2, V1), (2, V1), (3, V1), (4, Version(2)), (9, V1), (6, V1)]
    answers = await asyncio.gather(*(store.commit(shapes.author, (Remove(key, seen),)) for key, seen in asked))
    told = [answer.rows[0].values["name"] if isinstance(answer, Committed) else type(answer).__name__ for answer in answers]
    assert told == ["a0", "a1", "Raced", "ReferenceConflict", "Raced", "Raced", "a5"]

    for key in "abc":
        await store.commit(shapes.essay, (Insert(key, bare, NOTHING),))
    await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('stranger', 7, '{}')")
    asked_essays = [("a", V1), ("stranger", Version(7)), ("b", Version(2)), ("a", V1), ("c", V1), ("of 3", V1)]
    answers = await asyncio.gather(*(store.commit(shapes.essay, (Remove(key, seen),)) for key, seen in asked_essays))
    told = [answer.rows[0].key if isinstance(answer, Committed) else type(answer).__name__ for answer in answers]
    assert told == ["a", "stranger", "Raced", "Raced", "c", "of 3"]
    found = await asyncio.gather(*(store.fetch(shapes.essay, key) for key in ("a", "stranger", "b", "c")))
    assert [(facts.version, facts.last) for facts in found if isinstance(facts, Facts)] == [(0, 1), (0, 7), (1, 1), (0, 1)]


async def test_births_and_deaths_of_one_key_in_one_batch(store: SqlStore, shapes: SimpleNamespace) -> None:
    bare: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}
    shape = shapes.essay
    await store.commit(shape, (Insert("k", bare, NOTHING),))
    answers = await asyncio.gather(
        store.commit(shape, (Remove("k", V1),)),
        store.commit(shape, (Remove("k", V1),)),
        store.commit(shape, (Insert("k", bare, V1),)),
        store.commit(shape, (Update("k", V1, bare),)),
    )
    assert sum(isinstance(answer, Committed) for answer in answers[:2] + answers[3:]) in (1, 2)
    facts = await store.fetch(shape, "k")
    assert isinstance(facts, Facts)
    assert facts.last in (V1, Version(2))


async def test_a_cancelled_writer_takes_nobody_with_it(store: SqlStore, shapes: SimpleNamespace) -> None:
    await born(store, shapes.author, 16)
    tasks = [asyncio.create_task(store.commit(shapes.author, (Update(key, V1, author(f"b{key}")),))) for key in range(1, 17)]
    for _ in range(3):
        await asyncio.sleep(0)
    tasks[4].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers.pop(4), asyncio.CancelledError)
    assert all(isinstance(answer, Committed) for answer in answers)
    facts = await store.fetch(shapes.author, 5)
    assert isinstance(facts, Facts)
    assert facts.version in (1, 2), "what was asked for happened, or not"


async def test_a_full_queue_refuses_at_once(database_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(database_url, shapes.all, most_waiting=10, largest_batch=2)
    await store.open()
    answers = await asyncio.gather(*(store.commit(shapes.author, (Insert(None, author(str(i)), NOTHING),)) for i in range(50)))
    assert sum(isinstance(answer, Committed) for answer in answers) == 10
    assert answers.count(Unavailable()) == 40
    await store.close()


async def test_a_read_sees_every_write_that_was_acknowledged(store: SqlStore, shapes: SimpleNamespace) -> None:
    await born(store, shapes.author, 8)
    seen: dict[int, int] = dict.fromkeys(range(1, 9), 1)
    done = False

    async def write(key: int) -> None:
        for version in range(1, 40):
            answer = await store.commit(shapes.author, (Update(key, Version(version), author(f"w{key}", books=version)),))
            assert isinstance(answer, Committed)
            seen[key] = version + 1

    async def read(key: int) -> None:
        while not done:
            known = seen[key]
            facts = await store.fetch(shapes.author, key)
            assert isinstance(facts, Facts)
            assert facts.version >= known

    readers = [asyncio.create_task(read(key)) for key in seen for _ in range(2)]
    await asyncio.gather(*(write(key) for key in seen))
    done = True
    await asyncio.gather(*readers)


_PROCESS = """
import asyncio, random, sys
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.row import Facts, Key
from diptych.service.ports import StoreError
from diptych.store import SqlStore
from tests.store.conftest import Direct
from tests.store.conftest import SHAPES

async def main(url, seed):
    shapes = {shape.name: shape for shape in SHAPES}
    store = SqlStore(url, SHAPES)
    chance = random.Random(seed)
    won = 0
    for _ in range(25):
        keys = list(range(1, 65))
        chance.shuffle(keys)
        found = await asyncio.gather(*(store.fetch(shapes["Author"], key) for key in keys))
        answers = await asyncio.gather(*(
            store.commit(shapes["Author"], (Update(key, facts.version, {**facts.row.values, "books": facts.row.values["books"] + 1}),))
            for key, facts in zip(keys, found)
        ))
        assert all(isinstance(answer, Committed | Raced) for answer in answers), answers
        won += sum(isinstance(answer, Committed) for answer in answers)
        # Births and deaths of the same client keys, and references to the same rows, beside them.
        names = [f"essay-{key}" for key in keys[:16]]
        found = await asyncio.gather(*(store.fetch(shapes["Essay"], name) for name in names))
        answers = await asyncio.gather(*(
            store.commit(shapes["Essay"], (
                Insert(name, {"body": {}, "authorId": chance.randint(1, 64), "answers": None}, facts.last)
                if facts.row is None else Remove(name, facts.version),
            ))
            for name, facts in zip(names, found)
        ))
        assert all(isinstance(answer, Committed | Raced) for answer in answers), answers
    await store.close()
    print(won)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.slow
async def test_processes_that_write_the_same_keys_in_any_order(store: SqlStore, database_url: str, shapes: SimpleNamespace) -> None:
    """No deadlock reaches a caller, and no update is lost."""
    await born(store, shapes.author, 64)
    root = Path(__file__).parents[2]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROCESS, database_url, str(seed), stdout=asyncio.subprocess.PIPE, cwd=root
        )
        for seed in (3, 4)
    ]
    outputs = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0]
    won = sum(int(output) for output, _ in outputs)
    found = await asyncio.gather(*(store.fetch(shapes.author, key) for key in range(1, 65)))
    books = [facts.row.values["books"] for facts in found if isinstance(facts, Facts) and facts.row is not None]
    assert sum(books) == won
