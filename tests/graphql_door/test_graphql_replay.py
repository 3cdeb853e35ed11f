"""What the service did is told, whatever it answers: values that no schema foresees, errors, and what nobody planned.

Every operation here runs by its plan and by graphql-core, as all of this folder's do; where a value does not fit its type,
the plan has graphql-core write what was done already, and does nothing twice.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import strawberry

from diptych.graphql.operations import Operations
from diptych.graphql.plan import Plan
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Fetch, FetchMany, List
from diptych.semantics.outcome import Deleted, Effect, Found, Invalid, NotFound, Page, Unavailable, VersionMismatch, Violation, Written
from diptych.semantics.row import Row
from diptych.semantics.version import Version
from tests.graphql_door.both import ran, run_plan
from tests.graphql_door.client import Client, serve

VALUES = {
    "name": "n",
    "color": "red",
    "shades": ["red"],
    "serial": 2**40,
    "price": "1.50",
    "ratio": 1,
    "active": True,
    "token": None,
    "seen": "2024-05-01T12:30:00Z",
    "day": None,
    "clock": None,
    "span": None,
    "blob": None,
    "notes": {"a": [1, None]},
    "secret": "s",
    "rank": 7,
    "born": "2024-05-01T12:30:00Z",
    "parentId": 3,
}
ROW = Row(1, Version(1), VALUES)


class Saying:
    """A service that answers what it is told to, and counts what it is asked."""

    def __init__(self) -> None:
        self.says: Callable[[Any], Any] = lambda command: None
        self.asked = 0

    async def _ask(self, _resource: ResourceShape, command: Any, *_: object) -> Any:
        self.asked += 1
        outcome = self.says(command)
        if isinstance(outcome, Exception):
            raise outcome
        return await outcome if asyncio.iscoroutine(outcome) else outcome

    fetch = list = write = fetch_many = _ask

    async def related(self, resource: ResourceShape, _field: str, values: Sequence[Any], command: Any, *_: object) -> Any:
        outcome = await self._ask(resource, command)
        return dict.fromkeys(values, outcome) if isinstance(outcome, Page) else outcome


@pytest.fixture
def saying() -> Saying:
    return Saying()


@pytest.fixture
async def client(saying: Any, gadget_schema: strawberry.Schema, gadget_shapes: tuple[ResourceShape, ...]) -> AsyncIterator[Client]:
    async with serve(saying, gadget_schema, gadget_shapes) as http:
        yield Client(http)


@pytest.fixture(autouse=True)
def counted() -> Counter[str]:
    ran.clear()
    return ran


ALL = "id name color shades serial price ratio active token seen day clock span blob notes rank born parentId version __typename"
GADGET = "query ($id: ID!) { gadget(id: $id) { " + ALL + " } }"
REPLACE = (
    "mutation { replaceGadget(id: 1, input: {name: %s}) { __typename ... on GadgetWritten { version outcome gadget { " + ALL + " } } } }"
)


def row(**values: Any) -> Row:
    return replace(ROW, values={**VALUES, **values})


async def test_a_row_of_every_kind(client: Client, saying: Saying, counted: Counter[str]) -> None:
    saying.says = lambda command: Found(ROW)
    told = await client.one(GADGET, {"id": 1})
    assert (told["id"], told["color"], told["ratio"], told["parentId"], told["serial"]) == ("1", "RED", 1.0, "3", 2**40)
    assert counted == {"planned": 1}


ODD_ROWS = [
    pytest.param(row(color="green"), id="enum-without-such-a-member"),
    pytest.param(row(color=["red"]), id="list-for-an-enum"),
    pytest.param(row(shades=["red", None]), id="null-in-a-list"),
    pytest.param(row(shades=["red", "green"]), id="wrong-in-a-list"),
    pytest.param(row(shades="red"), id="text-for-a-list"),
    pytest.param(row(name=None), id="null-for-text"),
    pytest.param(row(name=1.5), id="number-for-text"),
    pytest.param(row(name={}), id="object-for-text"),
    pytest.param(row(rank=2**31), id="integer-too-large"),
    pytest.param(row(rank=-(2**31)), id="smallest-integer"),
    pytest.param(row(rank=-(2**31) - 1), id="integer-too-small"),
    pytest.param(row(rank="7"), id="text-for-an-integer"),
    pytest.param(row(rank=True), id="boolean-for-an-integer"),
    pytest.param(row(rank=7.5), id="fraction-for-an-integer"),
    pytest.param(row(ratio=2**53 + 1), id="float-that-loses"),
    pytest.param(row(ratio=float("inf")), id="infinity"),
    pytest.param(row(active=1), id="number-for-a-boolean"),
    pytest.param(row(active="yes"), id="text-for-a-boolean"),
    pytest.param(row(parentId=1.5), id="fraction-for-an-id"),
    pytest.param(row(parentId=True), id="boolean-for-an-id"),
    pytest.param(row(price=None), id="null-for-a-decimal"),
    pytest.param(row(price=1), id="number-for-a-decimal"),
    pytest.param(row(born=7), id="number-for-a-moment"),
    pytest.param(Row(1, Version(2**31), VALUES), id="version-too-large"),
    pytest.param(Row(1, Version(1), {"name": "n"}), id="fields-missing"),
    pytest.param(Row(None, Version(1), VALUES), id="null-for-a-key"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("odd", ODD_ROWS)
async def test_a_row_that_does_not_fit(client: Client, saying: Saying, odd: Row) -> None:
    outcomes: dict[str, Any] = {
        "query": Found(odd),
        "page": Page([ROW, odd], True, False),
        "mutation": Written(odd, Effect.REPLACED),
    }
    saying.says = lambda command: outcomes["query"]
    await client.post(GADGET, {"id": 1})
    saying.says = lambda command: outcomes["page"]
    await client.post("{ __typename gadgets { pageInfo { endCursor } edges { cursor node { " + ALL + " } } } }")
    saying.says = lambda command: outcomes["mutation"]
    await client.post(REPLACE % '"a"')
    # Each once: what was done is told, not done again.
    assert saying.asked == 3


async def test_a_write_that_cannot_be_told_hides_no_other(client: Client, saying: Saying, counted: Counter[str]) -> None:
    """The one in the middle does not fit; those around it are told as they are, each done once and in order."""
    names: list[str] = []

    def say(command: Any) -> Written:
        names.append(command.document["name"])
        return Written(row(name=names[-1], color="green" if names[-1] == "b" else "red"), Effect.REPLACED)

    saying.says = say
    one = "replaceGadget(id: 1, input: {name: %s}) { ... on GadgetWritten { gadget { name color } } }"
    answer = (await client.post("mutation { " + " ".join(f"{name}: " + one % f'"{name}"' for name in "abc") + " }")).json()
    assert names == ["a", "b", "c"]
    assert [told and told["gadget"]["name"] for told in answer["data"].values()] == ["a", None, "c"]
    assert [error["path"] for error in answer["errors"]] == [["b", "gadget", "color"]]
    assert counted == {"handed over after": 1}


ODD_OUTCOMES = [
    pytest.param(Unavailable(), id="unavailable"),
    pytest.param(RuntimeError("inner words"), id="unforeseen"),
    pytest.param(NotFound(7), id="not-found"),
    pytest.param(NotFound("x"), id="not-found-text"),
    pytest.param(Invalid((Violation("/a", "type", "Must be."),)), id="invalid"),
    pytest.param(Found(ROW), id="found"),
    pytest.param(Page((), False, False), id="page"),
    pytest.param(Deleted(1, Version(3)), id="deleted"),
    pytest.param(Written(ROW, Effect.CREATED), id="written"),
]


@pytest.mark.parametrize("outcome", ODD_OUTCOMES)
@pytest.mark.parametrize(
    "query",
    [
        "{ gadget(id: 1) { id } }",
        "{ a: gadget(id: 1) { id } __typename b: gadget(id: 2) { name } }",
        "{ gadgets { edges { node { id } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }",
        "{ gadget(id: 1) { id } gadgets { __typename } }",
        "{ gadgets { __typename } gadget(id: 1) { id } }",
        'mutation { createGadget(input: {name: "a"}) { __typename ... on Problem { type title status code detail } } }',
        "mutation { deleteGadget(id: 1) { __typename ... on GadgetDeleted { id version } ... on NotFound { key } } }",
        "mutation { a: deleteGadget(id: 1) { __typename } b: deleteGadget(id: 2) { __typename } }",
    ],
)
async def test_whatever_the_service_answers(client: Client, saying: Saying, query: str, outcome: Any) -> None:
    saying.says = lambda command: outcome
    answer = await client.post(query)
    assert answer.status_code == 200
    assert "inner words" not in answer.text


@pytest.mark.parametrize("way", ["plan", "graphql-core"])
async def test_errors_stand_in_the_order_in_which_they_came(
    client: Client, saying: Saying, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plan, "run", run_plan)
    if way == "graphql-core":
        monkeypatch.setattr(Operations, "_plan", lambda self, document, operation: None)

    async def later(turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return Unavailable()

    saying.says = lambda command: later(7 - command.key)
    answer = (await client.post("{ a: gadget(id: 1) { id } b: gadget(id: 6) { id } c: gadget(id: 3) { id } }")).json()
    assert [error["path"] for error in answer["errors"]] == [["b"], ["c"], ["a"]]


async def test_queries_ask_all_at_once_and_mutations_in_turn(client: Client, saying: Saying) -> None:
    running: list[int] = []
    most = 0

    async def slow(command: Any) -> Any:
        nonlocal most
        running.append(command.key)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.pop()
        return NotFound(command.key)

    saying.says = slow
    await client.run("{ a: gadget(id: 1) { id } b: gadget(id: 2) { id } }")
    assert most == 2
    most = 0
    await client.run("mutation { a: deleteGadget(id: 1) { __typename } b: deleteGadget(id: 2) { __typename } }")
    assert most == 1


async def test_one_run_leaves_nothing_in_the_next(client: Client, saying: Saying) -> None:
    outcomes: list[Any] = [Found(ROW), Unavailable(), Found(ROW), NotFound(1)]
    coming = iter(outcomes)
    saying.says = lambda command: next(coming)
    for told in ({"id": "1"}, None, {"id": "1"}, None):
        assert (await client.post("{ gadget(id: 1) { id } }")).json()["data"] == {"gadget": told}


async def test_what_was_refused_unasked_is_refused_again(client: Client, saying: Saying, counted: Counter[str]) -> None:
    """The page is invalid before the service is asked, and the row beside it does not fit."""
    saying.says = lambda command: Found(row(rank=2**31))
    answer = (await client.post("{ gadgets(first: 0) { __typename } gadget(id: 1) { rank } }")).json()
    assert (answer["data"], len(answer["errors"]), saying.asked) == (None, 2, 1)
    assert counted == {"handed over after": 1}


async def test_what_was_raised_is_raised_again(
    client: Client, saying: Saying, counted: Counter[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The service fails for one row, and the other does not fit: neither is asked for twice."""
    saying.says = lambda command: RuntimeError("inner words") if command.key == 1 else Found(row(rank=2**31))
    answer = (await client.post("{ a: gadget(id: 1) { rank } b: gadget(id: 2) { rank } }")).json()
    assert (answer["data"], saying.asked) == ({"a": None, "b": None}, 2)
    assert [(error["path"], error.get("extensions", {}).get("code")) for error in answer["errors"]] == [
        (["a"], "internal"),
        (["b", "rank"], None),
    ]
    assert counted == {"handed over after": 1}
    assert [record.levelno for record in caplog.records] == [logging.ERROR], "logged once"


