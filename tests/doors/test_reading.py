"""Any question about a list has one answer: that of plain Python, through both doors and in both databases."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from diptych import Bridge
from tests.doors.albums import (
    ALBUM,
    ALBUM_ORDERS,
    BAND,
    BANDS,
    FOUNDED,
    JSON_FIELDS,
    MEMBERS,
    NULLABLE,
    POOLS,
    RESOURCES,
    ROWS,
    TEXTS,
    albums,
)
from tests.doors.door import Graphql, Subject
from tests.doors.list_calls import (
    Operation,
    Spelling,
    ask_graphql,
    ask_rest,
    can_ask,
    page_selection,
    read_connection,
    read_node,
    read_page,
    stream_rest,
)
from tests.doors.plain_lists import PlainRow, Question, Where, plain_page, plain_stream
from tests.store.examples import for_all

SAME = ("eq", "ne")
SIDES = ("lt", "lte", "gt", "gte")
WITHIN = ("contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive")
# Keys and references have no sides in GraphQL.
WITHOUT_SIDES = {"live", "token", "shade", "grade", "blob", "bandId", "id"}

DEFAULT = Question()


def comparisons(name: str, pool: Sequence[Any], *, nullable: bool) -> st.SearchStrategy[Where]:
    """One field with one operator, or with two."""
    values = st.sampled_from(pool)
    single = (
        ("contains",)
        if name in JSON_FIELDS
        else SAME + (() if name in WITHOUT_SIDES else SIDES) + (WITHIN if isinstance(pool[0], str) and pool is TEXTS else ())
    )
    one = st.tuples(st.sampled_from(single), values)
    if name not in JSON_FIELDS:
        one |= st.tuples(st.sampled_from(["in", "nin"]), st.lists(values, min_size=1, max_size=4))
    if nullable:
        one |= st.tuples(st.just("isNull"), st.booleans())
    return st.lists(one, min_size=1, max_size=2).map(lambda asked: {name: dict(asked)})


def wheres(leaves: st.SearchStrategy[Where]) -> st.SearchStrategy[Where]:
    def joined(inner: st.SearchStrategy[Where]) -> st.SearchStrategy[Where]:
        several = st.lists(inner, min_size=1, max_size=3)
        alone = several.map(lambda all_: {"and": all_}) | several.map(lambda any_: {"or": any_}) | inner.map(lambda one: {"not": one})
        return alone | st.tuples(alone, leaves).map(lambda both: {**both[0], **both[1]})

    return st.just({}) | leaves | st.recursive(leaves | st.just({}), joined, max_leaves=6)


KEYS = st.integers(0, ROWS + 3)
ALBUM_WHERES = wheres(
    st.sampled_from(sorted(POOLS)).flatmap(lambda name: comparisons(name, POOLS[name], nullable=name in NULLABLE))
    | comparisons("id", range(ROWS + 3), nullable=False)
)
BAND_WHERES = wheres(
    comparisons("name", TEXTS, nullable=False)
    | comparisons("founded", FOUNDED, nullable=True)
    | comparisons("id", range(7), nullable=False)
)


def orders(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    parts = st.tuples(st.sampled_from(["", "-"]), st.sampled_from([*names, "id"])).map("".join)
    return st.lists(parts, max_size=3, unique_by=lambda part: part.removeprefix("-")).map(tuple)


def questions(
    subject: Subject, where: st.SearchStrategy[Where], order: Sequence[str], rows: int, sizes: st.SearchStrategy[int]
) -> st.SearchStrategy[Question]:
    ends = st.none() | st.integers(1, rows)
    members = st.lists(st.sampled_from(MEMBERS[subject.name]), min_size=1, unique=True).map(tuple)
    return st.builds(
        Question, where, orders(order), sizes, st.sampled_from(["first", "last"]), ends, ends, st.booleans(), st.none() | members
    )


SIZES = st.integers(1, 7) | st.integers(1, ROWS + 2)
OF_ALBUMS = questions(ALBUM, ALBUM_WHERES, ALBUM_ORDERS, ROWS, SIZES)
OF_BANDS = questions(BAND, BAND_WHERES, ("name", "founded"), len(BANDS), st.integers(1, 6))
SPELLINGS = st.builds(
    Spelling, st.frozensets(st.sampled_from([*POOLS, "id", "name", "founded"])) | st.just(frozenset(POOLS)), st.booleans(), st.booleans()
)


@dataclass
class Library:
    """Both doors over one database, the rows that are there, and the cursor of each row in each order that was asked for."""

    rest: httpx.AsyncClient
    graphql: Graphql
    rows: dict[str, dict[int, PlainRow]]
    _cursors: dict[tuple[str, tuple[str, ...]], Mapping[int, str]] = field(default_factory=dict)

    async def cursors(self, subject: Subject, order: tuple[str, ...]) -> Mapping[int, str]:
        """Taken from a page that shows all rows."""
        if (subject.name, order) not in self._cursors:
            operation = Operation(literal=True)
            arguments = operation.arguments(subject, Question(order=order, size=100), {})
            asked = f"{subject.plural}{arguments} {{ edges {{ cursor node {{ id }} }} }}"
            (page,) = (await operation.run(self.graphql, asked)).values()
            self._cursors[subject.name, order] = {int(edge["node"]["id"]): edge["cursor"] for edge in page["edges"]}
        found = self._cursors[subject.name, order]
        assert found.keys() == self.rows[subject.name].keys()
        return found

    def all(self, subject: Subject) -> list[PlainRow]:
        return list(self.rows[subject.name].values())


@pytest.fixture
async def library(database_url: str) -> AsyncIterator[Library]:
    bridge = Bridge(database_url, RESOURCES)
    await bridge.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        rows: dict[str, dict[int, PlainRow]] = {}
        for subject, documents in ((BAND, BANDS), (ALBUM, albums())):
            rows[subject.name] = {}
            for document in documents:
                answer = await client.post(subject.path, json=document)
                assert answer.status_code == 201, answer.text
                key = answer.json()["id"]
                rows[subject.name][key] = {"id": key, **document, "version": 1}
        yield Library(client, Graphql(client), rows)
    await bridge.close()


async def test_any_list(library: Library) -> None:
    async def check(example: tuple[Question, Spelling]) -> None:
        question, spelling = example
        cursors = await library.cursors(ALBUM, question.order)
        expected = plain_page(library.all(ALBUM), question, cursors, library.rows["Album"])
        assert await ask_graphql(library.graphql, ALBUM, question, cursors, spelling) == expected
        if can_ask(question):
            assert await ask_rest(library.rest, ALBUM, question, cursors, spelling) == expected

    await for_all(check, st.tuples(OF_ALBUMS, SPELLINGS), 300)


async def test_any_stream(library: Library) -> None:
    async def check(example: tuple[Question, Spelling]) -> None:
        question, spelling = example
        cursors = await library.cursors(ALBUM, question.order)
        expected = plain_stream(library.all(ALBUM), question, library.rows["Album"])
        assert await stream_rest(library.rest, ALBUM, question, cursors, spelling) == expected

    await for_all(check, st.tuples(OF_ALBUMS, SPELLINGS), 60)


async def test_sides_of_keys(library: Library) -> None:
    """GraphQL's IDs are opaque, so that REST alone is asked."""

    async def check(example: tuple[str, str, int, Spelling]) -> None:
        name, operator, value, spelling = example
        question = Question({name: {operator: value}}, (f"-{name}",), 100)
        cursors = await library.cursors(ALBUM, question.order)
        expected = plain_page(library.all(ALBUM), question, cursors, library.rows["Album"])
        assert await ask_rest(library.rest, ALBUM, question, cursors, spelling) == expected

    await for_all(check, st.tuples(st.sampled_from(["id", "bandId"]), st.sampled_from(SIDES), KEYS, SPELLINGS), 30)


