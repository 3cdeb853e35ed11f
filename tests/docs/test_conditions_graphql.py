"""The same tables through the other door: what of a row can be said with the `version` argument is answered alike."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.docs.cases import Case, absent_key, new_document, nothing_there, posted, row_at_version_7, there
from tests.doors.door import Answer, Graphql, Subject

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBJECTS = {
    "/api/server-optional": Subject("Numbered", "/api/server-optional", "numbereds", frozenset({"id"})),
    "/api/server-required": Subject("NumberedStrictly", "/api/server-required", "numberedStrictlyOnes", frozenset({"id"})),
    "/api/client-optional": Subject("Named", "/api/client-optional", "nameds"),
    "/api/client-required": Subject("NamedStrictly", "/api/client-required", "namedStrictlyOnes"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(client: httpx.AsyncClient) -> Graphql:
    return Graphql(client)


def version_argument(case: Case) -> int | None:
    """The argument that says what the header says; None where the header says nothing. Raises ValueError where there is none."""
    if case.sent.version is not None or case.sent.body == "unreadable":
        raise ValueError("GraphQL has no such document")
    match case.sent.fields:
        case ():
            return None
        case (("If-None-Match", "*"),):
            return 0
        case (("If-Match", tag),) if re.fullmatch('"[1-9][0-9]*"', tag):
            return int(tag.strip('"'))
        case _:
            raise ValueError("GraphQL has no such condition")


def twins(cases: Iterator[Case]) -> list[Any]:
    found = []
    for case in cases:
        with suppress(ValueError):
            found.append(pytest.param(case, version_argument(case), id=case.name))
    return found


def compare(answer: Answer, case: Case, version: int | None) -> None:
    if version is None and case.versions == "required" and case.method != "POST":
        # What is 428 on REST, and 404 where nothing is there, the schema refuses: the argument is required.
        assert answer.code == "request_error"
    elif case.row.code is None:
        done = {"DELETE": "deleted", "POST": "created"}.get(case.method, "written")
        assert answer.code == ("created" if case.row.status == 201 else done)
    else:
        # There is one answer to a taken key here, whether or not `version: 0` was said.
        status = 409 if case.row.code == "already_exists" else case.row.status
        assert (answer.code, answer.status) == (case.row.code, status)


async def write(door: Graphql, case: Case, key: int | str, version: int | None) -> Answer:
    document = {"name": "" if case.sent.body == "bad" else "new"}
    match case.method:
        case "PUT":
            return await door.replace(SUBJECTS[case.collection], key, document, version=version)
        case "PATCH":
            return await door.merge_patch(SUBJECTS[case.collection], key, document, version=version)
        case _:
            return await door.delete(SUBJECTS[case.collection], key, version=version)


@pytest.mark.parametrize(("case", "version"), twins(there()))
async def test_the_row_is_there(client: httpx.AsyncClient, door: Graphql, case: Case, version: int | None) -> None:
    compare(await write(door, case, await row_at_version_7(client, case), version), case, version)


@pytest.mark.parametrize(("case", "version"), twins(nothing_there()))
async def test_nothing_is_there(door: Graphql, case: Case, version: int | None) -> None:
    compare(await write(door, case, absent_key(case), version), case, version)


@pytest.mark.parametrize(("case", "version"), twins(posted()))
async def test_creating(door: Graphql, case: Case, version: int | None) -> None:
    subject, document = SUBJECTS[case.collection], new_document(case)
    if case.row.cells[1] == "is taken":
        assert (await door.create(subject, document)).accepted
    compare(await door.create(subject, document, version=version), case, version)
