"""What a user adds beside the resources: root fields, types, extensions, directives."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import graphql
import pytest
import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import MaxAliasesLimiter, SchemaExtension

from diptych.graphql import Context, SchemaConflict, build_schema, print_sdl
from diptych.graphql.operations import Operations
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Create
from diptych.semantics.outcome import Unavailable, Written
from diptych.semantics.principal import Caller
from diptych.service.acting import Acting, Rules
from diptych.service.execute import Service
from tests.graphql_door.client import Client, serve


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


Serving = Callable[..., Client]


@strawberry.type
class Extra:
    """A type of the user's."""

    word: str


@strawberry.type
class Query:
    @strawberry.field
    def now(self) -> datetime:
        return datetime(2024, 5, 1, 12, 30)

    @strawberry.field
    def extra(self) -> Extra:
        return Extra(word="w")

    @strawberry.field
    def broken(self) -> int | None:
        raise ValueError("inner words")

    @strawberry.field
    def refused(self) -> int | None:
        raise graphql.GraphQLError("meant", extensions={"code": "mine"})


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def sign_up(self, info: strawberry.Info[Context, None], name: str) -> int:
        shape = next(iter(SHAPES))
        outcome = await info.context.service.write(shape, Create({"name": name, "email": f"{name}@x"}))
        assert isinstance(outcome, Written)
        return outcome.row.version


SHAPES: list[ResourceShape] = []


@pytest.fixture(autouse=True)
def known_shapes(shapes: tuple[ResourceShape, ...]) -> None:
    SHAPES[:] = shapes


class Watching(SchemaExtension):
    """Notes what it is shown."""

    seen: list[str] = []

    async def on_operation(self) -> AsyncIterator[None]:
        self.seen.append("operation")
        yield

    def resolve(self, _next: Any, root: Any, info: graphql.GraphQLResolveInfo[Any], *args: str, **kwargs: Any) -> Any:
        self.seen.append(info.field_name)
        return _next(root, info, *args, **kwargs)

    def get_results(self) -> dict[str, Any]:
        return {"watched": True}


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    Watching.seen.clear()


async def test_relations_beside_a_field_of_the_users(serving: Serving) -> None:
    """Strawberry runs such a document; filters, orders and bounds are the same."""
    client = serving(query=Query, mutation=Mutation)
    await client.run('mutation { signUp(name: "x") createDocument(input: {id: "d", title: "t", ownerId: 1}) { __typename } }')
    read = """query ($where: UserWhere, $n: Int, $yes: Boolean!) { now users(where: $where, orderBy: NAME_DESC) { totalCount edges { node {
        documents(first: $n) @include(if: $yes) { edges { node { id owner { name } } } } } } } }"""
    told = (await client.run(read, {"where": {"name": {"eq": "x"}}, "n": 1, "yes": True}))["users"]
    assert told["edges"][0]["node"]["documents"]["edges"] == [{"node": {"id": "d", "owner": {"name": "x"}}}]
    assert told["totalCount"] == 1
    refused = await client.post(read, {"n": 0, "yes": True})
    assert refused.json()["errors"][0]["extensions"]["code"] == "invalid"


async def test_fields_of_both_in_one_document(serving: Serving) -> None:
    client = serving(query=Query, mutation=Mutation)
    made = await client.run(
        'mutation { a: signUp(name: "x") b: createUser(input: {name: "y", email: "y@x"}) { __typename } c: signUp(name: "z") }'
    )
    assert made == {"a": 1, "b": {"__typename": "UserWritten"}, "c": 1}
    read = "{ now extra { word } users { edges { node { name } } } }"
    for _ in range(2):
        assert await client.run(read) == {
            "now": "2024-05-01T12:30:00",
            "extra": {"word": "w"},
            "users": {"edges": [{"node": {"name": name}} for name in "xyz"]},
        }


async def test_types_that_nothing_refers_to(shapes: tuple[ResourceShape, ...]) -> None:
    assert "type Extra {" in print_sdl(build_schema(shapes, types=[Extra]))
    assert "type Extra {" not in print_sdl(build_schema(shapes))


@strawberry.type
class TakesUser:
    user: int = 1


@strawberry.type
class TakesCreateUser:
    @strawberry.mutation
    def create_user(self) -> int:
        return 1


@strawberry.type(name="User")
class OtherUser:
    word: str = "w"


@strawberry.type
class TakesType:
    @strawberry.field
    def other(self) -> OtherUser:
        return OtherUser()