async def test_any_bands_with_their_albums(library: Library) -> None:
    """REST includes the first page; GraphQL has that one too, and beside it any other. Both doors show what lies with each band."""

    async def check(example: tuple[Question, Question, Spelling]) -> None:
        question, nested, spelling = example
        bands, default, inner = [await library.cursors(*one) for one in ((BAND, question.order), (ALBUM, ()), (ALBUM, nested.order))]
        expected = plain_page(library.all(BAND), question, bands, library.rows["Band"])
        # The rows behind the members that are shown.
        whole = plain_page(library.all(BAND), Question(**{**vars(question), "members": None}), bands, library.rows["Band"]).rows

        def of(band: PlainRow) -> list[PlainRow]:
            return [row for row in library.all(ALBUM) if row["bandId"] == band["id"]]

        firsts = [plain_page(of(band), DEFAULT, default, library.rows["Album"]) for band in whole]

        operation = Operation(spelling.literal)
        more = (
            f"albums {page_selection(ALBUM, DEFAULT)} "
            f"nested: albums{operation.arguments(ALBUM, nested, inner)} {page_selection(ALBUM, nested)}"
        )
        asked = f"asked: bands{operation.arguments(BAND, question, bands)} {page_selection(BAND, question, more)}"
        page = (await operation.run(library.graphql, asked))["asked"]
        nodes = [edge["node"] for edge in page["edges"]]
        assert [read_connection(ALBUM, node.pop("albums")) for node in nodes] == firsts
        assert [read_connection(ALBUM, node.pop("nested")) for node in nodes] == [
            plain_page(of(band), nested, inner, library.rows["Album"]) for band in whole
        ]
        assert read_connection(BAND, page) == expected

        if can_ask(question):
            told = await ask_rest(library.rest, BAND, question, bands, spelling, include="albums")
            assert [read_page(row.pop("albums")) for row in told.rows] == firsts  # type: ignore[attr-defined]
            assert told == expected

    await for_all(check, st.tuples(OF_BANDS, OF_ALBUMS, SPELLINGS), 100)


