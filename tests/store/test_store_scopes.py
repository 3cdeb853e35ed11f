"""Which rows there are for a caller: every operation of the store under scopes, on both databases."""

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from diptych.resource.scope import Scope
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.condition import Compare
from diptych.semantics.order import Order, Place
from diptych.semantics.outcome import Forbidden, Page, ReferenceConflict, UniqueConflict
from diptych.semantics.read import Window
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore

from .conftest import Author, Direct, Ticket
from .scopes import AUTHOR, ESSAY, all_of, author, born, essay, members, of_member, of_namesakes, of_reader, of_town, seen, touched

V1, V2 = Version(1), Version(2)

# Conditions that are true of the authors 1 and 3 of five, whose towns are x, y, x, none and y.
ONE_AND_THREE = {
    "of-one-value": lambda: of_town("x"),
    "of-a-plain-table": lambda: of_member("me"),
    "of-the-resource-itself": lambda: of_namesakes("a3"),
    "of-another-resource-and-more": lambda: sa.or_(of_reader("k1"), AUTHOR.name == "a3"),
    "of-a-list": lambda: AUTHOR.id.in_([1, 3, 77]),
    "of-a-correlated-subquery": lambda: sa.or_(sa.exists().where(ESSAY.author_id == AUTHOR.id), AUTHOR.books == 3),
    "of-a-negation": lambda: sa.not_(sa.or_(AUTHOR.town == "y", AUTHOR.books.not_in([1, 3]))),
}
CONDITIONS = pytest.mark.parametrize("condition", [pytest.param(one, id=name) for name, one in ONE_AND_THREE.items()])