class Undecorated:
    word: str = "w"


@strawberry.input
class Wish:
    price: Decimal


@strawberry.input(one_of=True)
class Either:
    """One or the other, which only graphql-core can judge."""

    number: strawberry.Maybe[int]
    word: strawberry.Maybe[str]


@strawberry.input
class Order:
    """An input that contains itself."""

    count: int
    either: Either | None = None
    more: "list[Order] | None" = None


@strawberry.type
class TakesOrders:
    @strawberry.field
    def ordered(self, order: Order) -> int:
        return order.count + sum(inner.count for inner in order.more or ())


@strawberry.input(name="StringFilter")
class Pattern:
    word: str


@strawberry.type
class TakesFilter:
    @strawberry.field
    def found(self, pattern: Pattern) -> int:
        return 1


@strawberry.type
class TakesTypedArguments:
    @strawberry.field
    def since(self, at: datetime | None = None) -> int:
        return 1


@strawberry.type
class TakesTypedInput:
    @strawberry.field
    def wished(self, wishes: list[Wish]) -> int:
        return 1


@pytest.mark.parametrize(
    ("additions", "words"),
    [
        pytest.param({"query": TakesUser}, "`user`", id="query-field"),
        pytest.param({"mutation": TakesCreateUser}, "`createUser`", id="mutation-field"),
        pytest.param({"query": TakesType}, "Type User", id="type"),
        pytest.param({"query": TakesFilter}, "Type StringFilter", id="filter"),
        pytest.param({"query": Undecorated}, "@strawberry.type", id="not-a-strawberry-type"),
        pytest.param({"query": TakesTypedArguments}, "`at` of Query.since", id="argument-that-would-be-text"),
        pytest.param({"query": TakesTypedInput}, "`price` of Wish", id="field-of-an-input-that-would-be-text"),
    ],
)
def test_what_cannot_be_added(shapes: tuple[ResourceShape, ...], additions: Any, words: str) -> None:
    with pytest.raises(SchemaConflict, match=words):
        build_schema(shapes, **additions)


async def test_an_input_of_plain_types(serving: Serving) -> None:
    assert await serving(query=TakesOrders).one("{ ordered(order: {count: 1, more: [{count: 2}]}) }") == 3


@pytest.mark.parametrize(
    ("either", "status"), [pytest.param({"word": "w"}, 200, id="one"), pytest.param({"word": "w", "number": 1}, 400, id="both")]
)
async def test_a_variable_of_a_users_type_in_a_field_of_ours(serving: Serving, either: Any, status: int) -> None:
    """Inside JSON there may be variables of any type; what they must hold is judged all the same."""
    create = 'mutation ($e: Either!) { createDocument(input: {id: "a", title: "t", metadata: {e: $e}}) { __typename } }'
    assert (await serving(query=TakesOrders).post(create, {"e": either})).status_code == status


# Extensions


async def test_extensions_see_our_fields(serving: Serving, caplog: pytest.LogCaptureFixture) -> None:
    client = serving(extensions=[Watching])
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            Watching.seen.clear()
            answer = await client.post('mutation { createUser(input: {name: "", email: "x@x"}) { ... on Problem { code } } }')
            assert answer.json() == {"data": {"createUser": {"code": "invalid"}}, "extensions": {"watched": True}}
            assert Watching.seen == ["operation", "createUser", "code"]
        refused = await client.post("{ users(first: 0) { __typename } }")
        assert refused.json()["errors"][0]["extensions"]["code"] == "invalid"
        wrong = await client.post("query ($a: Int!) { users(first: $a) { __typename } }", {"a": "x"})
        assert (wrong.status_code, "data" in wrong.json()) == (400, False)
    assert [record for record in caplog.records if record.levelno > logging.INFO or record.exc_info] == []


async def test_rules_that_an_extension_adds_are_kept(serving: Serving) -> None:
    """The document was validated before; it is validated again under the user's rules, every time."""
    client = serving(extensions=[lambda: MaxAliasesLimiter(max_alias_count=1)])
    for _ in range(2):
        assert (await client.post("{ a: __typename }")).status_code == 200
        refused = await client.post("{ a: __typename b: __typename }")
        assert (refused.status_code, refused.json().keys()) == (400, {"errors"})


