"""Callers of many principals at once: how many statements they share, and that nobody is told what is another's."""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from sqlmodel import select

from diptych.resource.scope import Scope
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import Forbidden
from diptych.semantics.read import Window
from diptych.semantics.row import Facts
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore
from diptych.store.ruled import Ruled
from diptych.store.scoped import Rules
from diptych.store.tables import build_tables

from .conftest import Direct
from .examples import for_all
from .scopes import AUTHOR, ESSAY, MEMBERSHIPS, OTHER, all_of, author, born, essay, members, of_member, of_town, seen, touched
from .test_store_related import counted

V1 = Version(1)
TOWNS = ["x", "y", "z", "w"]
PEOPLE = {"p0": [], "p1": ["x"], "p2": ["x", "y"], "p3": ["z", "x"], "p4": TOWNS}
WHOLE = Window(None, None, 99, "first", counted=True)


def among(towns: list[str]) -> Any:
    return AUTHOR.town.in_(towns)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(lambda number: of_town(f"t{number}"), 1, id="of-one-value"),
        pytest.param(lambda number: among([f"t{number}"] * (number % 5 + 1)), 1, id="of-lists-of-several-lengths"),
        pytest.param(lambda number: of_member(f"p{number}"), 4, id="of-a-plain-table"),
    ],
)
async def test_callers_of_one_rule_share_statements(
    postgres_url: str, shapes: SimpleNamespace, rule: Callable[[int], Any], expected: int
) -> None:
    """32 callers who are 32 people; a rule that asks tables is looked at again before the commit, still by all together."""
    store, direct = SqlStore(postgres_url, shapes.all), Direct(postgres_url)
    people = range(1, 33)
    await born(store, shapes, [f"t{number}" for number in people])
    await members(direct, *((f"p{number}", f"t{number}") for number in people))
    scopes = [Scope(rule(number), rule(number)) for number in people]
    # The first look opens a connection.
    await store.fetch(shapes.author, 1, scopes[0])

    with counted() as sent:
        found = await all_of(*(store.fetch(shapes.author, number, scopes[number - 1]) for number in people))
    assert len(sent) == 1
    assert [facts.row.key for facts in found] == list(people)
    with counted() as sent:
        found = await all_of(*(store.fetch(shapes.author, number, scopes[number - 2]) for number in people))
    assert len(sent) == 1
    assert {(facts.row, facts.last, facts.concealed) for facts in found} == {(None, 1, True)}

    with counted() as sent:
        told = await all_of(
            *(store.commit(shapes.author, (Update(n, V1, author(f"b{n}", f"t{n}", n)),), scopes[n - 1 - n % 2]) for n in people)
        )
    assert len(sent) == expected
    assert [type(answer) for answer in told] == [Raced, Committed] * 16
    with counted() as sent:
        values = [author(f"n{number}", f"t{number}") for number in people]
        told = await all_of(*(store.commit(shapes.author, (Insert(None, one, NOTHING),), scopes[at]) for at, one in enumerate(values)))
    assert len(sent) == expected
    assert [answer.rows[0].values["name"] for answer in told] == [f"n{number}" for number in people]
    with counted() as sent:
        told = await all_of(*(store.commit(shapes.author, (Remove(number, V1),), scopes[number - 1]) for number in people))
    assert len(sent) == 1, "what is gone is in no scope, so nothing is looked at again"
    assert [type(answer) for answer in told] == [Committed, Raced] * 16
    with counted() as sent:
        assert isinstance(await store.commit(shapes.author, (Update(2, Version(2), author("c", "t2")),), scopes[1]), Committed)
    assert len(sent) == expected, "one who comes alone needs no more"
    await store.close()
    await direct.close()


