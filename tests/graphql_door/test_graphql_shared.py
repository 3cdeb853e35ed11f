"""Callers who are given one page share what is written of it, as long as they are told the same of what it leads to."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import strawberry

from diptych.graphql.context import Context
from diptych.graphql.operations import Operations, Request, Response
from diptych.graphql.plan import Plan
from diptych.graphql.plan.shared import Shared, body_bytes
from diptych.http.answer import json_bytes
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import FetchMany, List
from diptych.semantics.outcome import Page
from diptych.semantics.row import Row
from diptych.semantics.version import Version
from tests.graphql_door.both import ran, run_plan
from tests.graphql_door.client import Client


def gadget(key: int, name: str = "n", parent: int | None = None, rank: int = 7) -> Row:
    return Row(key, Version(1), {"name": name, "parentId": parent, "rank": rank})


def page(*rows: Row) -> Page:
    return Page(rows, False, False, (), "id")


class Scripted:
    """A service that answers one caller: a page, the children of its rows, and the parents of those."""

    def __init__(self, root: Page, children: Mapping[Any, Page], parents: Mapping[Any, Row | None] | None = None) -> None:
        self._root, self._children, self._parents = root, children, parents or {}
        # The keys of each question for parents.
        self.asked: list[Sequence[Any]] = []

    async def list(self, _resource: ResourceShape, _command: List) -> Page:
        return self._root

    async def related(self, _resource: ResourceShape, _field: str, values: Sequence[Any], _command: List) -> Mapping[Any, Page]:
        # Others come in between.
        await asyncio.sleep(0)
        return {value: self._children[value] for value in values}

    async def fetch_many(self, _resource: ResourceShape, command: FetchMany) -> Sequence[Row | None]:
        await asyncio.sleep(0)
        self.asked.append(command.keys)
        return [self._parents[key] for key in command.keys]


Answer = Callable[[str, Scripted], Any]


@pytest.fixture
def answer(gadget_schema: strawberry.Schema, gadget_shapes: tuple[ResourceShape, ...]) -> Answer:
    """Answers an operation over a service."""
    operations = Operations(gadget_schema, gadget_shapes)

    async def run(query: str, service: Any) -> Response:
        request = Request(query, {}, None)
        selected = operations.select(request)
        assert isinstance(selected, tuple), selected
        return await operations.run(*selected, request, Context(service))

    return run


TWO = "{ gadgets { edges { node { id children(first: 5) { edges { node { name rank } } } } } } }"
THREE = "{ gadgets { edges { node { id children(first: 5) { edges { node { name parent { name } } } } } } } }"


def names(response: Response) -> list[list[str]]:
    """The names of the children of each row."""
    told: Any = response.body["data"]
    return [[edge["node"]["name"] for edge in one["node"]["children"]["edges"]] for one in told["gadgets"]["edges"]]


def written(response: Response) -> Any:
    told: Any = response.body["data"]
    return told["gadgets"]


async def test_those_who_are_told_the_same_share_it(answer: Answer) -> None:
    root, children = page(gadget(1), gadget(2)), {1: page(gadget(3, "c")), 2: page()}
    first, second = await asyncio.gather(*(answer(TWO, Scripted(root, children)) for _ in range(2)))
    assert names(first) == [["c"], []]
    assert written(first) is written(second)
    assert body_bytes(first.body) == json_bytes(first.body)


async def test_those_who_are_told_otherwise_do_not(answer: Answer) -> None:
    """One page, read for all; its children for some of them before a row was renamed, for some after."""
    root = page(gadget(1), gadget(2))
    before, after = ({1: page(gadget(3, name)), 2: page(gadget(4, name))} for name in ("before", "after"))
    told = await asyncio.gather(*(answer(TWO, Scripted(root, children)) for children in (before, after, before, after)))
    assert [names(one) for one in told] == [[["before"], ["before"]], [["after"], ["after"]]] * 2
    assert written(told[0]) is written(told[2])
    assert written(told[1]) is written(told[3])


async def test_it_can_part_at_any_level(answer: Answer) -> None:
    """The children are the same for all, and the parents of those are not; nor are they for those whose children were others."""
    root, children, others = page(gadget(1)), {1: page(gadget(3, "c", parent=1))}, {1: page(gadget(3, "d", parent=1))}
    plans = [(children, "a"), (children, "b"), (others, "a"), (children, "b"), (others, "b")]
    parents = {name: {1: gadget(1, name)} for name in "ab"}
    told = await asyncio.gather(*(answer(THREE, Scripted(root, some, parents[name])) for some, name in plans))
    nodes = [written(one)["edges"][0]["node"]["children"]["edges"][0]["node"] for one in told]
    assert [(node["name"], node["parent"]["name"]) for node in nodes] == [("c", "a"), ("c", "b"), ("d", "a"), ("c", "b"), ("d", "b")]
    assert nodes[1] is nodes[3]


async def test_each_page_and_each_field_has_its_own(answer: Answer) -> None:
    """Pages that are there at the same time, and one page under two fields that select otherwise."""
    roots = [page(gadget(1)), page(gadget(1), gadget(2))]
    children = {1: page(gadget(3, "c")), 2: page(gadget(4, "d"))}
    told = await asyncio.gather(*(answer(TWO, Scripted(root, children)) for root in roots))
    assert [names(one) for one in told] == [[["c"]], [["c"], ["d"]]]
    beside = TWO[:-1] + " again: gadgets { edges { node { children(first: 5) { edges { node { rank } } } } } } }"
    data: Any = (await answer(beside, Scripted(roots[0], children))).body["data"]
    assert data["again"] == {"edges": [{"node": {"children": {"edges": [{"node": {"rank": 7}}]}}}]}


@pytest.mark.parametrize("field", ["id", "name", "version"])
async def test_a_plan_needs_no_field_beside(answer: Answer, field: str) -> None:
    ran.clear()
    await answer(f"{{ gadgets {{ edges {{ node {{ {field} }} }} }} }}", Scripted(page(gadget(1)), {}))
    assert ran == {"planned": 1}


@pytest.mark.parametrize("fits_first", [True, False])
async def test_a_value_that_does_not_fit_spoils_it_for_nobody_else(answer: Answer, fits_first: bool) -> None:
    root = page(gadget(1), gadget(2))
    fits = {1: page(gadget(3, "fits")), 2: page(gadget(4, "fits"))}
    fits_not = {1: page(gadget(3, "other")), 2: page(gadget(4, "other", rank=2**31))}
    pair = (fits, fits_not) if fits_first else (fits_not, fits)
    told = await asyncio.gather(*(answer(TWO, Scripted(root, children)) for children in pair))
    good, bad = told if fits_first else reversed(told)
    assert names(good) == [["fits"], ["fits"]]
    assert "errors" not in good.body
    assert [error["path"][-1] for error in bad.body["errors"]] == ["rank"]


async def test_what_did_not_fit_leaves_no_questions_behind(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first child has a parent to be asked for, and the second does not fit; the next caller does not ask for that parent."""
    monkeypatch.setattr(Plan, "run", run_plan)
    query = THREE.replace("name parent", "name rank parent")
    await answer(query, Scripted(page(gadget(1)), {1: page(gadget(3, parent=8), gadget(4, rank=2**31))}, {8: None}))
    next_one = Scripted(page(gadget(1)), {1: page(gadget(3, "fits", parent=9))}, {8: None, 9: gadget(9)})
    assert names(await answer(query, next_one)) == [["fits"]]
    assert next_one.asked == [(9,)]


