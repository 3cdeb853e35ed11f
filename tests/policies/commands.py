"""Every command, for every kind of row, as it is sent through each door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from tests.policies.asking import MERGE, NDJSON, OPERATIONS, Asked, condition, path_of, read_one, read_page, read_several, write
from tests.policies.office import OWNERS, Office, mark, satchel_key
from tests.policies.world import CALLERS

# The rows that an item command is sent to: those of three people, one that is not there, and a key that no row can have.
ROWS: Final = (*OWNERS, "absent", "malformed")
STALE: Final = 900
_fresh = map("new-{}".format, count(1)).__next__


@dataclass(frozen=True)
class Target:
    """A row, as one caller addresses it."""

    office: Office
    kind: str
    caller: str
    row: str

    @property
    def key(self) -> Any:
        stored = self.office.stored(self.kind)
        if self.row in stored:
            return stored[self.row][0]
        if self.kind == "Errand":
            return absent_number(self.office) if self.row == "absent" else "no-number"
        return "satchel-of-dan" if self.row == "absent" else "s" * 41

    @property
    def version(self) -> int:
        return self.office.stored(self.kind).get(self.row, (None, 1))[1]

    @property
    def document(self) -> dict[str, Any]:
        """A document that leaves the row in the hands that it is in, or one of the caller's own."""
        owner = self.row if self.row in OWNERS else self.caller
        return document_of(self.kind, owner)


def absent_number(office: Office) -> int:
    """A number that no errand has, with as many digits as that of cid's."""
    taken = {key for key, _ in office.errands.values()}
    digits = len(str(office.errands["cid"][0]))
    return next(number for number in range(10 ** (digits - 1), 10**digits) if number not in taken)


def document_of(kind: str, owner: str) -> dict[str, Any]:
    team = OWNERS.get(owner) or CALLERS[owner].principal.claims.get("team", "red")
    texts = {"title": "new", "code": _fresh()} if kind == "Errand" else {"label": _fresh()}
    return {"owner": owner, "team": team, **texts}


def _rest_write(verb: str, target: Target, version: int | None) -> Asked:
    path, when = path_of(target.kind, target.key), condition(version)
    match verb:
        case "replace":
            return Asked("PUT", path, target.document, when)
        case "merge":
            return Asked("PATCH", path, {_text(target.kind): _fresh()}, {"content-type": MERGE, **when})
        case "json":
            return Asked("PATCH", path, _operations(target.kind), {"content-type": OPERATIONS, **when})
        case _:
            return Asked("DELETE", path, None, when)


def _graphql_write(verb: str, target: Target, version: int | None) -> Asked:
    documents: Mapping[str, Callable[[], Any]] = {
        "replace": lambda: target.document,
        "merge": lambda: {_text(target.kind): _fresh()},
        "json": lambda: _operations(target.kind),
        "delete": lambda: None,
    }
    return write(target.kind, verb, target.key, documents[verb](), version)


def _text(kind: str) -> str:
    return "code" if kind == "Errand" else "label"


def _operations(kind: str) -> Any:
    return [{"op": "replace", "path": f"/{_text(kind)}", "value": _fresh()}]


READS: Final = ("fetch", "head", "part", "fetch@stale")
WRITES: Final = tuple(f"{verb}{when}" for verb in ("replace", "merge", "json", "delete") for when in ("", "@now", "@stale", "@nothing"))
ITEM_COMMANDS: Final = (*READS, *WRITES)


def item_requests(command: str, target: Target) -> dict[str, Asked]:
    """A command on one row, by door."""
    verb, _, when = command.partition("@")
    version = {"": None, "now": target.version, "stale": STALE, "nothing": 0}[when]
    path = path_of(target.kind, target.key)
    match verb:
        case "fetch" if when:
            # GraphQL has no conditions on reads.
            return {"rest": Asked("GET", path, None, condition(version))}
        case "fetch":
            return {"rest": Asked("GET", path), "graphql": read_one(target.kind, target.key)}
        case "head":
            return {"rest": Asked("HEAD", path)}
        case "part":
            return {"rest": Asked("GET", f"{path}?fields=owner,version"), "graphql": read_one(target.kind, target.key, "owner version")}
        case _:
            return {"rest": _rest_write(verb, target, version), "graphql": _graphql_write(verb, target, version)}


def _list(kind: str, query: str, arguments: str = "", *, counted: bool = False) -> dict[str, Asked]:
    headers = {"prefer": "count=exact"} if counted else {}
    return {
        "rest": Asked("GET", path_of(kind) + query, None, headers),
        "graphql": read_page(kind, arguments, counted=counted),
    }


def _create(kind: str, owner: str, **more: Any) -> dict[str, Asked]:
    def document() -> dict[str, Any]:
        return {**document_of(kind, owner), **({"id": _fresh()} if kind == "Satchel" else {}), **more}

    return {"rest": Asked("POST", path_of(kind), document()), "graphql": write(kind, "create", document=document())}


def _related(kind: str, _: Office) -> dict[str, Asked]:
    if kind == "Errand":
        return {
            "rest": Asked("GET", path_of(kind) + "?include=satchel"),
            "graphql": read_page(kind, selected="id satchel { id label remark }"),
        }
    return {
        "rest": Asked("GET", path_of(kind) + "?include=errands"),
        "graphql": read_page(kind, selected="id errands { edges { node { id title pay grade } } totalCount }"),
    }


def _several(kind: str, office: Office) -> dict[str, Asked]:
    keys = [key for key, _ in office.stored(kind).values()]
    query = "&".join(f"id[in]={key}" for key in keys)
    return {"rest": Asked("GET", f"{path_of(kind)}?{query}"), "graphql": read_several(kind, keys)}


COLLECTION_COMMANDS: Final = (
    "list",
    "filtered",
    "ordered",
    "counted",
    "backwards",
    "several",
    "related",
    "stream",
    "create",
    "create-for-another",
    "create-taken",
)


def collection_requests(command: str, office: Office, kind: str, caller: str) -> dict[str, Asked]:
    """A command on all rows, by door."""
    match command:
        case "list":
            return _list(kind, "")
        case "filtered":
            return _list(kind, "?team=blue", 'where: {team: {eq: "blue"}}')
        case "ordered":
            return _list(kind, "?order=-owner", "orderBy: [OWNER_DESC]")
        case "counted":
            return _list(kind, "?limit=1", "first: 1", counted=True)
        case "backwards":
            # What lies before the very last place: the page says whether there is more on either side.
            return {"graphql": read_page(kind, "last: 1")}
        case "several":
            return _several(kind, office)
        case "related":
            return _related(kind, office)
        case "stream":
            return {"rest": Asked("GET", path_of(kind), None, {"accept": NDJSON})}
        case "create":
            return _create(kind, caller)
        case "create-for-another":
            return _create(kind, "cid" if caller != "cid" else "ann")
        case _:
            return _create_taken(kind, caller)


def _create_taken(kind: str, caller: str) -> dict[str, Asked]:
    """With what cid's row has already, which no two rows may share."""
    if kind == "Satchel":
        return _create(kind, caller, id=satchel_key("cid"))
    return _create(kind, caller, code=mark("errand", "cid", "code"))