@pytest.mark.postgres
async def test_births_under_keys_of_one_rule_share_a_statement(postgres_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(postgres_url, shapes.all)
    await born(store, shapes, ["x"] * 4)
    await store.commit(shapes.essay, (Insert("first", essay(1), NOTHING),), seen(ESSAY.author_id == 1))
    with counted() as sent:
        told = await all_of(
            *(
                store.commit(shapes.essay, (Insert(f"e{n}", essay(n % 4 + 1), NOTHING),), seen(ESSAY.author_id == n % 4 + 1))
                for n in range(32)
            )
        )
    assert len(sent) == 1
    assert {type(answer) for answer in told} == {Committed}
    await store.close()


@pytest.mark.postgres
async def test_who_is_refused_costs_the_others_no_write(postgres_url: str, shapes: SimpleNamespace) -> None:
    """The statement that fails is halved until its owner is alone; that is a few statements, and one answer that differs."""
    store = SqlStore(postgres_url, shapes.all)
    await born(store, shapes, ["x"] * 32)
    versions = dict.fromkeys(range(1, 33), V1)
    for name in ("x", "y"):
        with counted() as sent:
            told = await all_of(
                *(
                    store.commit(
                        shapes.author, (Update(n, versions[n], author(f"{name}{n}", "y" if n == 9 else "x")),), touched(of_town("x"))
                    )
                    for n in versions
                )
            )
        assert [n for n, answer in enumerate(told, 1) if not isinstance(answer, Committed)] == [9]
        assert told[8] == Forbidden()
        assert len(sent) <= 12
        versions = {n: versions[n] if n == 9 else Version(versions[n] + 1) for n in versions}
    await store.close()


async def test_only_equal_scopes_share_a_page(store: SqlStore, shapes: SimpleNamespace) -> None:
    await born(store, shapes, TOWNS)
    await store.window(shapes.author, WHOLE, seen(of_town("x")))
    with counted() as sent:
        pages = await all_of(*(store.window(shapes.author, WHOLE, seen(of_town(town))) for town in ["x", "y", "x", "x", "y"]))
    assert [[row.key for row in page.rows] for page in pages] == [[1], [2], [1], [1], [2]]
    assert len(sent) == 2
    with counted() as sent:
        rows = await all_of(*(store.rows(shapes.author, [1, 2], None, seen(of_town(town))) for town in ["x", "y", "x"]))
        related = await all_of(
            *(store.related(shapes.author, "books", [1, 2], WHOLE, seen(of_town(town))) for town in ["x", "y", "x"])
        )  # fmt: skip
    assert [[row and row.key for row in some] for some in rows] == [[1, None], [None, 2], [1, None]]
    assert [[page.total for page in pages.values()] for pages in related] == [[1, 0], [0, 1], [1, 0]]
    assert len(sent) == 4


async def test_rules_that_were_not_asked_for_lately_are_forgotten(shapes: SimpleNamespace) -> None:
    tables = build_tables(shapes.all, "postgresql")
    rules, stored = Rules(tables, Ruled, kept=2), tables[0]

    def statements(*conditions: Any) -> list[Any]:
        found = [rules.scoped(stored, seen(condition)) for condition in conditions]
        return [None if scoped is None else scoped.statements for scoped in found]

    first, same, second, again, third, _, anew = statements(
        of_town("x"), of_town("y"), of_member("p"), of_town("z"), among(["x"]), among([]), of_member("p")
    )
    assert first is same is again
    assert len({first, second, third, anew}) == 4
    assert statements(among(["y"])) == [third]
    assert statements(of_town("x")) != [first]


async def test_what_differs_in_more_than_values_is_another_rule(shapes: SimpleNamespace) -> None:
    """And the same condition on what may be seen or touched, or on another resource, is one as well."""
    tables = build_tables(shapes.all, "sqlite")
    rules = Rules(tables, Ruled)
    by_name = {stored.resource.name: stored for stored in tables}
    town = AUTHOR.town
    scopes = [
        seen(town == "x"),
        touched(town == "x"),
        Scope(town == "x", town == "x"),
        seen(town != "x"),
        seen(AUTHOR.name == "x"),
        seen(town == sa.null()),
        seen(town.in_(["x"])),
        seen(town.in_(sa.select(MEMBERSHIPS.c.town).where(MEMBERSHIPS.c.town == "x"))),
        seen(sa.func.lower(town) == "x"),
        seen(town.collate("NOCASE") == "x"),
        seen(sa.or_(town == "x", town == "y")),
        seen(sa.and_(town == "x", town == "y")),
    ]
    found = [rules.scoped(by_name["Author"], scope) for scope in scopes]
    assert len({scoped.statements for scoped in found if scoped is not None}) == len(scopes)
    assert rules.scoped(by_name["Author"], Scope()) is None


def rule_of(kind: str, person: str) -> tuple[Any, Callable[[dict[str, Any]], bool]]:
    """A condition for somebody, and what it says of a row in plain Python."""
    towns = PEOPLE[person]
    match kind:
        case "town":
            town = (towns or ["nowhere"])[0]
            return of_town(town), lambda row: row["town"] == town
        case "list":
            return among(towns), lambda row: row["town"] in towns
        case "member":
            return of_member(person), lambda row: row["town"] in towns
        case "books":
            return sa.and_(AUTHOR.books >= len(towns), AUTHOR.town.is_not(None)), lambda row: row["books"] >= len(towns) and row["town"]
        case "self":
            mine = sa.exists(select(OTHER.id).where(OTHER.id == AUTHOR.id, OTHER.town.in_(towns)))
            return sa.or_(mine, AUTHOR.name == person), lambda row: row["town"] in towns or row["name"] == person
        case _:
            return None, lambda row: True


KINDS = st.sampled_from(["town", "list", "member", "books", "self", "none"])
CALLER = st.tuples(KINDS, KINDS, st.sampled_from([*PEOPLE]), st.integers(0, 11), st.sampled_from([*TOWNS, None]), st.integers(0, 4))
DOING = st.sampled_from(["update", "update", "update", "insert", "remove"])


async def test_shared_statements_never_mix_two_principals(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    """Every answer of a shuffled batch is what plain Python says of that caller alone."""
    shape = shapes.author
    await members(direct, *((person, town) for person, towns in PEOPLE.items() for town in towns))
    chance = random.Random(5)
    model: dict[int, dict[str, Any]] = {}
    versions: dict[int, int] = {}
    fresh = iter(range(10**6))

    def remember(key: Any, values: dict[str, Any]) -> None:
        model[key], versions[key] = values, 1

    async def add(count: int) -> None:
        for _ in range(count):
            values = author(f"u{next(fresh)}", chance.choice([*TOWNS, None]), chance.randrange(5))
            made = await store.commit(shape, (Insert(None, values, NOTHING),))
            assert isinstance(made, Committed)
            remember(made.rows[0].key, values)

    await add(12)

    async def read(callers: list[Any]) -> None:
        asked: list[Any] = []
        expected: list[Any] = []
        keys = list(model)
        for first, second, person, place, _, _ in callers:
            (seen_by, may_see), (touched_by, may_touch) = rule_of(first, person), rule_of(second, person)
            scope, key = Scope(seen_by, touched_by), keys[place % len(keys)]
            there, free = bool(may_see(model[key])), bool(may_touch(model[key]))
            match place % 3:
                case 0 | 1:
                    asked.append(store.fetch(shape, key, scope))
                    expected.append((model[key] if there else None, versions[key], not there, free or not there))
                case _:
                    asked.append(store.rows(shape, keys, None, scope))
                    expected.append([one if may_see(model[one]) else None for one in keys])
        for answer, wanted in zip(await all_of(*asked), expected, strict=True):
            if isinstance(answer, Facts):
                row = None if answer.row is None else dict(answer.row.values)
                assert (row, answer.last, answer.concealed, answer.allowed) == wanted
            else:
                assert [row and row.key for row in answer] == wanted

    async def write(callers: list[Any], doing: list[str]) -> None:
        asked, planned = [], []
        keys = list(model)
        for (first, second, person, place, town, books), what in zip(callers, doing, strict=True):
            (seen_by, may_see), (touched_by, may_touch) = rule_of(first, person), rule_of(second, person)
            key = keys[place % len(keys)]
            values = author(f"u{next(fresh)}", town, books)
            before = bool(may_see(model[key]) and may_touch(model[key]))
            after = bool(may_see(values) and may_touch(values))
            change: Any = {
                "update": Update(key, Version(versions[key]), values),
                "remove": Remove(key, Version(versions[key])),
                "insert": Insert(None, values, NOTHING),
            }[what]
            asked.append(store.commit(shape, (change,), Scope(seen_by, touched_by)))
            planned.append((what, key, values, before, after))
        answers = await all_of(*asked)
        won: dict[int, int] = {}
        for (what, key, values, before, after), answer in zip(planned, answers, strict=True):
            if what == "insert":
                assert isinstance(answer, Committed if after else Forbidden)
                if isinstance(answer, Committed):
                    remember(answer.rows[0].key, values)
            elif not before:
                assert answer == Raced()
            elif what == "update" and not after:
                # Another may have moved the row on before it was looked at.
                assert answer in (Forbidden(), Raced())
            else:
                won.setdefault(key, 0)
                won[key] += isinstance(answer, Committed)
        assert set(won.values()) <= {1}, "of those who may, one wins"
        for (what, key, values, _, _), answer in zip(planned, answers, strict=True):
            if isinstance(answer, Committed) and what == "update":
                model[key], versions[key] = values, answer.rows[0].version
            elif isinstance(answer, Committed) and what == "remove":
                model.pop(key)
                versions.pop(key)
        page: Any = await store.window(shape, WHOLE)
        assert {row.key: dict(row.values) for row in page.rows} == model
        assert {row.key: row.version for row in page.rows} == versions

    async def check(example: Any) -> None:
        callers, doing = example
        await read(callers)
        await write(callers, doing[: len(callers)])
        for key in list(model)[24:]:
            assert isinstance(await store.commit(shape, (Remove(key, Version(versions.pop(key))),)), Committed)
            model.pop(key)
        await add(12 - len(model))

    await for_all(check, st.tuples(st.lists(CALLER, min_size=1, max_size=64), st.lists(DOING, min_size=64, max_size=64)), 60)