async def test_nothing_is_kept_of_a_page_that_is_gone(answer: Answer) -> None:
    async def once() -> weakref.ref[Any]:
        return weakref.ref(written(await answer(TWO, Scripted(page(gadget(1)), {1: page(gadget(3))}))))

    kept = await once()
    gc.collect()
    assert kept() is None


TITLES = '{ users { edges { node { documents(where: {id: {eq: "d"}}) { edges { node { title } } } } } } }'


@pytest.fixture
async def titled(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A user with a document."""
    monkeypatch.setattr(Plan, "run", run_plan)
    await client.one('mutation { createUser(input: {name: "Ada", email: "ada@x"}) { __typename } }')
    await client.one('mutation { createDocument(input: {id: "d", title: "0", ownerId: 1}) { __typename } }')
    return client


async def test_what_was_acknowledged_is_seen(titled: Client) -> None:
    """Readers come all the time while a document is retitled; none is told less than what was acknowledged before it asked."""
    acknowledged = 0

    async def read() -> None:
        for _ in range(25):
            known = acknowledged
            told = await titled.one(TITLES)
            assert int(told["edges"][0]["node"]["documents"]["edges"][0]["node"]["title"]) >= known

    async def write() -> None:
        nonlocal acknowledged
        for number in range(1, 40):
            await titled.one(f'mutation {{ patchDocument(id: "d", patch: {{title: "{number}"}}) {{ __typename }} }}')
            acknowledged = number

    await asyncio.gather(write(), *(read() for _ in range(8)))
    assert acknowledged == 39


SHARED = Shared({"edges": [{"node": {"name": 'é"\n\u2028'}}], "totalCount": 2**70})
BODIES = [
    pytest.param({"data": {"a": SHARED}}, id="shared"),
    pytest.param({"data": {"a": 1, "b": SHARED, "c": None, "d": SHARED, "é": [SHARED]}}, id="beside-others"),
    pytest.param({"data": {"a": 1}}, id="not-shared"),
    pytest.param({"data": {}}, id="empty"),
    pytest.param({"data": None}, id="null"),
    pytest.param({"errors": [{"message": "m"}], "data": {"a": SHARED, "b": None}}, id="beside-errors"),
    pytest.param({"errors": [{"message": "m"}]}, id="errors-alone"),
    pytest.param({"data": {"a": SHARED}, "extensions": {"b": SHARED}}, id="beside-extensions"),
]


@pytest.mark.parametrize("body", BODIES)
def test_the_text_is_the_same_as_of_one_piece(body: dict[str, Any]) -> None:
    assert body_bytes(body) == json_bytes(body)
