"""Each level of a nested read is one statement, counted at the databases' drivers, however many rows the level has."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from diptych.demo import demo_bridge
from diptych.graphql.operations import Operations
from tests.doors.door import Graphql, Rest
from tests.proofs.raw import RawConnection
from tests.proofs.statements import heard_of_asyncpg
from tests.proofs.test_races import in_process

USERS = 30
DOCUMENTS = 240

_NUMBERS = "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {})"
FILL = (
    "DELETE FROM documents",
    "DELETE FROM users",
    f"""INSERT INTO users (id, version, name, email, role) {_NUMBERS.format(USERS)}
        SELECT n, 1, 'name ' || n, 'mail' || n, 'user' FROM counted""",
    # Every ninth has no owner.
    f"""INSERT INTO documents (id, version, title, content, tags, metadata, owner_id) {_NUMBERS.format(DOCUMENTS)}
        SELECT 'k' || (1000 + n), 1, 't', '', '[]', '{{}}', CASE WHEN n % 9 > 0 THEN 1 + n % {USERS} END FROM counted""",
)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The reads that connections send which are opened meanwhile.

    The SQLite library tells of every statement, also of one that does not go through SQLAlchemy.
    """
    sent: list[str] = []

    def note(statement: str) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    def trace(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note)

    def through(connection: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        if connection.dialect.name != "sqlite":
            note(statement)

    sa.event.listen(sa.Engine, "connect", trace)
    sa.event.listen(sa.Engine, "before_cursor_execute", through)
    try:
        with heard_of_asyncpg(note):
            yield sent
    finally:
        sa.event.remove(sa.Engine, "connect", trace)
        sa.event.remove(sa.Engine, "before_cursor_execute", through)


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[tuple[Rest, Graphql, list[str]]]:
    """Both doors over many rows, and what they send to the database."""
    with counting() as sent:
        async with in_process(demo_bridge(database_url)) as (rest, graphql):
            raw = await RawConnection(database_url).open()
            await raw.run(*FILL)
            await raw.close()
            yield rest, graphql, sent


OWNERS = "{ documents(first: 50) { edges { node { owner { name } } } } }"
DOCUMENTS_OF_USERS = "{ users(first: 20) { edges { node { documents(first: 5) { edges { node { id title } } } } } } }"
QUERIES = [
    pytest.param(OWNERS, 2, id="to-one"),
    pytest.param(DOCUMENTS_OF_USERS, 2, id="to-many"),
    pytest.param(
        "{ users(first: 20) { totalCount edges { node { documents(first: 5) { totalCount edges { node { owner { name } } } } } } } }",
        3,
        id="three-levels-counted",
    ),
    pytest.param(
        """{ documents(first: 50, orderBy: TITLE_DESC) { edges { node { owner { documents(last: 3, where: {title: {ne: "x"}})
            { edges { node { owner { bio } } } } } } } } }""",
        4,
        id="four-levels",
    ),
    pytest.param("{ documents(first: 100) { edges { node { a: owner { name } b: owner { name } } } } }", 2, id="the-same-twice"),
]


@pytest.mark.parametrize("planned", [True, False], ids=["plan", "graphql-core"])
@pytest.mark.parametrize(("query", "levels"), QUERIES)
async def test_a_level_is_a_statement(
    counted: tuple[Rest, Graphql, list[str]], query: str, levels: int, planned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, graphql, sent = counted
    plans: list[Any] = []
    plan_of = Operations._plan

    def plan(self: Operations, *asked: Any) -> Any:
        plans.append(plan_of(self, *asked) if planned else None)
        return plans[-1]

    monkeypatch.setattr(Operations, "_plan", plan)
    # Connections are opened the first time.
    first = (await graphql.send(query)).json()
    assert "errors" not in first, first
    sent.clear()
    assert (await graphql.send(query)).json() == first
    assert len(sent) == levels, sent
    assert plans
    assert all((one is not None) is planned for one in plans)


@pytest.mark.parametrize("path", ["/api/documents?limit=50&include=owner", "/api/users?limit=20&include=documents&fields=name"])
async def test_so_is_an_include(counted: tuple[Rest, Graphql, list[str]], path: str) -> None:
    rest, _, sent = counted
    first = await rest.client.get(path)
    assert first.status_code == 200
    sent.clear()
    assert (await rest.client.get(path)).json() == first.json()
    assert len(sent) == 2, sent


async def test_the_rows_are_those_that_were_asked_for(counted: tuple[Rest, Graphql, list[str]]) -> None:
    """A statement for a level is worth counting only where it brings every row to its place."""
    _, graphql, _ = counted
    owners = [edge["node"]["owner"] for edge in (await graphql.send(OWNERS)).json()["data"]["documents"]["edges"]]
    assert owners == [None if n % 9 == 0 else {"name": f"name {1 + n % USERS}"} for n in range(1, 51)]
    users = (await graphql.send(DOCUMENTS_OF_USERS)).json()["data"]["users"]["edges"]
    told = [[edge["node"]["id"] for edge in user["node"]["documents"]["edges"]] for user in users]
    assert told == [[f"k{1000 + n}" for n in range(1, DOCUMENTS + 1) if n % 9 and 1 + n % USERS == key][:5] for key in range(1, 21)]