@pytest.fixture
async def five(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> SqlStore:
    await born(store, shapes, ["x", "y", "x", None, "y"])
    await members(direct, ("me", "x"), ("me", "z"), ("you", "y"))
    await store.commit(shapes.essay, (Insert("k1", essay(1), NOTHING),))
    return store


@CONDITIONS
async def test_a_fetch_tells_what_is_concealed_and_what_may_not_be_touched(five: SqlStore, shapes: SimpleNamespace, condition: Any) -> None:
    found = await all_of(*(five.fetch(shapes.author, key, seen(condition())) for key in range(1, 7)))
    assert [facts.row and facts.row.key for facts in found] == [1, None, 3, None, None, None]
    assert found[1] == Facts(None, V1, concealed=True)
    assert found[5] == UNKNOWN_TO_THE_STORE
    assert found[0].allowed
    found = await all_of(*(five.fetch(shapes.author, key, touched(condition())) for key in range(1, 7)))
    assert [facts.row and facts.row.key for facts in found] == [1, 2, 3, 4, 5, None]
    assert [facts.allowed for facts in found] == [True, False, True, False, False, True]
    assert not any(facts.concealed for facts in found)


async def test_a_fetch_under_both_conditions(five: SqlStore, shapes: SimpleNamespace) -> None:
    scope = Scope(AUTHOR.town.is_not(None), AUTHOR.books > 2)
    found = await all_of(*(five.fetch(shapes.author, key, scope) for key in range(1, 6)))
    assert [(facts.row is not None, facts.allowed, facts.concealed) for facts in found] == [
        (True, False, False),
        (True, False, False),
        (True, True, False),
        (False, True, True),
        (True, True, False),
    ]


async def test_a_fetch_of_keys_that_clients_chose(five: SqlStore, shapes: SimpleNamespace) -> None:
    """The ledger is told as without a scope: the last version of what is gone, and of what is concealed."""
    await five.commit(shapes.essay, (Insert("k2", essay(2), NOTHING),))
    await five.commit(shapes.essay, (Update("k2", V1, essay(2, "k1")),))
    await five.commit(shapes.essay, (Insert("gone", essay(1), NOTHING),))
    await five.commit(shapes.essay, (Remove("gone", V1),))
    scope = seen(ESSAY.author_id == 1)
    found = await all_of(*(five.fetch(shapes.essay, key, scope) for key in ("k1", "k2", "gone", "never", "k1")))
    assert [(facts.row and facts.row.key, facts.last, facts.concealed) for facts in found] == [
        ("k1", 1, False),
        (None, 2, True),
        (None, 1, False),
        (None, 0, False),
        ("k1", 1, False),
    ]


@CONDITIONS
async def test_a_page_has_only_rows_that_are_seen(five: SqlStore, shapes: SimpleNamespace, condition: Any) -> None:
    async def page(*window: Any) -> tuple[list[Any], bool, bool, int | None]:
        found = await five.window(shapes.author, Window(*window), seen(condition()))
        assert isinstance(found, Page)
        return [row.key for row in found.rows], found.has_previous, found.has_next, found.total

    everything: tuple[Any, ...] = (Compare("books", "gte", 0), (Order("books", descending=True),), True, None)
    assert await page(None, None, 9, "first") == ([1, 3], False, False, None)
    assert await page(None, None, 1, "first") == ([1], False, True, None)
    assert await page(None, None, 1, "last") == ([3], True, False, None)
    # Rows 4 and 5 are beyond 3, and row 2 is before it, but they are not there.
    assert await page(Place((), 3), None, 9, "first") == ([], True, False, None)
    assert await page(Place((), 1), None, 9, "first") == ([3], True, False, None)
    assert await page(None, Place((), 3), 9, "first") == ([1], False, True, None)
    assert await page(None, Place((), 1), 9, "last") == ([], False, True, None)
    assert await page(None, None, 9, "first", *everything) == ([3, 1], False, False, 2)
    assert await page(None, None, 1, "first", *everything) == ([3], False, True, 2)
    assert await page(Place((3,), 3), None, 9, "first", *everything) == ([1], True, False, 2)
    assert await page(None, None, 9, "first", Compare("name", "eq", "a3"), (), True, frozenset({"name"})) == ([3], False, False, 1)
    assert await page(None, None, 9, "first", Compare("name", "eq", "a2"), (), True, None) == ([], False, False, 0)


@CONDITIONS
async def test_rows_by_their_keys(five: SqlStore, shapes: SimpleNamespace, condition: Any) -> None:
    for fields in (None, frozenset({"name"})):
        found: Any = await five.rows(shapes.author, [3, 2, 1, 9, 3], fields, seen(condition()))
        assert [row and row.key for row in found] == [3, None, 1, None, 3]


async def test_reads_do_not_ask_what_may_be_touched(five: SqlStore, shapes: SimpleNamespace) -> None:
    scope = touched(sa.false())
    page: Any = await five.window(shapes.author, Window(None, None, 9, "first"), scope)
    rows: Any = await five.rows(shapes.author, [1, 2], None, scope)
    related: Any = await five.related(shapes.essay, "authorId", [1], Window(None, None, 9, "first"), touched(sa.false()))
    assert [len(page.rows), len(rows), len(related[1].rows)] == [5, 2, 1]
    assert None not in rows


async def test_pages_of_related_rows(five: SqlStore, shapes: SimpleNamespace) -> None:
    """Each parent's page, its total and its neighbours are of the rows that are there for the caller."""
    for number in range(8):
        await five.commit(shapes.essay, (Insert(f"e{number}", essay(1 + number % 2, "k1" if number > 3 else None, n=number), NOTHING),))
    scopes = [seen(ESSAY.answers == "k1"), seen(ESSAY.author_id.in_(sa.select(AUTHOR.id).where(AUTHOR.name == "a1")))]
    window = Window(None, None, 1, "first", counted=True)
    answered = await all_of(*(five.related(shapes.essay, "authorId", [2, 1, 3], window, scope) for scope in scopes))
    told = [{value: ([row.key for row in page.rows], page.has_next, page.total) for value, page in pages.items()} for pages in answered]
    assert told == [
        {2: (["e5"], True, 2), 1: (["e4"], True, 2), 3: ([], False, 0)},
        {2: ([], False, 0), 1: (["e0"], True, 5), 3: ([], False, 0)},
    ]
    after = Window(Place((), "e4"), None, 9, "first", counted=True)
    pages: Any = await five.related(shapes.essay, "authorId", [2, 1], after, scopes[0])
    assert [([row.key for row in pages[v].rows], pages[v].has_previous) for v in (2, 1)] == [(["e5", "e7"], False), (["e6"], True)]


@CONDITIONS
@pytest.mark.parametrize("which", [seen, touched])
async def test_an_update_carries_the_scope_as_its_guard(five: SqlStore, shapes: SimpleNamespace, condition: Any, which: Any) -> None:
    """Together and alone; what misses changes nothing."""
    # Names and towns stay, by which some of the conditions go.
    changed = {
        key: author(f"a{key}", town, key, phone=f"p{key}") for key, town in zip(range(1, 6), ["x", "y", "x", None, "y"], strict=True)
    }
    told = await all_of(*(five.commit(shapes.author, (Update(key, V1, changed[key]),), which(condition())) for key in changed))
    assert [type(answer) for answer in told] == [Committed, Raced, Committed, Raced, Raced]
    assert [await five.commit(shapes.author, (Update(2, V1, changed[2]),), which(condition()))] == [Raced()]
    alone = await five.commit(shapes.author, (Update(1, V2, changed[1], unless_same=True),), which(condition()))
    assert isinstance(alone, Committed)
    assert alone.rows[0].version == 2
    found = await all_of(*(five.fetch(shapes.author, key) for key in changed))
    assert [facts.row.values["phone"] for facts in found] == ["p1", None, "p3", None, None]


@CONDITIONS
async def test_a_removal_carries_the_scope_as_its_guard(five: SqlStore, shapes: SimpleNamespace, condition: Any) -> None:
    referred = await five.commit(shapes.author, (Remove(1, V1),), seen(condition()))
    assert isinstance(referred, ReferenceConflict)
    told = await all_of(*(five.commit(shapes.author, (Remove(key, V1),), touched(condition())) for key in (2, 3, 4)))
    assert [type(answer) for answer in told] == [Raced, Committed, Raced]
    assert told[1].rows[0].values["name"] == "a3"
    assert isinstance(await five.commit(shapes.author, (Remove(5, V1),), seen(condition())), Raced)


async def test_removals_of_keys_that_clients_chose(five: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    """The ledger keeps the version of what is gone, and is as before for what was out of reach, also where it had no row yet."""
    await direct.run("INSERT INTO store_essays (id, version, body, author_id) VALUES ('s1', 7, '{}', 1), ('s2', 7, '{}', 2)")
    mine = seen(ESSAY.author_id == 1)
    told = await all_of(*(five.commit(shapes.essay, (Remove(key, Version(7)),), mine) for key in ("s1", "s2")))
    assert [type(answer) for answer in told] == [Committed, Raced]
    assert isinstance(await five.commit(shapes.essay, (Remove("k1", V1),), mine), Committed)
    found = await all_of(*(five.fetch(shapes.essay, key) for key in ("s1", "s2", "k1")))
    assert [(facts.row is not None, facts.last) for facts in found] == [(False, 7), (True, 7), (False, 1)]


LEAVING = {
    "of-one-value": lambda: of_town("x"),
    "of-a-plain-table": lambda: of_member("me"),
    "of-the-resource-itself": lambda: sa.exists().where(OTHER_OF_SAME_KEY.id == AUTHOR.id, OTHER_OF_SAME_KEY.town == "x"),
}
OTHER_OF_SAME_KEY: Any = aliased(Author)
LEAVE = pytest.mark.parametrize("condition", [pytest.param(one, id=name) for name, one in LEAVING.items()])


@LEAVE
@pytest.mark.parametrize("which", [seen, touched])
async def test_no_row_leaves_its_scope_by_an_update(five: SqlStore, shapes: SimpleNamespace, condition: Any, which: Any) -> None:
    """In a statement that is shared only the one who would take a row out of it is refused, and that row stays as it was."""
    told = await all_of(
        five.commit(shapes.author, (Update(1, V1, author("a1", "y")),), which(condition())),
        five.commit(shapes.author, (Update(3, V1, author("b3", "x")),), which(condition())),
        five.commit(shapes.author, (Update(2, V1, author("b2", "x")),), which(condition())),
        five.commit(shapes.author, (Update(5, V1, author("b5", "x")),)),
    )
    assert [type(answer) for answer in told] == [Forbidden, Committed, Raced, Committed]
    assert await five.commit(shapes.author, (Update(1, V1, author("a1", None)),), which(condition())) == Forbidden(), "null is not true"
    found = await all_of(*(five.fetch(shapes.author, key) for key in (1, 2, 3, 5)))
    assert [(facts.row.values["name"], facts.version) for facts in found] == [("a1", 1), ("a2", 1), ("b3", 2), ("b5", 2)]


@LEAVE
async def test_no_row_is_born_outside_of_its_scope(five: SqlStore, shapes: SimpleNamespace, condition: Any) -> None:
    towns = ["x", "y", "x", None]
    told = await all_of(
        *(five.commit(shapes.author, (Insert(None, author(f"n{i}", town), NOTHING),), touched(condition())) for i, town in enumerate(towns))
    )
    assert [type(answer) for answer in told] == [Committed, Forbidden, Committed, Forbidden]
    assert await five.commit(shapes.author, (Insert(None, author("alone", "y"), NOTHING),), seen(condition())) == Forbidden()
    page: Any = await five.window(shapes.author, Window(None, None, 99, "first"))
    assert [row.values["name"] for row in page.rows] == ["a1", "a2", "a3", "a4", "a5", "n0", "n2"]


async def test_births_under_keys_that_clients_chose(five: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    """What is refused leaves no trace in the ledger either, and comes back as it was stored where it is made."""
    for scope in (seen(ESSAY.author_id == 1), touched(ESSAY.author_id.in_(sa.select(AUTHOR.id).where(AUTHOR.name == "a1")))):
        name = "s" if scope.touched is None else "t"
        told = await all_of(
            *(five.commit(shapes.essay, (Insert(f"{name}{i}", essay(by, n=1e3), NOTHING),), scope) for i, by in enumerate([1, 2, None, 1]))
        )
        assert [type(answer) for answer in told] == [Committed, Forbidden, Forbidden, Committed]
        assert told[3].rows[0].values["body"] == {"n": 1000}
        assert told[3].rows[0].version == 1
        assert await five.commit(shapes.essay, (Insert(f"{name}9", essay(2), NOTHING),), scope) == Forbidden()
        assert await direct.run(f"SELECT key FROM store_essays_ledger WHERE key IN ('{name}1', '{name}2', '{name}9')") == []


async def test_a_key_that_a_concealed_row_has(five: SqlStore, shapes: SimpleNamespace) -> None:
    """The birth misses, once, and says no more; a look tells the service that the row is concealed. Nothing is written."""
    await five.commit(shapes.essay, (Insert("k2", essay(2), NOTHING),))
    mine = seen(ESSAY.author_id == 1)
    told = await all_of(*(five.commit(shapes.essay, (Insert(key, essay(1), NOTHING),), mine) for key in ("k2", "new", "k2")))
    assert [type(answer) for answer in told] == [Raced, Committed, Raced]
    assert isinstance(await five.commit(shapes.essay, (Insert("k2", essay(1), NOTHING),), mine), Raced)
    assert await five.fetch(shapes.essay, "k2", mine) == Facts(None, V1, concealed=True)
    facts: Any = await five.fetch(shapes.essay, "k2")
    assert (facts.row.values["authorId"], facts.version) == (2, 1)


async def test_keys_that_the_server_mints(five: SqlStore, shapes: SimpleNamespace) -> None:
    seat: Any = Ticket.seat
    told = await all_of(*(five.commit(shapes.ticket, (Insert(None, {"seat": s}, NOTHING),), seen(seat == "A")) for s in ("B", "A", "C")))
    assert [type(answer) for answer in told] == [Forbidden, Committed, Forbidden]
    page: Any = await five.window(shapes.ticket, Window(None, None, 9, "first"))
    assert [row.values["seat"] for row in page.rows] == ["A"]


async def test_what_the_database_refuses_is_told_as_without_a_scope(five: SqlStore, shapes: SimpleNamespace) -> None:
    for condition in (of_town("x"), of_member("me")):
        scope = touched(condition)
        taken, key = author("new", "x", phone=None) | {"email": "a2@x"}, 1
        told = await all_of(
            five.commit(shapes.author, (Insert(None, taken, NOTHING),), scope),
            five.commit(shapes.author, (Update(key, V1, author("a1", "x") | {"email": "a2@x"}),), scope),
            five.commit(shapes.author, (Update(2, V1, author("a2", "y") | {"email": "a1@x"}),), scope),
        )
        assert told == [UniqueConflict(("email",)), UniqueConflict(("email",)), Raced()]
    mine = seen(sa.or_(ESSAY.author_id == 1, ESSAY.author_id == 77))
    told = await all_of(
        five.commit(shapes.essay, (Insert("n1", essay(77), NOTHING),), mine),
        five.commit(shapes.essay, (Insert("n2", essay(78), NOTHING),), mine),
        five.commit(shapes.essay, (Insert("n3", essay(2), NOTHING),), mine),
        five.commit(shapes.essay, (Update("k1", V1, essay(78)),), mine),
        five.commit(shapes.essay, (Insert("n4", essay(1), NOTHING),), mine),
    )
    missing = ReferenceConflict("Essay", ("authorId",))
    assert told[:4] == [missing, missing, Forbidden(), missing]
    assert isinstance(told[4], Committed)


async def test_sets_of_changes_are_all_or_nothing_under_a_scope_too(five: SqlStore, shapes: SimpleNamespace) -> None:
    scope = touched(of_town("x"))
    inside, leaving, outside = Update(1, V1, author("b1", "x")), Update(3, V1, author("b3", "y")), Update(2, V1, author("b2", "y"))
    told = await all_of(
        five.commit(shapes.author, (inside, leaving), scope),
        five.commit(shapes.author, (inside, outside), scope),
        five.commit(shapes.author, (inside, Insert(None, author("n", "y"), NOTHING)), scope),
        five.commit(shapes.author, (inside, Insert(None, author("n", "x"), NOTHING), Remove(3, V1)), scope),
    )
    assert [type(answer) for answer in told] == [Forbidden, Raced, Forbidden, Committed]
    page: Any = await five.window(shapes.author, Window(None, None, 99, "first"))
    assert [row.values["name"] for row in page.rows] == ["b1", "a2", "a4", "a5", "n"]


async def test_plain_true_and_false(five: SqlStore, shapes: SimpleNamespace) -> None:
    for scope, expected in ((Scope(), 5), (seen(sa.true()), 5), (seen(sa.false()), 0), (touched(sa.false()), 5)):
        page: Any = await five.window(shapes.author, Window(None, None, 9, "first", counted=True), scope)
        assert (len(page.rows), page.total) == (expected, expected)
    assert isinstance(await five.commit(shapes.author, (Remove(5, V1),), touched(sa.false())), Raced)
    assert await five.commit(shapes.author, (Insert(None, author("n"), NOTHING),), touched(sa.false())) == Forbidden()
    assert isinstance(await five.commit(shapes.author, (Remove(5, V1),), Scope()), Committed)
    facts: Any = await five.fetch(shapes.author, 1)
    assert await five.fetch(shapes.author, 1, Scope(sa.true(), sa.false())) == Facts(facts.row, V1, allowed=False)


async def test_one_who_missed_says_nothing_of_another(five: SqlStore, shapes: SimpleNamespace) -> None:
    """Two ask to change one row from one version in one turn: that it was out of reach for the first is not the second's affair."""
    for condition in (of_town, of_member):
        first, second = ("y", "x") if condition is of_town else ("you", "me")
        facts: Any = await five.fetch(shapes.author, 1)
        changed = author(f"b{facts.version}", "x")
        told = await all_of(
            five.commit(shapes.author, (Update(1, facts.version, changed),), seen(condition(first))),
            five.commit(shapes.author, (Update(1, facts.version, changed),), seen(condition(second))),
            five.commit(shapes.author, (Update(1, facts.version, changed),), seen(condition(second))),
        )
        assert [type(answer) for answer in told] == [Raced, Committed, Raced]
