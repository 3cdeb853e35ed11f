"""Relations: rows of other resources inside a row, each level of them in one question to the service."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import strawberry

from diptych.graphql.depth import DEEPEST_RELATION
from diptych.graphql.operations import Operations
from diptych.graphql.plan import Plan
from diptych.graphql.reach import MOST_ROWS, MOST_VALUES
from diptych.resource.shape import ResourceShape
from diptych.service.execute import Service
from tests.graphql_door.both import plan_of, ran, run_plan
from tests.graphql_door.client import Client, serve


class Counting:
    """A service that counts what it is asked, by verb and resource."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.asked: Counter[str] = Counter()
        # Keys that stood in one question more than once.
        self.repeated = 0
        self.fails: Any = None

    def __getattr__(self, verb: str) -> Any:
        async def ask(resource: ResourceShape, *command: Any) -> Any:
            self.asked[f"{verb} {resource.name}"] += 1
            keys = command[1] if verb == "related" else getattr(command[0], "keys", ())
            self.repeated += len(keys) - len(set(keys))
            if self.fails is not None and verb in ("related", "fetch_many"):
                raise self.fails
            return await getattr(self._service, verb)(resource, *command)

        return ask


@pytest.fixture
async def filled(client: Client) -> Client:
    """Ada with documents a to c, Bob with d, Cyd with none; and e, which nobody owns."""
    for name in ("Ada", "Bob", "Cyd"):
        await client.one(f'mutation {{ createUser(input: {{name: "{name}", email: "{name}@x"}}) {{ __typename }} }}')
    for key, owner in (("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", None)):
        new = {"id": key, "title": f"title of {key}", "ownerId": owner}
        await client.one("mutation ($new: CreateDocumentInput!) { createDocument(input: $new) { __typename } }", {"new": new})
    return client


@pytest.fixture
async def counting(service: Service) -> Counting:
    return Counting(service)


@pytest.fixture(params=["plan", "graphql-core"])
async def one_way(
    request: pytest.FixtureRequest,
    filled: Client,
    counting: Any,
    schema: strawberry.Schema,
    shapes: Sequence[ResourceShape],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Client]:
    """A client of a door that runs operations in one way only, over the service that counts."""
    monkeypatch.setattr(Plan, "run", run_plan)
    monkeypatch.setattr(Operations, "_plan", plan_of if request.param == "plan" else lambda self, document, operation: None)
    async with serve(counting, schema, shapes) as http:
        yield Client(http)


TREE = """{ users { edges { node { name
    documents(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id owner { name } } } } } } } }"""


async def test_a_tree(filled: Client) -> None:
    ran.clear()
    told = [edge["node"] for edge in (await filled.one(TREE))["edges"]]
    assert [
        (user["name"], user["documents"]["totalCount"], [edge["node"]["id"] for edge in user["documents"]["edges"]]) for user in told
    ] == [
        ("Ada", 3, ["a", "b"]),
        ("Bob", 1, ["d"]),
        ("Cyd", 0, []),
    ]
    assert [user["documents"]["pageInfo"]["hasNextPage"] for user in told] == [True, False, False]
    assert told[0]["documents"]["edges"][1]["node"]["owner"] == {"name": "Ada"}
    assert ran == {"planned": 1}


async def test_to_one(filled: Client) -> None:
    told = await filled.one("{ documents { edges { node { id owner { id email } } } } }")
    owners = {edge["node"]["id"]: edge["node"]["owner"] and edge["node"]["owner"]["email"] for edge in told["edges"]}
    assert owners == {"a": "Ada@x", "b": "Ada@x", "c": "Ada@x", "d": "Bob@x", "e": None}


async def test_what_a_list_takes_a_relation_takes(filled: Client) -> None:
    query = """query ($where: DocumentWhere, $after: String) { user(id: 1) {
        documents(first: 1, where: $where, orderBy: TITLE_DESC, after: $after) { totalCount edges { cursor node { id } } } } }"""
    first = (await filled.one(query, {"where": {"id": {"ne": "b"}}}))["documents"]
    assert (first["totalCount"], first["edges"][0]["node"]["id"]) == (2, "c")
    second = (await filled.one(query, {"where": {"id": {"ne": "b"}}, "after": first["edges"][0]["cursor"]}))["documents"]
    assert (second["totalCount"], second["edges"][0]["node"]["id"]) == (2, "a")
    assert (await filled.one("{ user(id: 1) { documents(last: 1) { edges { node { id } } } } }"))["documents"]["edges"][0]["node"][
        "id"
    ] == "c"


