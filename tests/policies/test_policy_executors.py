"""However a GraphQL operation runs, by its plan, on graphql-core or through Strawberry, the same rules are in force."""

import random
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import strawberry

from diptych.graphql.context import Context
from diptych.graphql.documents import Document
from diptych.graphql.operations import Operations
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import List
from diptych.semantics.outcome import Forbidden, Page, Unauthenticated
from tests.policies.asking import Asked, graphql, read_graphql, send
from tests.policies.commands import ROWS, Target, item_requests
from tests.policies.office import Office
from tests.policies.questions import that_change_nothing
from tests.policies.table import item_lines
from tests.policies.world import CALLERS
from tests.policies.world import office as new_office

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEVERAL_AT_ONCE = """
query($seen: ID!, $other: ID!) {
  one: errand(id: $seen) { ...All satchel { ...Satchel errands { edges { node { ...All } } } } }
  two: errand(id: $other) { ...All }
  three: errandsByIds(ids: [$seen, $other]) { ...All }
  four: leaflets { totalCount }
}
fragment All on Errand { id paid: pay pay grade vaultId changedBy ...Twice }
fragment Twice on Errand { secret: vaultId vault { remark } }
fragment Satchel on Satchel { id remark }
"""


def more(office: Office) -> list[tuple[str, Asked]]:
    """Aliases, fragments and relations, over rows that are seen and rows that are not."""
    keys = {"seen": str(office.errands["ann"][0]), "other": str(office.errands["cid"][0])}
    locked = "{ satchels { edges { node { id locked { totalCount } } } } leaflets { totalCount } }"
    forbidden = "mutation($seen: ID!) { one: deleteErrand(id: $seen) { __typename } two: createLeaflet(input: {text: 1}) { __typename } }"
    return [
        (caller, asked)
        for caller in CALLERS
        for asked in (graphql(SEVERAL_AT_ONCE, keys), graphql(locked), graphql(forbidden, {"seen": "0"}))
    ]


async def test_three_ways_to_the_same_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.refers = True
    await office.tidy()
    questions = [(caller, one) for caller, one in that_change_nothing(office) if one.path == "/graphql"]
    asked = random.Random(5).sample(questions, 150) + more(office)
    before = await office.everything()
    planned = [await send(office.client(caller), one) for caller, one in asked]
    assert sum(plan is not None for document in _documents(office) for plan in document.plans.values()) > 10
    with monkeypatch.context() as patch:
        patch.setattr(Operations, "_plan", lambda *_: None)
        on_core = [await send(office.client(caller), one) for caller, one in asked]
        patch.setattr(_operations(office), "_plain", False)
        by_strawberry = [await send(office.client(caller), one) for caller, one in asked]
    for (caller, one), *answers in zip(asked, planned, on_core, by_strawberry, strict=True):
        told = [(answer.status_code, answer.headers.multi_items(), _read(answer)) for answer in answers]
        assert told[0] == told[1], (caller, one)
        assert told[0] == told[2], (caller, one)
    assert before == await office.everything()


async def test_writes_on_core(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the table says of writes is so on graphql-core too."""
    monkeypatch.setattr(Operations, "_plan", lambda *_: None)
    for kind in ("Errand", "Satchel"):
        office.refers = kind == "Errand"
        await office.tidy()
        for (caller, command), expected in item_lines(kind).items():
            for row, code in zip(ROWS, expected, strict=True):
                requests = item_requests(command, Target(office, kind, caller, row))
                if code == "ok" and "graphql" in requests and command in ("replace", "merge@now", "json", "delete") and caller != "bob":
                    told = read_graphql(await send(office.client(caller), requests["graphql"]))
                    assert told.code == "ok", (caller, command, row, told.response.text)
                    await office.tidy()


def _operations(office: Office) -> Operations:
    return office.bridge._graphql._operations


def _documents(office: Office) -> list[Document]:
    return list(_operations(office).documents._kept.values())


def _read(answer: httpx.Response) -> str:
    """A number that is new each time something unforeseen is told is taken out; nothing unforeseen is expected here."""
    assert "internal" not in answer.text, answer.text
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", answer.text)


# The resources, for the resolver, which stands before there is a bridge.
SHAPES: dict[str, ResourceShape] = {}


@strawberry.type
class OwnQuery:
    @strawberry.field
    async def seen(self, info: strawberry.Info[Context, None]) -> str:
        """What a resolver of the user's own finds: the service on behalf of who asks."""
        service = info.context.service
        page = await service.list(SHAPES["Errand"], List(100))
        if isinstance(page, Forbidden | Unauthenticated):
            return page.code
        assert isinstance(page, Page)
        said = [f"{row.values['owner']} {row.values['pay']} {row.values['vaultId']}" for row in page.rows]
        return "; ".join([str(service.caller.principal.subject), service.caller.door, *said])


@pytest_asyncio.fixture(loop_scope="module")
async def own_office(database_url: str) -> AsyncIterator[Office]:
    made = Office(new_office(database_url, query=OwnQuery))
    SHAPES.update((shape.name, shape) for shape in made.bridge.resources)
    await made.bridge.open()
    await made.tidy()
    yield made
    await made.close()


async def test_a_resolver_of_the_users_acts_as_the_caller(own_office: Office) -> None:
    pay = "mark-errand-{}-pay-end".format
    told = {}
    for caller in CALLERS:
        answer = await send(own_office.client(caller), graphql("{ seen leaflets { totalCount } }"))
        assert answer.json()["data"]["leaflets"] == {"totalCount": 0}
        told[caller] = answer.json()["data"]["seen"]
    everything = [f"{owner} {pay(owner)} satchel-of-{owner}" for owner in ("ann", "bob", "cid")]
    assert told == {
        "nobody": "unauthenticated",
        "ann": "ann; graphql; ann None None; bob None None",
        "bob": f"bob; graphql; ann {pay('ann')} None; bob {pay('bob')} None",
        "cid": "cid; graphql; cid None None",
        "rae": "rae; graphql; ann None None; bob None None",
        "dot": "forbidden",
        "ada": "; ".join(["ada", "graphql", *everything]),
        "max": "forbidden",
        "nan": "forbidden",
    }
