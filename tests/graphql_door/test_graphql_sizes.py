"""An operation with relations is counted before it runs; once its sizes were found to be within the bounds, it is not counted again."""

from typing import Any

import pytest

from diptych.graphql.plan import Plan
from diptych.graphql.reach import MOST_ROWS, Reach
from diptych.semantics.order import Place, write_place
from tests.graphql_door.both import run_plan
from tests.graphql_door.client import Client

QUERY = """query ($first: Int, $few: Int, $after: String, $inner: String, $where: DocumentWhere, $more: Boolean = false) {
    users(first: $first, after: $after) { edges { node {
        documents(first: $few, after: $inner, where: $where) { edges { node { id } } }
        again: documents(first: $few) { totalCount }
        more: documents(first: 100) @include(if: $more) { totalCount } } } } }"""
BY_IDS = (
    "query ($ids: [ID!]!) { usersByIds(ids: $ids) { a: documents(first: 100) { totalCount } b: documents(first: 100) { totalCount } } }"
)
CURSOR = write_place(Place((), 1), ())
# Users at most, with a hundred documents each, twice.
ROWS = MOST_ROWS // 200


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The variables of each operation that was counted."""
    monkeypatch.setattr(Plan, "run", run_plan)
    refuse, counted = Reach.refuse, []

    def counting(self: Reach, tree: Any, name: Any, given: Any) -> Any:
        counted.append(given)
        return refuse(self, tree, name, given)

    monkeypatch.setattr(Reach, "refuse", counting)
    return counted


async def refused(client: Client, query: str, variables: dict[str, Any]) -> str | None:
    """What is wrong with an operation, in the refusal's first words."""
    response = await client.post(query, variables)
    answer = response.json()
    if "data" in answer:
        return None
    assert (response.status_code, len(answer["errors"])) == (400, 1)
    message: str = answer["errors"][0]["message"]
    return message


async def test_the_same_sizes_are_counted_once(client: Client, counted: list[Any]) -> None:
    within: list[dict[str, Any]] = [
        {},
        {"where": {"id": {"eq": "x"}}},
        {"after": CURSOR},
        {"where": {"title": {"eq": "y"}}, "after": CURSOR},
    ]
    for others in within:
        assert await refused(client, QUERY, {"first": 20, "few": 5, **others}) is None
    assert len(counted) == 1
    assert await refused(client, QUERY, {"first": 20, "few": 6}) is None
    assert await refused(client, QUERY, {"first": 20, "few": 5, "more": True}) is None
    assert len(counted) == 3


TOO_MUCH = [
    pytest.param(QUERY, {"first": 20, "few": 5}, {"first": ROWS + 1, "few": 100}, id="more-rows"),
    pytest.param(QUERY, {"first": ROWS, "few": 100}, {"first": ROWS, "few": 100, "more": True}, id="more-relations"),
    # A list at the root that is refused when it is asked for has no rows to count; one that is not has.
    pytest.param(QUERY, {"first": ROWS + 1, "few": 100, "after": "none"}, {"first": ROWS + 1, "few": 100}, id="root-was-invalid"),
    pytest.param(QUERY, {"first": ROWS + 1, "few": 100, "after": "none"}, {"first": ROWS + 1, "few": 100, "after": CURSOR}, id="cursor"),
    pytest.param(QUERY, {"first": 20, "few": 5}, {"first": 20, "few": 5, "inner": "none"}, id="relation-with-no-cursor"),
    pytest.param(QUERY, {"first": 20, "few": 5}, {"first": 20, "few": 0}, id="relation-of-no-size"),
    pytest.param(BY_IDS, {"ids": ["1"] * ROWS}, {"ids": ["1"] * (ROWS + 1)}, id="more-keys"),
]


@pytest.mark.parametrize(("query", "within", "beyond"), TOO_MUCH)
async def test_what_is_beyond_is_refused_after_what_is_not(client: Client, query: str, within: Any, beyond: Any) -> None:
    assert await refused(client, query, within) is None
    for _ in range(2):
        assert await refused(client, query, beyond) is not None
        assert await refused(client, query, within) is None


async def test_no_more_sizes_are_kept_than_so_many(client: Client, counted: list[Any]) -> None:
    """Those that came first are known, the others are counted each time."""
    for few in range(1, 101):
        assert await refused(client, QUERY, {"first": 1, "few": few}) is None
    counted.clear()
    for few in (1, 64, 65, 100):
        assert await refused(client, QUERY, {"first": 1, "few": few}) is None
    assert [variables["few"] for variables in counted] == [65, 100]