PATCH = 'mutation { patchUser(id: 1, patch: {bio: "b"}) { ... on UserWritten { version user { id %s } } } }'
LEVELS = [
    pytest.param(TREE, {"list User": 1, "related Document": 1, "fetch_many User": 1}, id="tree"),
    pytest.param("{ documents { edges { node { owner { name } } } } }", {"list Document": 1, "fetch_many User": 1}, id="to-one"),
    pytest.param(
        "{ users { edges { node { a: documents { totalCount } b: documents { totalCount } } } } }",
        {"list User": 1, "related Document": 1},
        id="the-same-asked-twice",
    ),
    pytest.param(
        "{ users { edges { node { a: documents(first: 1) { totalCount } b: documents(first: 2) { totalCount } } } } }",
        {"list User": 1, "related Document": 2},
        id="two-windows",
    ),
    pytest.param(
        '{ documentsByIds(ids: ["a", "b", "x"]) { owner { documents { edges { node { owner { name } } } } } } }',
        {"fetch_many Document": 1, "fetch_many User": 2, "related Document": 1},
        id="four-levels",
    ),
    pytest.param("{ user(id: 77) { documents { totalCount } } }", {"fetch User": 1}, id="nothing-to-relate"),
    pytest.param('{ document(id: "e") { owner { name } } }', {"fetch Document": 1}, id="no-owner"),
    pytest.param(
        PATCH % "documents { edges { node { owner { bio } } } }",
        {"write User": 1, "related Document": 1, "fetch_many User": 1},
        id="mutation",
    ),
]


@pytest.mark.parametrize(("query", "asked"), LEVELS)
async def test_each_level_is_one_question(one_way: Client, counting: Counting, query: str, asked: dict[str, int]) -> None:
    """However many rows a level has."""
    await one_way.run(query)
    assert (counting.asked, counting.repeated) == (asked, 0)


async def test_what_a_mutation_wrote_is_in_the_next_ones_relations(one_way: Client) -> None:
    create = 'createDocument(input: {id: "%s", title: "t", ownerId: 2}) { ... on DocumentWritten { document { owner { ...O } } } }'
    relations = "fragment O on User { documents { totalCount } }"
    told = await one_way.run(f"mutation {{ a: {create % 'x'} b: {create % 'y'} }} {relations}")
    assert [told[name]["document"]["owner"]["documents"]["totalCount"] for name in "ab"] == [2, 3]


async def test_a_mismatch_has_relations_too(filled: Client) -> None:
    query = "mutation { deleteUser(id: 1, version: 9) { ... on UserVersionMismatch { current { documents { totalCount } } } } }"
    assert (await filled.one(query))["current"] == {"documents": {"totalCount": 3}}


async def test_an_error_takes_no_row_away(one_way: Client, counting: Counting, caplog: pytest.LogCaptureFixture) -> None:
    """The mutation has committed, and says so; what went wrong is logged once, however many rows wait for it."""
    counting.fails = RuntimeError("inner words")
    query = PATCH % "documents { totalCount }"
    answer = (await one_way.post(query)).json()
    assert answer["data"] == {"patchUser": {"version": 2, "user": {"id": "1", "documents": None}}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["patchUser", "user", "documents"], "internal")
    ]
    caplog.clear()
    answer = (await one_way.post("{ users { edges { node { documents { totalCount } } } } }")).json()
    assert (len(answer["errors"]), len(caplog.records)) == (3, 1)
    assert "inner words" not in str(answer)


async def test_a_relation_to_the_same_resource(gadgets: Client) -> None:
    for name, parent in (("root", None), ("left", 1), ("right", 1), ("leaf", 2)):
        await gadgets.run(
            "mutation ($new: CreateGadgetInput!) { createGadget(input: $new) { __typename } }", {"new": {"name": name, "parentId": parent}}
        )
    told = await gadgets.one(
        "{ gadget(id: 4) { parent { name parent { name children(orderBy: NAME_DESC) { edges { node { name } } } } } } }"
    )
    assert told["parent"]["name"] == "left"
    assert [edge["node"]["name"] for edge in told["parent"]["parent"]["children"]["edges"]] == ["right", "left"]


# Limits


def nested(levels: int, inner: str = "id") -> str:
    """A query that relates so many times: owner, documents, owner and so on."""
    for level in reversed(range(levels)):
        inner = f"owner {{ {inner} }}" if level % 2 == 0 else f"documents(first: 1) {{ edges {{ node {{ {inner} }} }} }}"
    return f'{{ document(id: "a") {{ {inner} }} }}'