async def test_any_albums_with_their_band(library: Library) -> None:
    async def check(example: tuple[Question, Spelling]) -> None:
        question, spelling = example
        cursors = await library.cursors(ALBUM, question.order)
        expected = plain_page(library.all(ALBUM), question, cursors, library.rows["Album"])
        whole = plain_page(library.all(ALBUM), Question(**{**vars(question), "members": None}), cursors, library.rows["Album"]).rows
        bands = [None if row["bandId"] is None else library.rows["Band"][row["bandId"]] for row in whole]

        operation = Operation(spelling.literal)
        more = f"band {{ {' '.join(MEMBERS['Band'])} }}"
        asked = f"asked: albums{operation.arguments(ALBUM, question, cursors)} {page_selection(ALBUM, question, more)}"
        page = (await operation.run(library.graphql, asked))["asked"]
        told_bands = [edge["node"].pop("band") for edge in page["edges"]]
        assert [band and read_node(BAND, band) for band in told_bands] == bands
        assert read_connection(ALBUM, page) == expected

        if can_ask(question):
            told = await ask_rest(library.rest, ALBUM, question, cursors, spelling, include="band")
            assert [row.pop("band") for row in told.rows] == bands  # type: ignore[attr-defined]
            assert told == expected

    await for_all(check, st.tuples(OF_ALBUMS, SPELLINGS), 60)


async def test_one_row_with_what_belongs_to_it(library: Library) -> None:
    default = await library.cursors(ALBUM, ())
    for key, band in library.rows["Band"].items():
        its_own = [row for row in library.all(ALBUM) if row["bandId"] == key]
        expected = plain_page(its_own, DEFAULT, default, library.rows["Album"])
        body = (await library.rest.get(f"/api/bands/{key}?include=albums")).json()
        assert read_page(body.pop("albums")) == expected
        assert body == band
        asked = f'band(id: "{key}") {{ albums {page_selection(ALBUM, DEFAULT)} }}'
        told = await Operation(literal=True).run(library.graphql, asked)
        assert read_connection(ALBUM, told["band"]["albums"]) == expected