async def test_rows_by_keys_that_do_not_fit(client: Client, saying: Saying, counted: Counter[str]) -> None:
    """Their answer is told as it was, not asked for once more."""
    saying.says = lambda command: [ROW, None, row(rank=2**31)] if isinstance(command, FetchMany) else Found(ROW)
    answer = (await client.post("{ gadgetsByIds(ids: [1, 2, 3]) { name rank } gadget(id: 1) { name } }")).json()
    assert (answer["data"], saying.asked) == (
        {"gadgetsByIds": [{"name": "n", "rank": 7}, None, None], "gadget": {"name": "n"}},
        2,
    )
    assert [error["path"] for error in answer["errors"]] == [["gadgetsByIds", 2, "rank"]]
    assert counted == {"handed over after": 1}


ODD_RELATED = [
    pytest.param(Page([row(rank=2**31)], False, False), id="does-not-fit"),
    pytest.param(Page([row(color="green")], False, False), id="enum-without-such-a-member"),
    pytest.param(Unavailable(), id="unavailable"),
    pytest.param(RuntimeError("inner words"), id="unforeseen"),
]


@pytest.mark.parametrize("related", ODD_RELATED)
async def test_relations_that_cannot_be_told(client: Client, saying: Saying, counted: Counter[str], related: Any) -> None:
    """The row before them is told, and the write that made it is not done again."""
    writes = 0

    def say(command: Any) -> Any:
        nonlocal writes
        if isinstance(command, List | FetchMany):
            return related
        writes += 1
        return Written(ROW, Effect.REPLACED)

    saying.says = say
    written = "version gadget { children { edges { node { rank color } } } }"
    query = f'mutation {{ replaceGadget(id: 1, input: {{name: "a"}}) {{ ... on GadgetWritten {{ {written} }} }} }}'
    answer = (await client.post(query)).json()
    told = answer["data"]["replaceGadget"]
    assert (told["version"], told["gadget"], writes) == (1, {"children": None}, 1)
    assert answer["errors"][0]["path"][:3] == ["replaceGadget", "gadget", "children"]
    assert "inner words" not in str(answer)
    assert counted == {"handed over after": 1}


