"""The table of bodies in the documentation, cell by cell: what is in a document, through both doors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from tests.docs.conditions import BODY, TABLES

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLLECTION: Final = "/api/server-optional"
BEFORE: Final = {"name": "before", "note": "before", "count": 5, "serial": 5}
DEFAULTS: Final = {"note": "by default", "count": 1, "serial": 1}
KEY: Final = "<the key>"


@dataclass(frozen=True)
class Trial:
    """One thing that meets a condition. `member` is the field that is looked at.

    `json` and `literal` are what a document says in each language: None where that cannot be said, empty where a field is left out.
    `stored` is the value it comes to where that is not the table's to say. `around` stands before and behind the whole request,
    of which `cut` leaves the beginning.
    """

    member: str
    json: bytes | None = b""
    literal: str | None = ""
    stored: Any = None
    around: tuple[bytes, bytes] = (b"", b"")
    cut: int | None = None


def number(text: str, *, literal: bool = True, stored: Any = None) -> tuple[Trial, Trial]:
    """The same number for an `Int` and for a `BigInt`."""
    count, serial = (
        Trial(member, f'"{member}": {text}'.encode(), f"{member}: {text}" if literal else None, stored) for member in ("count", "serial")
    )
    return count, serial


DEEP: Final = "[" * 64 + "]" * 64
TRIALS: Final[dict[str, tuple[Trial, ...]]] = {
    "required field absent": (Trial("name"),),
    "required field null": (Trial("name", b'"name": null', "name: null"),),
    "nullable field absent": (Trial("note"),),
    "nullable field null": (Trial("note", b'"note": null', "note: null"),),
    "variable not given for a field": (Trial("note", None, "note: $absent"),),
    "unknown field": (Trial("note", b'"nmae": "x"', 'nmae: "x"'),),
    "key that equals the addressed one": (Trial("id", b'"id": <the key>', "id: <the key>", KEY),),
    "key that differs, or that the server chooses": (Trial("id", b'"id": 7777777', "id: 7777777"),),
    "two members of one name": (
        Trial("note", b'"note": "a", "note": "a"', 'note: "a", note: "a"'),
        Trial("note", b'"note": {"a": 1, "a": 2}', "note: {a: 1, a: 2}"),
    ),
    "number too large for its column": (
        Trial("count", b'"count": 2147483648', "count: 2147483648"),
        Trial("serial", b'"serial": 9007199254740992', "serial: 9007199254740992"),
        *number("9" * 300),
    ),
    "number of thousands of digits": number("9" * 5000),
    "`1.0` for an integer": number("1.0", literal=False, stored=1),
    '`true` or `"1"` for an integer': (*number("true"), *number('"1"')),
    "NaN, an infinity, `1e999`": (
        # In GraphQL's own language these are words, which a `BigInt` refuses as it does any text.
        *number("NaN", literal=False),
        *number("Infinity", literal=False),
        *number("-Infinity"),
        Trial("count", None, "count: NaN"),
        Trial("count", b'"count": 1e999', "count: 1e999"),
        Trial("serial", b'"serial": -1e999', "serial: -1e999"),
    ),
    "lone surrogate": (
        Trial("note", b'"note": "\\ud800"', 'note: "\\ud800"'),
        Trial("note", b'"note": "\\udc00\\ud800"', 'note: "\\udc00\\ud800"'),
    ),
    "U+0000 in text": (Trial("note", b'"note": "a\\u0000b"', 'note: "a\\u0000b"'),),
    "line end at the end of text": (Trial("note", b'"note": "x\\n"', 'note: "x\\n"', "x\n"),),
    "space and line ends around the JSON": (Trial("note", b'"note": "x"', None, "x", (b" \r\n\t", b"\n \r\t\n")),),
    "byte-order mark, invalid UTF-8": (
        Trial("note", b'"note": "x"', None, around=(b"\xef\xbb\xbf", b"")),
        Trial("note", b'"note": "\xff"', None),
        Trial("note", b'"note": "\xed\xa0\x80"', None),
    ),
    "more than 64 levels of brackets": (
        Trial("note", f'"note": {DEEP}'.encode(), f"note: {DEEP}"),
        Trial("note", b'"note": ' + b"[" * 100_000, "note: " + "[" * 100_000),
    ),
    "no end, or nothing at all": (Trial("note", b'"note": "x"', None, cut=-1), Trial("note", b'"note": "x"', None, cut=0)),
}

# What each column stands for, and the ways to try it. Variables and literals are two ways to say one thing.
COLUMNS: Final = {
    "PUT, POST": ("PUT", "POST"),
    "merge patch": ("PATCH application/merge-patch+json", "PATCH application/json"),
    "GraphQL create, replace": ("create variables", "create literals", "replace variables", "replace literals"),
    "GraphQL patch": ("patch variables", "patch literals"),
}


def is_possible(condition: str, way: str, trial: Trial) -> bool:
    if way == "POST" and "addressed" in condition:
        return False
    return (trial.literal if way.endswith("literals") else trial.json) is not None


def tried(condition: str, heading: str) -> list[tuple[str, Trial]]:
    """Each way to try a cell."""
    return [(way, trial) for way in COLUMNS[heading] for trial in TRIALS.get(condition, ()) if is_possible(condition, way, trial)]


def cells() -> Iterator[Any]:
    """Each way to try each cell, with the word that stands there; "the same" is the word before it."""
    for condition, *words in TABLES[BODY][1:]:
        for column, (heading, word) in enumerate(zip(COLUMNS, words, strict=True)):
            said = words[column - 1] if word == "the same" else word
            for number, (way, trial) in enumerate(tried(condition, heading), 1):
                yield pytest.param(way, trial, said, id=f"{condition} {number} {way}")


async def test_every_row_has_a_trial_and_every_trial_a_row() -> None:
    names, *rows = TABLES[BODY]
    assert names == ["condition", *COLUMNS]
    assert [row[0] for row in rows] == list(TRIALS)
    for condition, *words in rows:
        for heading, word in zip(COLUMNS, words, strict=True):
            assert bool(tried(condition, heading)) == bool(word), f"{condition}, {heading}: {word}"


@dataclass(frozen=True)
class Told:
    """What came, in the words of the table: `invalid`, `Invalid`, `request error`, `400`, or `taken` with the row."""

    word: str
    row: Any = None


async def ask_rest(client: httpx.AsyncClient, way: str, trial: Trial, key: int) -> Told:
    method, _, media = way.partition(" ")
    members = [b'"name": "new"'] if method != "PATCH" and trial.member != "name" else []
    content = surround(trial, b"{" + b", ".join([*members, *([trial.json] if trial.json else [])]) + b"}", key)
    headers = {"content-type": media or "application/json"}
    answer = await client.request(method, COLLECTION if method == "POST" else f"{COLLECTION}/{key}", content=content, headers=headers)
    body = answer.json()
    if answer.status_code in (200, 201):
        return Told("taken", body)
    assert (answer.status_code, body["status"]) == (400, 400)
    return Told(f"`{body['code']}`")


ROW: Final = "{ id name note count serial }"
INPUTS: Final = {
    "create": ("input", "CreateNumberedInput"),
    "replace": ("input", "ReplaceNumberedInput"),
    "patch": ("patch", "PatchNumberedInput"),
}


async def ask_graphql(client: httpx.AsyncClient, way: str, trial: Trial, key: int) -> Told:
    verb, _, language = way.partition(" ")
    argument, kind = INPUTS[verb]
    address = "" if verb == "create" else f"id: {key}, "
    asked = f"{{ __typename ... on NumberedWritten {{ numbered {ROW} }} }}"
    complete = verb != "patch" and trial.member != "name"
    if language == "literals":
        document = ", ".join([*(['name: "new"'] if complete else []), *([trial.literal] if trial.literal else [])])
        signature = "($absent: String)" if "$absent" in document else ""
        query = f"mutation M{signature} {{ {verb}Numbered({address}{argument}: {{{document}}}) {asked} }}"
        content = json.dumps({"query": query.replace(KEY, str(key))}).encode()
    else:
        query = f"mutation M($document: {kind}!) {{ {verb}Numbered({address}{argument}: $document) {asked} }}"
        members = [*([b'"name": "new"'] if complete else []), *([trial.json] if trial.json else [])]
        content = b'{"query": ' + json.dumps(query).encode() + b', "variables": {"document": {' + b", ".join(members) + b"}}}"
        content = surround(trial, content, key)
    answer = await client.post("/graphql", content=content, headers={"content-type": "application/json", "accept": "application/json"})
    body = answer.json()
    if "data" not in body:
        assert body.keys() == {"errors"}
        if answer.status_code == 400:
            assert [error["extensions"]["code"] for error in body["errors"]] == ["malformed"]
        return Told("400" if answer.status_code == 400 else "request error")
    (said,) = body["data"].values()
    assert body.keys() == {"data"}
    return Told("taken", said["numbered"]) if said["__typename"] == "NumberedWritten" else Told(f"`{said['__typename']}`, as data")


def surround(trial: Trial, content: bytes, key: int) -> bytes:
    before, behind = trial.around
    return (before + content.replace(KEY.encode(), str(key).encode()) + behind)[: trial.cut]


def expected(word: str, way: str, trial: Trial, key: int) -> Told:
    """What a word of the table means for a way to ask; of a row, the member that is looked at."""
    match word:
        case "accepted":
            return Told("taken", key if trial.stored == KEY else trial.stored)
        case "kept":
            return Told("taken", BEFORE[trial.member])
        case "default":
            return Told("taken", DEFAULTS[trial.member])
        case "as absent":
            return Told("taken", BEFORE[trial.member] if way.startswith("patch") else DEFAULTS[trial.member])
        case "null":
            return Told("taken", None)
        case "request error for `Int`":
            return Told("`Invalid`, as data" if trial.member == "serial" else "request error")
        case "not in the input":
            return Told("request error")
        case "400" if way.endswith("literals"):
            return Told("request error")
        case _:
            return Told(word)


@pytest.mark.parametrize(("way", "trial", "word"), list(cells()))
async def test_each_cell(client: httpx.AsyncClient, way: str, trial: Trial, word: str) -> None:
    made = (await client.post(COLLECTION, json=BEFORE)).json()
    path = f"{COLLECTION}/{made['id']}"
    by_graphql = way.endswith(("variables", "literals"))
    told = await (ask_graphql if by_graphql else ask_rest)(client, way, trial, made["id"])
    looked_at = Told(told.word, told.row[trial.member]) if told.row is not None else told
    assert looked_at == expected(word, way, trial, made["id"])
    if told.row is None or way.startswith(("POST", "create")):
        assert (await client.get(path)).json() == made, "a row that was not to change"
    elif not by_graphql:
        assert (await client.get(path)).json() == told.row
