"""The tables of conditions in the documentation, row by row, against a server in this process."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, product
from typing import Any, Final, Literal

import httpx
import pytest
import pytest_asyncio
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from tests.docs.blocks import ROOT

PAGE: Final = (ROOT / "docs" / "reference" / "http-conditions.md").read_text(encoding="utf-8")


class Numbered(Versioned, table=True):
    __tablename__ = "documented_numbered"
    id: int | None = Field(default=None, primary_key=True)
    name: str


class NumberedStrictly(Versioned, table=True):
    __tablename__ = "documented_numbered_strictly"
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Named(Versioned, table=True):
    __tablename__ = "documented_named"
    id: str = Field(primary_key=True)
    name: str


class NamedStrictly(Versioned, table=True):
    __tablename__ = "documented_named_strictly"
    id: str = Field(primary_key=True)
    name: str


RESOURCES: Final = (
    Resource(Numbered, versions="optional", path="server-optional"),
    Resource(NumberedStrictly, path="server-required", plural="numberedStrictlyOnes"),
    Resource(Named, keys="client", versions="optional", path="client-optional"),
    Resource(NamedStrictly, keys="client", path="client-required", plural="namedStrictlyOnes"),
)

Body = Literal["good", "bad", "unreadable"]


@dataclass(frozen=True)
class Sent:
    """One of the alternatives of a cell: header fields, a version in the document, and how good the document is."""

    fields: tuple[tuple[str, str], ...] = ()
    version: str | None = None
    body: Body = "good"

    def content(self, members: dict[str, Any]) -> bytes:
        """The body, made of a document that is good by itself."""
        if self.body == "unreadable":
            return b'{"name": '
        said = {**members, **({"name": 1} if self.body == "bad" else {})}
        if self.version is not None:
            said["version"] = json.loads(self.version)
        return json.dumps(said).encode()


@dataclass(frozen=True)
class Row:
    """One row of a table; `cells` are those in front of what is sent."""

    cells: tuple[str, ...]
    sent: tuple[Sent, ...] = field(default=())
    status: int | None = None
    code: str | None = None

    def admits(self, at: int, word: str) -> bool:
        return self.cells[at] in (word, "either")


def read_sent(text: str) -> Sent:
    sent = Sent()
    for part in text.split(" and "):
        match part.strip():
            case "nothing":
                pass
            case "a bad body":
                sent = Sent(sent.fields, sent.version, "bad")
            case "an unreadable body":
                sent = Sent(sent.fields, sent.version, "unreadable")
            case said if (version := re.fullmatch(r'`"version": (.+)`', said)) is not None:
                sent = Sent(sent.fields, version[1], sent.body)
            case said:
                line = re.fullmatch(r"`([\w-]+):(.*)`", said)
                assert line is not None, f"there is no rule for {said}"
                sent = Sent((*sent.fields, (line[1], line[2].strip())), sent.version, sent.body)
    return sent


def read_table(heading: str, before: int) -> Iterator[Row]:
    """The rows under a heading; `before` cells stand in front of what is sent, the answer behind it."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    for line in re.findall(r"^\|.*$", found[1], re.MULTILINE)[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        answer = re.fullmatch(r"(?:(\d+)(?: `(\w+)`)?|done)", cells[before + 1])
        assert answer is not None, cells
        sent = tuple(map(read_sent, cells[before].split("·")))
        yield Row(tuple(cells[:before]), sent, int(answer[1]) if answer[1] else None, answer[2])


# One server for all rows of all tables: making one takes longer than a hundred requests.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    bridge = Bridge(f"sqlite:///{tmp_path_factory.mktemp('conditions')}/rows.db", RESOURCES)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bridge.app()), base_url="http://localhost/api") as client:
        yield client
    await bridge.close()


new_key: Final = map("key-{}".format, count(1)).__next__
NO_SUCH_NUMBER: Final = 999_999


Case = tuple[str, str, str, Sent, Row]  # method, keys, versions