async def test_a_page_that_is_shared_has_relations_of_its_own_each_time(client: Client, saying: Saying, counted: Counter[str]) -> None:
    """Callers who ask together may be given one page; what relates to its rows is read for each of them."""
    page, names = Page([ROW], False, False), iter(["a", "a", "b", "b"])
    saying.says = lambda command: page if command.end == "first" else Page([row(name=next(names))], False, False)
    query = """{ x: gadgets { ...P } y: gadgets { ...P } }
        fragment P on GadgetConnection { edges { node { children(last: 1) { edges { node { name } } } } } }"""
    for name in "ab":
        told = await client.run(query)
        assert [one["edges"][0]["node"]["children"]["edges"][0]["node"]["name"] for one in told.values()] == [name, name]
    assert counted == {"planned": 2}


async def test_what_was_given_up_is_given_up_again(client: Client, saying: Saying, counted: Counter[str]) -> None:
    """One row does not fit, one never comes, and the page in between takes the whole answer with it."""

    def say(command: Any) -> Any:
        if not isinstance(command, Fetch):
            return Unavailable()
        return Found(row(rank=2**31)) if command.key == 1 else asyncio.Event().wait()

    saying.says = say
    answer = (await client.post("{ a: gadget(id: 1) { rank } gadgets { __typename } b: gadget(id: 2) { rank } }")).json()
    assert (answer["data"], saying.asked) == (None, 3)
    assert [error["path"] for error in answer["errors"]] == [["a", "rank"], ["gadgets"]]
    assert counted == {"handed over after": 1}


async def test_a_mismatch_told_of_the_document_has_its_own_status(client: Client, saying: Saying) -> None:
    saying.says = lambda command: VersionMismatch(Version(1), ROW, "document")
    told = await client.one("mutation { deleteGadget(id: 1) { ... on Problem { status } } }")
    assert told == {"status": 409}
