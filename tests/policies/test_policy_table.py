"""Every caller, every command, every kind of row: both doors tell the same, and nobody reads what is not theirs to read."""

import httpx
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from diptych.resource.policy import ACTIONS
from diptych.rest.door import COLLECTION_METHODS, ITEM_METHODS
from diptych.service.acting import Acting
from tests.policies.asking import Asked, Told, marks_in, path_of, read_graphql, read_page, read_rest, send, write
from tests.policies.commands import (
    COLLECTION_COMMANDS,
    ITEM_COMMANDS,
    ROWS,
    Target,
    collection_requests,
    item_requests,
)
from tests.policies.office import Office, marks_open_to
from tests.policies.table import COLLECTION, ERRAND, SATCHEL, collection_lines, item_lines
from tests.policies.world import CALLERS, CHALLENGE

pytestmark = pytest.mark.asyncio(loop_scope="module")
KINDS = ("Errand", "Satchel")


async def told_to(office: Office, caller: str, door: str, asked: Asked) -> Told:
    """Ask, and hold the answer to what is true of every answer."""
    response = await send(office.client(caller), asked)
    told = read_rest(response) if door == "rest" else read_graphql(response)
    strange = marks_in(response) - marks_open_to(caller) - _said_by_the_caller(asked)
    assert not strange, f"{caller} was told {sorted(strange)} by {door} on {asked}"
    if told.code == "unauthenticated" and door == "rest":
        assert response.headers["www-authenticate"] == CHALLENGE
    return told


def _said_by_the_caller(asked: Asked) -> set[str]:
    """What a caller already knows, such as a key that it sent."""
    return marks_in(_as_response(f"{asked.path} {asked.body}"))


def _as_response(text: str) -> httpx.Response:
    return httpx.Response(200, text=text)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_items(office: Office, kind: str, caller: str) -> None:
    # A satchel that an errand refers to cannot be deleted, by anybody.
    office.refers = kind == "Errand"
    await office.tidy()
    lines, wrong = item_lines(kind), []
    before = await office.everything()
    for command in ITEM_COMMANDS:
        for row, expected in zip(ROWS, lines[caller, command], strict=True):
            for door in item_requests(command, Target(office, kind, caller, row)):
                asked = item_requests(command, Target(office, kind, caller, row))[door]
                told = await told_to(office, caller, door, asked)
                if told.code != expected:
                    wrong.append(f"{caller} {command} {row} by {door}: {told.code} instead of {expected} ({told.response.text[:300]})")
                written = before != await office.everything()
                if written and (told.code != "ok" or command in ("fetch", "head", "part")):
                    wrong.append(f"{caller} {command} {row} by {door}: {told.code}, and something was written")
                if not written and told.code == "ok" and command.partition("@")[0] in ("replace", "merge", "json", "delete"):
                    wrong.append(f"{caller} {command} {row} by {door}: ok, and nothing was written")
                if written:
                    await office.tidy()
                    before = await office.everything()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_collections(office: Office, kind: str, caller: str) -> None:
    office.refers = True
    await office.tidy()
    lines, wrong = collection_lines(kind), []
    for command in COLLECTION_COMMANDS:
        expected = lines[caller, command]
        for door in collection_requests(command, office, kind, caller):
            before = await office.everything()
            told = await told_to(office, caller, door, collection_requests(command, office, kind, caller)[door])
            came = (told.code, *_came(office, kind, told, counted=command == "counted"))[: len(expected)]
            if came != expected:
                wrong.append(f"{caller} {command} by {door}: {came} instead of {expected} ({told.response.text[:300]})")
            written = before != await office.everything()
            if written != (told.code == "ok" and command.startswith("create")):
                wrong.append(f"{caller} {command} by {door}: {told.code}, and written: {written}")
            if written:
                await office.tidy()
    assert not wrong, "\n".join(wrong)


