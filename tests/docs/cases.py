"""Every case of the first four tables of conditions: a row, one of its alternatives, a method, and a resource."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import Any, Final

import httpx
import pytest

from tests.docs.conditions import NOTHING_THERE, POSTED, READ, THERE, Row, Sent, read_rows

KEYS: Final = ("server", "client")
VERSIONS: Final = ("optional", "required")


@dataclass(frozen=True)
class Case:
    """`keys` says who chooses them, `versions` whether they are required."""

    method: str
    keys: str
    versions: str
    sent: Sent
    row: Row

    @property
    def collection(self) -> str:
        return f"/api/{self.keys}-{self.versions}"

    @property
    def name(self) -> str:
        said = [f"{name}:{value}" for name, value in self.sent.fields]
        if self.sent.version is not None:
            said.append(f"version:{self.sent.version}")
        return " ".join([self.method, self.keys, self.versions, *said, *([] if self.sent.body == "good" else [self.sent.body])])


def there() -> Iterator[Case]:
    for row in read_rows(THERE, 1):
        for sent, method, keys, versions in product(row.sent, ("PUT", "PATCH", "DELETE"), KEYS, VERSIONS):
            if row.admits(0, versions) and not (method == "DELETE" and sent.needs_content):
                yield Case(method, keys, versions, sent, row)


def nothing_there() -> Iterator[Case]:
    for row in read_rows(NOTHING_THERE, 3):
        for sent, method, keys, versions in product(row.sent, row.cells[0].split(", "), KEYS, VERSIONS):
            if row.admits(1, keys) and row.admits(2, versions):
                yield Case(method, keys, versions, sent, row)


def posted() -> Iterator[Case]:
    for row in read_rows(POSTED, 2):
        for sent, keys, versions in product(row.sent, KEYS, VERSIONS):
            if row.admits(0, keys):
                yield Case("POST", keys, versions, sent, row)


def read() -> Iterator[Case]:
    for row in read_rows(READ, 0):
        for sent, method, keys, versions in product(row.sent, ("GET", "HEAD"), KEYS, VERSIONS):
            yield Case(method, keys, versions, sent, row)


def params(cases: Iterator[Case]) -> list[Any]:
    return [pytest.param(case, id=case.name) for case in cases]


new_key: Final = map("key-{}".format, count(1)).__next__
NO_SUCH_NUMBER: Final = 999_999


def absent_key(case: Case) -> int | str:
    return new_key() if case.keys == "client" else NO_SUCH_NUMBER


def new_document(case: Case) -> dict[str, Any]:
    """A document that a create takes."""
    return {"name": "new"} | ({"id": new_key()} if case.keys == "client" else {})


async def row_at_version_7(client: httpx.AsyncClient, case: Case) -> int | str:
    """Make a row and change it six times; returns its key."""
    answer = await client.post(case.collection, json=new_document(case))
    key: int | str = answer.json()["id"]
    for version in range(1, 7):
        answer = await client.patch(f"{case.collection}/{key}", json={"name": str(version + 1)}, headers={"If-Match": f'"{version}"'})
    assert answer.headers["etag"] == '"7"'
    return key
