"""Any question about a list has one answer: that of plain Python, through both doors and in both databases."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import httpx
import pytest
from hypothesis import strategies as st

from diptych import Bridge
from tests.doors.albums import ALBUM, ALBUM_ORDERS, BAND, BANDS, MEMBERS, RESOURCES, ROWS, albums
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
    rest_parameters,
    stream_rest,
)
from tests.doors.list_questions import KEYS, OF_ALBUMS, OF_BANDS, SIDES, SPELLINGS, orders
from tests.doors.plain_lists import PlainRow, Question, plain_page, plain_stream
from tests.store.examples import for_all

# What a list shows when nothing is asked of it.
DEFAULT = Question()


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

    await for_all(check, st.tuples(OF_ALBUMS, SPELLINGS), 60)


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


async def test_a_cursor_holds_in_its_own_order_alone(library: Library) -> None:
    async def check(example: tuple[tuple[str, ...], tuple[str, ...], int]) -> None:
        order, other, key = example
        cursor = (await library.cursors(ALBUM, other))[key]
        question = Question(order=order, after=key)
        operation = Operation(literal=True)
        asked = f"albums{operation.arguments(ALBUM, question, {key: cursor})} {{ totalCount }}"
        (error,) = (await library.graphql.send(operation.written(asked))).json()["errors"]
        parameters = rest_parameters(question, {key: cursor}, Spelling())
        refused = (await library.rest.get(ALBUM.path, params=dict(parameters))).json()
        assert error["extensions"]["code"] == refused["code"] == "invalid"
        for violations in (error["extensions"]["violations"], refused["violations"]):
            assert [one["pointer"] for one in violations] == ["/after"]

    two = st.tuples(orders(ALBUM_ORDERS), orders(ALBUM_ORDERS)).filter(lambda both: both[0] != both[1])
    turned = orders(ALBUM_ORDERS).filter(bool).map(lambda order: (order, tuple(_turned(part) for part in order)))
    examples = st.tuples(two | turned, st.integers(1, ROWS)).map(lambda example: (*example[0], example[1]))
    await for_all(check, examples, 60)


def _turned(part: str) -> str:
    return part.removeprefix("-") if part.startswith("-") else f"-{part}"


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
            rows = [dict(row) for row in told.rows]
            assert [read_page(row.pop("albums")) for row in rows] == firsts
            assert replace(told, rows=rows) == expected

    await for_all(check, st.tuples(OF_BANDS, OF_ALBUMS, SPELLINGS), 50)


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
            rows = [dict(row) for row in told.rows]
            assert [row.pop("band") for row in rows] == bands
            assert replace(told, rows=rows) == expected

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