def there() -> Iterator[Case]:
    for row in read_table("The row is there, at version 7", 1):
        for sent, method, keys, versions in product(row.sent, ("PUT", "PATCH", "DELETE"), ("server", "client"), ("optional", "required")):
            has_body = sent.version is not None or sent.body != "good"
            if row.admits(0, versions) and not (method == "DELETE" and has_body):
                yield method, keys, versions, sent, row


def nothing_there() -> Iterator[Case]:
    for row in read_table("Nothing is there", 3):
        for sent, method, keys, versions in product(row.sent, row.cells[0].split(", "), ("server", "client"), ("optional", "required")):
            if row.admits(1, keys) and row.admits(2, versions):
                yield method, keys, versions, sent, row


def posted() -> Iterator[Case]:
    for row in read_table("POST on a collection", 2):
        for sent, keys, versions in product(row.sent, ("server", "client"), ("optional", "required")):
            if row.admits(0, keys):
                yield "POST", keys, versions, sent, row


def read() -> Iterator[Case]:
    for row in read_table("Reads of one row, at version 7", 0):
        for sent, method, keys in product(row.sent, ("GET", "HEAD"), ("server", "client")):
            yield method, keys, "optional", sent, row


def name_of(case: Case) -> str:
    method, keys, versions, sent, _ = case
    said = [f"{name}:{value}" for name, value in sent.fields]
    if sent.version is not None:
        said.append(f"version:{sent.version}")
    return " ".join([method, keys, versions, *said, *([] if sent.body == "good" else [sent.body])])


def params(cases: Iterator[Case]) -> list[Any]:
    return [pytest.param(case, id=name_of(case)) for case in cases]


async def row_at_version_7(client: httpx.AsyncClient, collection: str) -> str:
    """Make a row and change it six times; returns its path."""
    answer = await client.post(collection, json={"name": "1"} | ({"id": new_key()} if collection.startswith("client") else {}))
    path: str = answer.headers["location"].removeprefix("/api/")
    for version in range(1, 7):
        answer = await client.patch(path, json={"name": str(version + 1)}, headers={"If-Match": f'"{version}"'})
    assert answer.headers["etag"] == '"7"'
    return path


async def ask(client: httpx.AsyncClient, case: Case, path: str, members: dict[str, Any]) -> None:
    """Send what a row says and compare the answer."""
    method, _, _, sent, row = case
    fields: Sequence[tuple[str, str]] = sent.fields
    content = None
    if method in ("POST", "PUT", "PATCH"):
        fields, content = [*fields, ("Content-Type", "application/json")], sent.content(members)
    answer = await client.request(method, path, headers=fields, content=content)
    expected = row.status or {"DELETE": 204}.get(method, 200)
    assert answer.status_code == expected, answer.text
    if row.code is not None and method != "HEAD":
        assert answer.json()["code"] == row.code


@pytest.mark.parametrize("case", params(there()))
async def test_the_row_is_there(client: httpx.AsyncClient, case: Case) -> None:
    _, keys, versions, _, _ = case
    await ask(client, case, await row_at_version_7(client, f"{keys}-{versions}"), {"name": "new"})


@pytest.mark.parametrize("case", params(nothing_there()))
async def test_nothing_is_there(client: httpx.AsyncClient, case: Case) -> None:
    _, keys, versions, _, _ = case
    await ask(client, case, f"{keys}-{versions}/{new_key() if keys == 'client' else NO_SUCH_NUMBER}", {"name": "new"})


@pytest.mark.parametrize("case", params(posted()))
async def test_posting_on_a_collection(client: httpx.AsyncClient, case: Case) -> None:
    _, keys, versions, _, row = case
    collection = f"{keys}-{versions}"
    members = {"name": "new"} | ({"id": new_key()} if keys == "client" else {})
    if row.cells[1] == "is taken":
        await client.post(collection, json=members)
    await ask(client, case, collection, members)


@pytest.mark.parametrize("case", params(read()))
async def test_reading(client: httpx.AsyncClient, case: Case) -> None:
    _, keys, versions, _, _ = case
    await ask(client, case, await row_at_version_7(client, f"{keys}-{versions}"), {})
