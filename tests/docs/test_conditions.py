"""The tables of conditions in the documentation, row by row, against a server in this process."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from tests.docs.cases import Case, absent_key, new_document, nothing_there, params, posted, read, row_at_version_7, there
from tests.docs.conditions import BODY, FORM, NOTHING_THERE, POSTED, READ, TABLES, THERE, read_rows

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_table_of_the_page_is_tried() -> None:
    """The first four here and in `test_conditions_graphql.py`, the others in files of their own."""
    assert list(TABLES) == [THERE, NOTHING_THERE, POSTED, READ, BODY, FORM]


@pytest.mark.parametrize(
    ("heading", "before", "cases"), [(THERE, 1, there), (NOTHING_THERE, 3, nothing_there), (POSTED, 2, posted), (READ, 0, read)]
)
async def test_every_alternative_of_every_row_has_a_case(heading: str, before: int, cases: Callable[[], Iterator[Case]]) -> None:
    written = [(row, sent) for row in read_rows(heading, before) for sent in row.sent]
    assert len(set(written)) == len(written), "a row stands there twice"
    assert {(case.row, case.sent) for case in cases()} == set(written)


async def ask(client: httpx.AsyncClient, case: Case, path: str, members: dict[str, Any]) -> None:
    """Send what a row says and compare the answer."""
    fields: Sequence[tuple[str, str]] = case.sent.fields
    content = None
    if case.method in ("POST", "PUT", "PATCH"):
        fields, content = [*fields, ("Content-Type", "application/json")], case.sent.content(members)
    answer = await client.request(case.method, path, headers=fields, content=content)
    expected = case.row.status or {"DELETE": 204}.get(case.method, 200)
    assert answer.status_code == expected, answer.text
    if case.row.code is not None and case.method != "HEAD":
        assert answer.json()["code"] == case.row.code


@pytest.mark.parametrize("case", params(there()))
async def test_the_row_is_there(client: httpx.AsyncClient, case: Case) -> None:
    await ask(client, case, f"{case.collection}/{await row_at_version_7(client, case)}", {"name": "new"})


@pytest.mark.parametrize("case", params(nothing_there()))
async def test_nothing_is_there(client: httpx.AsyncClient, case: Case) -> None:
    await ask(client, case, f"{case.collection}/{absent_key(case)}", {"name": "new"})


@pytest.mark.parametrize("case", params(posted()))
async def test_posting_on_a_collection(client: httpx.AsyncClient, case: Case) -> None:
    members = new_document(case)
    if case.row.cells[1] == "is taken":
        await client.post(case.collection, json=members)
    await ask(client, case, case.collection, members)


@pytest.mark.parametrize("case", params(read()))
async def test_reading(client: httpx.AsyncClient, case: Case) -> None:
    await ask(client, case, f"{case.collection}/{await row_at_version_7(client, case)}", {})
