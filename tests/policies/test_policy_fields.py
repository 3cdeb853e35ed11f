"""Fields that some may not read and some may not write: in every kind of answer and by every way to ask, through both doors."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from tests.policies.asking import (
    MERGE,
    NDJSON,
    OPERATIONS,
    Asked,
    Told,
    marks_in,
    path_of,
    read_graphql,
    read_one,
    read_page,
    read_rest,
    send,
    write,
)
from tests.policies.fields import COLUMNS, NEW_VALUES, rights
from tests.policies.office import Office, marks_open_to
from tests.policies.world import CALLERS

pytestmark = pytest.mark.asyncio(loop_scope="module")
CASES = [
    pytest.param(kind, name, caller, right, id=f"{kind}-{name}-{caller}")
    for kind in ("Errand", "Satchel")
    for name, told in rights(kind).items()
    for caller, right in told.items()
]


class Desk:
    """One caller before one row."""

    def __init__(self, office: Office, kind: str, caller: str) -> None:
        self.office, self.kind, self.caller = office, kind, caller
        self.row = "ann" if caller == "ada" else caller

    @property
    def key(self) -> Any:
        return self.office.stored(self.kind)[self.row][0]

    @property
    def path(self) -> str:
        return path_of(self.kind, self.key)

    async def rest(self, method: str, path: str | None = None, body: Any = None, **headers: str) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return read_rest(await self._send(Asked(method, path or self.path, body, named)))

    async def graphql(self, asked: Asked) -> Told:
        return read_graphql(await self._send(asked))

    async def _send(self, asked: Asked) -> httpx.Response:
        response = await send(self.office.client(self.caller), asked)
        said = marks_in(httpx.Response(200, text=f"{asked.path} {json.dumps(asked.body)}"))
        strange = marks_in(response) - marks_open_to(self.caller) - said
        assert not strange, f"{sorted(strange)} in the answer to {asked}"
        return response

    async def stored(self, name: str) -> tuple[int, Any]:
        """The version of the row, and the value of a field, as they are."""
        rows = (await self.office.everything())[self.kind]
        return next((version, values[name]) for key, version, values in rows if key == self.key)


@pytest_asyncio.fixture(loop_scope="module")
async def tidy_office(office: Office) -> AsyncIterator[Office]:
    office.refers = True
    await office.tidy()
    yield office


@pytest.mark.parametrize(("kind", "name", "caller", "right"), CASES)
async def test_reading(tidy_office: Office, kind: str, name: str, caller: str, right: str) -> None:
    """Every answer with the row in it has the field, or has it not; nothing can be asked of a list by a field that is not there."""
    desk, readable = Desk(tidy_office, kind, caller), "r" in right
    _, value = await desk.stored(name)
    listed = f"{path_of(kind)}?id={quote(str(desk.key))}"
    whole = [
        (await desk.rest("GET")).body,
        (await desk.rest("GET", listed)).body["items"][0],
        (await desk.rest("GET", listed, accept=NDJSON)).body[0],
        (await desk.rest("PATCH", body={}, content_type=MERGE)).body,
        (await desk.rest("PUT", body={"version": 900, **_identity(kind, desk)})).body["current"],
        (await desk.rest("DELETE", if_match='"900"')).body["current"],
    ]
    assert [name in row for row in whole] == [readable] * len(whole)
    assert not readable or all(row[name] == value for row in whole)
    if (kind, name) == ("Errand", "pin"):
        # Nobody reads it, so that the schema has it not.
        assert (await desk.graphql(read_one(kind, desk.key, "pin"))).code == "request_error"
    else:
        stale = await desk.graphql(write(kind, "delete", desk.key, version=900))
        same = await desk.graphql(write(kind, "merge", desk.key, {}))
        seen = [
            (await desk.graphql(read_one(kind, desk.key))).body,
            (await desk.graphql(read_one(kind, desk.key, f"one: {name} ...on {kind} {{ {name} }}"))).body,
            (await desk.graphql(read_page(kind, f'where: {{id: {{eq: "{desk.key}"}}}}'))).body["edges"][0]["node"],
            stale.body["current"],
            same.body[kind.lower()],
        ]
        assert [row[name] for row in seen] == [value if readable else None] * len(seen)
    await _asked_by(desk, name, value, readable)


async def _asked_by(desk: Desk, name: str, value: Any, readable: bool) -> None:
    """A projection, a filter, an order; the latter two where the declaration allows them at all."""
    expected, shape = "ok" if readable else "invalid", desk.office.shape(desk.kind)
    path, text = path_of(desk.kind), value if isinstance(value, str) else json.dumps(value)
    codes = {"projection": (await desk.rest("GET", f"{desk.path}?fields={name}")).code}
    codes["list"] = (await desk.rest("GET", f"{path}?fields=id,{name}")).code
    if name in shape.filters:
        operator = "contains" if name == "meta" else "eq"
        codes["parameter"] = (await desk.rest("GET", f"{path}?{name}[{operator}]={quote(text)}")).code
        where = {"or": [{name: {operator: value}}, {"not": {name: {operator: value}}}]}
        codes["where"] = (await desk.rest("GET", f"{path}?where={quote(json.dumps(where))}")).code
        plural = path.removeprefix("/api/")
        query = f"query($w: {desk.kind}Where) {{ asked: {plural}(where: $w) {{ edges {{ node {{ id }} }} totalCount }} }}"
        asked = Asked("POST", "/graphql", {"query": query, "variables": {"w": where}}, {"accept": "application/json"})
        codes["graphql where"] = (await desk.graphql(asked)).code
    if name in shape.orders:
        codes["order"] = (await desk.rest("GET", f"{path}?order=-{name}")).code
        value_name = "".join(f"_{one}" if one.isupper() else one for one in name).upper()
        codes["graphql order"] = (await desk.graphql(read_page(desk.kind, f"orderBy: [{value_name}_ASC]"))).code
    assert codes == dict.fromkeys(codes, expected)
    if not readable:
        # It is told in the very words in which a name is that was made up.
        for query in ("?{}[eq]=x", "?{}=x", "?order={}", '?where={{"{}":{{"eq":1}}}}', "?fields={}", "?{}[contains]=%7B"):
            told, made_up = [await desk.rest("GET", path + query.format(one)) for one in (name, "unheard")]
            assert told.response.text == made_up.response.text.replace("unheard", name), query


@pytest.mark.parametrize(("kind", "name", "caller", "right"), CASES)
async def test_json_patch(tidy_office: Office, kind: str, name: str, caller: str, right: str) -> None:
    """What cannot be read cannot be tested, copied or moved: no guess is confirmed, whether right or wrong."""
    desk, readable = Desk(tidy_office, kind, caller), "r" in right
    _, value = await desk.stored(name)
    target = "/title" if kind == "Errand" else "/label"
    operations = {
        "right": {"op": "test", "path": f"/{name}", "value": value},
        "wrong": {"op": "test", "path": f"/{name}", "value": "a wrong guess"},
        "copy": {"op": "copy", "from": f"/{name}", "path": target},
        "move": {"op": "move", "from": f"/{name}", "path": target},
        "into": {"op": "test", "path": f"/{name}/inside", "value": 1},
    }
    for case, operation in operations.items():
        one = await desk.rest("PATCH", body=[operation], content_type=OPERATIONS)
        other = await desk.graphql(write(kind, "json", desk.key, [operation]))
        if readable:
            expected = {"right": {"ok"}, "wrong": {"patch_conflict"}, "into": {"patch_conflict"}}.get(case, {"ok", "invalid"})
            assert {one.code} <= expected, (case, one.body)
            assert {other.code} <= expected, (case, other.body)
        else:
            assert (one.code, other.code) == ("patch_invalid", "patch_invalid"), case
    whole = await desk.rest("PATCH", body=[{"op": "copy", "from": "", "path": target}], content_type=OPERATIONS)
    assert whole.code == "invalid"


def _identity(kind: str, desk: Desk) -> dict[str, Any]:
    team = "blue" if desk.row == "cid" else "red"
    texts = {"title": "t", "code": "c"} if kind == "Errand" else {"label": "l"}
    return {"owner": desk.row, "team": team, **texts}


@pytest.mark.parametrize("door", ["rest", "graphql"])
@pytest.mark.parametrize(("kind", "name", "caller", "right"), CASES)
async def test_writing(tidy_office: Office, kind: str, name: str, caller: str, right: str, door: str) -> None:
    """Who may write sets a field by every command; to others it is as a read-only one, and left out it stays as it is."""
    desk = Desk(tidy_office, kind, caller)
    version, value = await desk.stored(name)
    new, same = NEW_VALUES[name] or value, value == NEW_VALUES[name] or NEW_VALUES[name] is None
    in_schema = not ("w" not in right and all("w" not in told for told in [*rights(kind)[name].values()]))

    async def patch(given: Any) -> Told:
        if door == "rest":
            return await desk.rest("PATCH", body={name: given}, content_type=MERGE)
        return await desk.graphql(write(kind, "merge", desk.key, {name: given}))

    async def replace(**more: Any) -> Told:
        document = {**_identity(kind, desk), **more}
        if door == "rest":
            return await desk.rest("PUT", body=document)
        return await desk.graphql(write(kind, "replace", desk.key, document))

    async def operate(given: Any) -> Told:
        operations = [{"op": "add", "path": f"/{name}", "value": given}]
        if door == "rest":
            return await desk.rest("PATCH", body=operations, content_type=OPERATIONS)
        return await desk.graphql(write(kind, "json", desk.key, operations))

    if "w" in right:
        for number, command in enumerate((patch, operate), 1):
            told = await command(new)
            assert told.code == "ok", told.body
            expected = (version + number if not same and number == 1 else None, new)
            stored = await desk.stored(name)
            assert stored[1] == expected[1]
            assert expected[0] in (None, stored[0])
        # Where it cannot be read, no write tells that nothing has changed.
        before, _ = await desk.stored(name)
        assert (await patch(new)).code == "ok"
        after, _ = await desk.stored(name)
        assert after == before + ("r" not in right)
        assert (await replace(**{name: new})).code == "ok"
        assert (await desk.stored(name))[1] == new
    else:
        refused = "invalid" if in_schema or door == "rest" else "request_error"
        for told in (await patch(new), await replace(**{name: new})):
            assert told.code == refused, told.body
        assert (await operate(new)).code == "invalid"
        # The value that is there may be sent back by who can know it, and nobody else is told that it was right.
        allowed = "ok" if "r" in right else "invalid"
        assert (await patch(value)).code == (allowed if in_schema or door == "rest" else "request_error")
        assert (await operate(value)).code == allowed
        assert await desk.stored(name) == (version, value)
    # Left out of a replace.
    _, before = await desk.stored(name)
    told = await replace()
    assert told.code == "ok", told.body
    _, left = await desk.stored(name)
    if right != "rw" and name not in ("changedAt", "changedBy"):
        assert left == before
    elif name in ("grade", "rank", "pay", "satchelId", "vaultId", "meta", "remark"):
        assert left == next(column.default for column in tidy_office.shape(kind).columns if column.json_name == name)


@pytest.mark.parametrize("door", ["rest", "graphql"])
@pytest.mark.parametrize(("kind", "name", "caller", "right"), CASES)
async def test_making(tidy_office: Office, kind: str, name: str, caller: str, right: str, door: str) -> None:
    """A row is made with the fields that one may write, and without the others, through either door."""
    desk = Desk(tidy_office, kind, caller)
    _, value = await desk.stored(name)
    new, key = NEW_VALUES[name] or value, {"id": "fresh"} if kind == "Satchel" else {}
    in_schema = any("w" in told for told in rights(kind)[name].values())

    async def make(**more: Any) -> Told:
        document = {**key, **_identity(kind, desk), **more}
        if door == "rest":
            return await desk.rest("POST", path_of(kind), document)
        return await desk.graphql(write(kind, "create", document=document))

    expected = "ok" if "w" in right else "invalid" if in_schema or door == "rest" else "request_error"
    assert (await make(**{name: new})).code == expected
    await tidy_office.tidy()
    made = await make()
    assert made.code == "ok", made.body
    row = made.body if door == "rest" else made.body[kind.lower()]
    assert "r" in right or row.get(name) is None


async def test_no_field_is_missing(tidy_office: Office) -> None:
    """A field that nobody has spoken of fails here, as does a caller with rights of its own over fields."""
    for kind in ("Errand", "Satchel"):
        assert list(rights(kind)) == [column.json_name for column in tidy_office.shape(kind).columns]
    assert {known.knows for known in CALLERS.values()} == {CALLERS[caller].knows for caller in COLUMNS}
    masked = {column.json_name for kind in ("Errand", "Satchel") for column in tidy_office.shape(kind).columns if column.masked}
    assert masked == CALLERS["ada"].knows


async def test_relations_by_a_field_that_cannot_be_read(tidy_office: Office) -> None:
    """Which row refers to which is what the field says: neither end of the relation tells it."""
    for caller in ("ann", "bob", "ada"):
        desk, known = Desk(tidy_office, "Errand", caller), caller == "ada"
        assert (await desk.rest("GET", f"{path_of('Errand')}?include=vault")).code == ("ok" if known else "invalid")
        page = await desk.graphql(read_page("Errand", selected="id vaultId vault { id }"))
        assert [edge["node"]["vault"] is not None for edge in page.body["edges"]] == [known] * len(page.keys)
        assert (await desk.rest("GET", f"{path_of('Satchel')}?include=locked")).code == ("ok" if known else "forbidden")
        locked = await desk.graphql(read_page("Satchel", selected="id locked { edges { node { id } } totalCount }"))
        assert locked.code == ("ok" if known else "forbidden")


async def test_relations_end_where_sight_ends(tidy_office: Office) -> None:
    """A row that refers to what one may not see shows nothing of it, and rows that one may not see refer to nothing."""
    office = tidy_office
    shared = {"satchelId": "satchel-of-cid"}
    assert (await Desk(office, "Errand", "ann").rest("PATCH", body=shared, content_type=MERGE)).code == "ok"
    ann, cid = Desk(office, "Errand", "ann"), Desk(office, "Satchel", "cid")
    for told in (await ann.rest("GET", f"{ann.path}?include=satchel"), await ann.graphql(read_one("Errand", ann.key, "satchel { id }"))):
        assert told.body["satchel"] is None
    rest = await cid.rest("GET", f"{cid.path}?include=errands")
    assert [row["owner"] for row in rest.body["errands"]["items"]] == ["cid"]
    graphql = await cid.graphql(read_one("Satchel", cid.key, "errands { edges { node { owner } } totalCount }"))
    assert graphql.body["errands"] == {"edges": [{"node": {"owner": "cid"}}], "totalCount": 1}


async def test_rows_beside_rows_have_the_fields_of_their_reader(tidy_office: Office) -> None:
    """What is included is left out of as what is read by itself is: absent, not null."""
    for caller in COLUMNS:
        desk, own = Desk(tidy_office, "Satchel", caller), Desk(tidy_office, "Errand", caller)
        whole = (await own.rest("GET")).body
        beside = (await desk.rest("GET", f"{desk.path}?include=errands")).body["errands"]["items"]
        assert beside == [whole]
        satchel = (await desk.rest("GET")).body
        assert (await own.rest("GET", f"{own.path}?include=satchel")).body["satchel"] == satchel