def _came(office: Office, kind: str, told: Told, *, counted: bool) -> tuple[str, ...]:
    """The owners of the rows that came, in order, and how many there are in all."""
    owners = {str(key): owner for owner, (key, _) in office.stored(kind).items()}
    rows = ",".join(owners.get(key, key) for key in told.keys)
    if told.code != "ok" or not counted:
        return (rows,)
    page = told.body["pageInfo"]
    total = page["totalCount"] if "totalCount" in page else told.body["totalCount"]
    assert page["hasNextPage"] is (total > 1)
    assert page["hasPreviousPage"] is False
    return rows, str(total)


@pytest.mark.parametrize("caller", CALLERS)
async def test_what_nobody_has_spoken_of_is_open(office: Office, caller: str) -> None:
    made = await told_to(office, caller, "rest", Asked("POST", path_of("Leaflet"), {"text": "hello"}))
    again = await told_to(office, caller, "graphql", write("Leaflet", "create", document={"text": "hello"}))
    listed = await told_to(office, caller, "graphql", read_page("Leaflet"))
    gone = await told_to(office, caller, "rest", Asked("DELETE", f"{path_of('Leaflet')}/{made.body['id']}"))
    assert [made.code, again.code, listed.code, gone.code] == ["ok"] * 4
    await office.tidy()


async def test_no_line_is_missing() -> None:
    """A caller, a command or a kind of row that nobody has spoken of fails here."""
    for kind in KINDS:
        assert item_lines(kind).keys() == {(caller, command) for caller in CALLERS for command in ITEM_COMMANDS}
        assert {len(told) for told in item_lines(kind).values()} == {len(ROWS)}
        assert collection_lines(kind).keys() == {(caller, command) for caller in CALLERS for command in COLLECTION_COMMANDS}
    assert ERRAND
    assert SATCHEL
    assert COLLECTION


async def test_every_way_in_is_asked(office: Office) -> None:
    """All methods of REST, all root fields of GraphQL, and all that can be asked of the service on behalf of a caller."""
    sent: list[Asked] = []
    for kind in KINDS:
        for command in ITEM_COMMANDS:
            sent += item_requests(command, Target(office, kind, "ada", "ann")).values()
        for command in COLLECTION_COMMANDS:
            sent += collection_requests(command, office, kind, "ada").values()
    methods = {asked.method for asked in sent if asked.path.startswith("/api")}
    assert methods == {*COLLECTION_METHODS, *ITEM_METHODS} - {"OPTIONS"}
    fields: set[str] = set()
    for asked in sent:
        if asked.path == "/graphql":
            operation = parse(asked.body["query"]).definitions[0]
            assert isinstance(operation, OperationDefinitionNode)
            fields |= {node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)}
    schema = office.bridge.schema._schema
    roots = {name for root in (schema.query_type, schema.mutation_type) if root is not None for name in root.fields}
    assert fields == {name for name in roots if "eaflet" not in name}
    verbs = {name for name in vars(Acting) if not name.startswith("_")}
    assert verbs == {"caller", "view", "denied", "execute", "fetch", "list", "fetch_many", "related", "write"}
    assert set(ACTIONS) == {"create", "read", "replace", "patch", "delete"}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_caller_is_judged_before_the_request(office: Office, kind: str) -> None:
    """Who may do a thing with no row at all is told so, whatever else is wrong with the request (order of refusals)."""
    path = path_of(kind, "no-number")
    wrong = {"content-type": "text/plain", "if-match": "not a tag", "accept": "image/png"}
    item = [Asked(method, path + "?nothing=1", b"{", wrong) for method in ("PUT", "PATCH", "DELETE")]
    collection = [Asked("POST", path_of(kind) + "?nothing=1", b"{", wrong)]
    for caller, code in (("rae", "forbidden"), ("max", "forbidden"), ("nobody", "unauthenticated")):
        for asked in (*item, *collection):
            assert (await told_to(office, caller, "rest", asked)).code == code, (caller, asked)
    for caller in ("dot", "nan", "nobody"):
        for method, where in (("GET", path), ("GET", path_of(kind))):
            told = await told_to(office, caller, "rest", Asked(method, where + "?nothing=1", None, wrong))
            assert told.code == ("unauthenticated" if caller == "nobody" else "forbidden")
    # Who may do it with some row is told what is wrong with the request.
    for asked in item[:2]:
        assert (await told_to(office, "ann", "rest", asked)).response.status_code == 415