async def test_the_selected_operation_runs_under_extensions(serving: Serving) -> None:
    client = serving(extensions=[Watching])
    answer = await client.post("query A { a: __typename } query B { b: __typename }", None, "B")
    assert answer.json()["data"] == {"b": "Query"}
    unnamed = await client.post("query A { a: __typename } query B { b: __typename }")
    assert (unnamed.status_code, unnamed.json().keys()) == (400, {"errors"})


class Failing(SchemaExtension):
    def on_execute(self) -> Iterator[None]:
        yield from self.fail()

    def fail(self) -> Iterator[None]:
        raise RuntimeError("inner words")


async def test_an_extension_that_fails(serving: Serving) -> None:
    answer = await serving(extensions=[Failing]).post("{ __typename }")
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "internal"
    assert "inner words" not in answer.text


@strawberry.directive(locations=[DirectiveLocation.FIELD], description="Writes text in capitals.")
def upper(value: DirectiveValue[str], mark: Annotated[str, strawberry.argument(description="What to put behind it.")] = "!") -> str:
    return value.upper() + mark


async def test_directives(serving: Serving, ada: str) -> None:
    client = serving(directives=[upper])
    assert await client.one("query ($id: ID!) { user(id: $id) { name @upper } }", {"id": ada}) == {"name": "ADA!"}


# Errors


async def test_what_a_users_field_did_not_mean_stays_inside(serving: Serving, ada: str) -> None:
    answer = await serving(query=Query).post("query ($id: ID!) { broken user(id: $id) { name } }", {"id": ada})
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"broken": None, "user": {"name": "Ada"}}
    (error,) = body["errors"]
    assert error["path"] == ["broken"]
    assert error["extensions"].keys() == {"code", "requestId"}
    assert error["extensions"]["code"] == "internal"
    assert "inner words" not in answer.text


async def test_what_a_users_field_meant_to_say_is_said(serving: Serving) -> None:
    (error,) = (await serving(query=Query).post("{ refused }")).json()["errors"]
    assert (error["message"], error["extensions"]) == ("meant", {"code": "mine"})


class Broken:
    """A store that fails, or is away."""

    def __init__(self, store: Any, answer: Any) -> None:
        self._store, self._answer = store, answer

    async def fetch(self, *given: Any) -> Any:
        return await self._store.fetch(*given)

    async def window(self, *given: Any) -> Any:
        return self._said()

    rows = related = window

    async def commit(self, resource: Any, changes: Any, scope: Any = None) -> Any:
        (change,) = changes
        return self._said() if change.values["name"] == "bad" else await self._store.commit(resource, changes, scope)

    def _said(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("failure", "code"),
    [pytest.param(Unavailable(), "unavailable", id="away"), pytest.param(RuntimeError("inner words"), "internal", id="fails")],
)
async def test_one_error_leaves_the_other_answers(
    service: Service, schema: strawberry.Schema, shapes: tuple[ResourceShape, ...], failure: Any, code: str
) -> None:
    async with serve(Service(Broken(service.store, failure)), schema, shapes) as http:
        create = 'createUser(input: {{name: "{0}", email: "{0}@x"}}) {{ __typename }}'.format
        answer = await Client(http).post(f"mutation {{ a: {create('good')} b: {create('bad')} c: {create('fine')} }}")
        assert answer.status_code == 200
        body = answer.json()
        assert body["data"] == {"a": {"__typename": "UserWritten"}, "b": None, "c": {"__typename": "UserWritten"}}
        (error,) = body["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["b"], code)
        assert "inner words" not in answer.text
        listed = (await Client(http).post("{ users { __typename } }")).json()
        assert (listed["data"], listed["errors"][0]["extensions"]["code"]) == (None, code)


async def test_an_error_of_the_door_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any) -> Any:
        raise RuntimeError("inner words")

    monkeypatch.setattr(Operations, "select", fail)
    answer = await client.post("{ __typename }")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "internal")
    assert "inner words" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("additions", [pytest.param({}, id="plain"), pytest.param({"extensions": [Watching]}, id="extended")])
async def test_an_address_alone_is_enough_to_run(shapes: tuple[ResourceShape, ...], service: Service, ada: str, additions: Any) -> None:
    """A user may execute the schema without the door, with a context of their own."""
    schema = build_schema(shapes, **additions)
    result = await schema.execute(
        "query ($id: ID!) { user(id: $id) { name } }", {"id": ada}, context_value=Context(Acting(service, Rules(shapes), Caller()))
    )
    assert (result.data, result.errors) == ({"user": {"name": "Ada"}}, None)