async def test_how_deep_relations_may_be_nested(filled: Client) -> None:
    await filled.run(nested(DEEPEST_RELATION))
    answer = await filled.post(nested(DEEPEST_RELATION + 1))
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Relations may be nested 4 deep; this one is deeper.", "invalid")


async def test_depth_is_counted_through_fragments(filled: Client) -> None:
    query = """{ document(id: "a") { ...D } } fragment D on Document { owner { documents { edges { node { ...E } } } } }
        fragment E on Document { owner { documents { edges { node { ...F } } } } } fragment F on Document { owner { id } }"""
    assert (await filled.post(query)).json()["errors"][0]["extensions"]["code"] == "invalid"
    await filled.run(query.replace("...F", "id").replace("fragment F on Document { owner { id } }", ""))


ROWS = "query ($n: Int, $m: Int, $more: Boolean! = false) { users(first: $n) { edges { node { id @skip(if: $more) %s } } } }"
TWICE = "documents(first: $m) { totalCount } more: documents(first: $m, where: {}) @include(if: $more) { totalCount }"
WIDE = "documents(first: $m) { edges { node { " + " ".join(f"a{number}: id" for number in range(30)) + " } } }"


@pytest.mark.parametrize(
    ("selection", "given", "allowed"),
    [
        pytest.param(TWICE, {"n": 100, "m": 100}, True, id="as-many-rows-as-may-be"),
        pytest.param(TWICE, {"n": 100, "m": 100, "more": True}, False, id="twice-as-many"),
        pytest.param(TWICE, {"n": 50, "m": 100, "more": True}, True, id="twice-half-as-many"),
        pytest.param(TWICE, {}, True, id="twenty-of-twenty"),
        pytest.param(WIDE, {"n": 10, "m": 100}, True, id="wide-and-few"),
        pytest.param(WIDE, {"n": 100, "m": 100}, False, id="too-many-values"),
        pytest.param(
            "documents(first: $m) { edges { node { owner { documents(first: $m) { totalCount } } } } }",
            {"n": 10, "m": 40},
            False,
            id="two-lists",
        ),
    ],
)
async def test_how_much_may_be_read(filled: Client, selection: str, given: Any, allowed: bool) -> None:
    answer = await filled.post(ROWS.replace("%s", selection), given)
    if allowed:
        assert "errors" not in answer.json()
        return
    assert (answer.status_code, "data" in answer.json()) == (400, False)
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "invalid"
    assert str(MOST_ROWS) in error["message"] or str(MOST_VALUES) in error["message"]


@pytest.mark.parametrize(
    ("arguments", "pointer"),
    [
        pytest.param("first: 101", "/first", id="size"),
        pytest.param("where: {title: null}", "/where/title", id="where"),
        pytest.param("orderBy: [ID_ASC, ID_DESC]", "/orderBy/1", id="order"),
        pytest.param('after: "x"', "/after", id="cursor"),
    ],
)
async def test_nothing_runs_where_a_relation_is_asked_wrongly(filled: Client, arguments: str, pointer: str) -> None:
    """Not even the mutation around it."""
    query = PATCH % f"documents({arguments}) {{ totalCount }}"
    (error,) = (await filled.post(query)).json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["violations"][0]["pointer"]) == ("invalid", pointer)
    assert (await filled.one("{ user(id: 1) { version } }")) == {"version": 1}


async def test_fragments_that_multiply(filled: Client) -> None:
    """Each of four levels spreads the next one many times over."""
    aliases = range(25)
    parts = [
        f"fragment F{level} on Document {{ " + " ".join(f"o{level}x{n}: owner {{ ...U{level} }}" for n in aliases) + " }"
        for level in (0, 1)
    ]
    parts += ["fragment U0 on User { " + " ".join(f"d{n}: documents(first: 1) {{ edges {{ node {{ ...F1 }} }} }}" for n in aliases) + " }"]
    parts += ["fragment U1 on User { " + " ".join(f"d{n}: documents(first: 1) {{ totalCount }}" for n in aliases) + " }"]
    began = time.process_time()
    answer = await filled.post('{ document(id: "a") { ...F0 } } ' + " ".join(parts))
    assert time.process_time() - began < 3
    assert answer.json()["errors"][0]["extensions"]["code"] == "invalid"
