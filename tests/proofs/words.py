"""What a random walk may say: documents, patches, conditions, with good values, bad ones, and some that depend on the state."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import hypothesis.strategies as st

from tests.proofs.model import Conditions, Key

JSON: TypeAlias = Any
Through: TypeAlias = Literal["rest", "graphql"]
Claim: TypeAlias = Literal[
    "none", "current", "stale", "ahead", "nothing", "anything", "one-of", "none-of", "not-current", "not-stale", "both", "weak"
]

# Picks below this choose among the rows that are there; the next one among all there ever were.
FORMER_KEY, MISSING_KEY, NO_KEY = 5, 6, 7

NAMES = ("a", "B", "c.1")

doors: st.SearchStrategy[Through] = st.sampled_from(["rest", "graphql"])
resources = st.sampled_from(["User", "Document", "Document", "StockItem"])
picks = st.sampled_from([*range(FORMER_KEY), *range(FORMER_KEY), *range(FORMER_KEY), FORMER_KEY, FORMER_KEY, MISSING_KEY, NO_KEY])
# The first are taken more often; the others exist on REST alone, and fall back to "current" in GraphQL.
claims: st.SearchStrategy[Claim] = st.sampled_from(
    [
        *("current",) * 6,
        *("none",) * 4,
        *("stale", "ahead", "nothing") * 2,
        *("anything", "one-of", "none-of", "not-current", "not-stale", "both", "weak"),
    ]
)


def conditions(claim: Claim, current: int, through: Through) -> Conditions:
    """What a claim says about a row that is at `current`, 0 where nothing is there."""
    stale, ahead = max(current - 1, 1) if current != 1 else 2, current + 1
    match claim:
        case "none":
            return Conditions()
        case "nothing":
            return Conditions(if_none_match="*")
        case "stale":
            return Conditions(if_match=frozenset({stale}))
        case "ahead":
            # GraphQL's Int ends where versions do.
            return Conditions(if_match=frozenset({ahead if ahead < 2**31 else 5}))
        case _ if claim == "current" or through == "graphql":
            return Conditions(if_match=frozenset({current})) if current else Conditions(if_none_match="*")
        case "anything":
            return Conditions(if_match="*")
        case "one-of":
            return Conditions(if_match=frozenset({current or 3, ahead, stale}))
        case "none-of":
            return Conditions(if_match=frozenset({ahead, ahead + 1}))
        case "not-current":
            return Conditions(if_none_match=frozenset({current, ahead}))
        case "not-stale":
            return Conditions(if_none_match=frozenset({ahead}))
        case "both":
            return Conditions(if_match=frozenset({current or 3}), if_none_match=frozenset({ahead}))
        case _:
            # A weak tag never matches, whatever stands in it.
            return Conditions(if_match=frozenset())


def version(stated: Conditions) -> int | None:
    """The same as an argument of a mutation."""
    if stated.if_none_match == "*":
        return 0
    if stated.if_match is None:
        return None
    (number,) = stated.if_match
    assert isinstance(number, int)
    return number


def headers(stated: Conditions) -> dict[str, str]:
    """The same as header fields."""
    fields = {}
    for name, value in (("if-match", stated.if_match), ("if-none-match", stated.if_none_match)):
        if value == "*":
            fields[name] = "*"
        elif isinstance(value, frozenset):
            fields[name] = ", ".join(f'"{number}"' for number in sorted(value)) or 'W/"1"'
    return fields


@dataclass(frozen=True)
class Owner:
    """A user that there is or was."""

    pick: int


@dataclass(frozen=True)
class OwnKey:
    """The key that the request addresses, or `off` from it."""

    off: bool


@dataclass(frozen=True)
class OwnVersion:
    """The version that the row is at, and so many more."""

    more: int


@dataclass(frozen=True)
class Current:
    """What stands at the path of the operation now."""


_EMAILS = ["ann@x", "bob@x", "cid@x"]
_OWNERS = [Owner(0), Owner(1), Owner(2)]

# Good values first, several times; then what must be refused.
_VALUES: dict[str, dict[str, tuple[list[JSON], list[JSON]]]] = {
    "User": {
        "name": (["Ann", "Bob", "ä" * 200], ["", "x" * 201, None, 7, ["Ann"]]),
        "email": (_EMAILS, ["x@", None, True]),
        "role": (["user", "admin", ""], [None, 1, {}]),
        "bio": ([None, "a life", ""], [3, ["x"]]),
    },
    "Document": {
        "title": (["t", "u", "v" * 200], ["", None, 1.5]),
        "content": (["", "text", "\n"], [None, 0]),
        "tags": ([[], ["a"], ["a", "b", "a"]], ["a", [1], [None], None, {}]),
        "metadata": ([{}, {"a": 1}, {"a": {"b": [1, None]}, "c": None}, {"a": {"d": True}}, {"a": None}, {"a": True}], [[], "x", None, 1]),
        "ownerId": ([None, *_OWNERS], [999_999, True, "nobody", 1.5]),
    },
    "StockItem": {
        "sku": (["S-1", "S-2", "S-3"], ["", "x" * 65, None, "LAST"]),
        "name": (["bolt", "nut"], ["", None, False]),
        "quantity": ([0, 1, 2.0, 2**31 - 1], [-1, 2**31, 1.5, True, "1", None]),
        "location": ([None, "A1"], [4, []]),
    },
}
_REQUIRED = {"User": ("name", "email"), "Document": ("title",), "StockItem": ("sku", "name", "quantity")}

_rarely: st.SearchStrategy[bool] = st.sampled_from([*(False,) * 6, True])


@st.composite
def documents(draw: st.DrawFn, name: str, *, complete: bool, keyed: bool = False) -> dict[str, JSON]:
    """A document of a resource, or a patch of one. Most are good, so that a walk gets somewhere."""
    values = _VALUES[name]
    chosen = set(draw(st.lists(st.sampled_from(sorted(values)), max_size=len(values))))
    if complete:
        chosen |= set(_REQUIRED[name])
    is_spoilt = draw(_rarely)
    spoilt = draw(st.sampled_from(sorted(chosen))) if chosen and is_spoilt else None
    document = {field: draw(st.sampled_from(values[field][field == spoilt])) for field in sorted(chosen)}
    if keyed:
        document["id"] = draw(st.sampled_from([*NAMES] * 4 + ["a b", "", ".", "k" * 65, 7, None]))
    if draw(_rarely):
        document.pop(draw(st.sampled_from([*_REQUIRED[name], "id"])), None)
    if draw(_rarely):
        document["unheardOf"] = 1
    if draw(_rarely):
        document["id"] = OwnKey(draw(st.booleans()))
    if draw(_rarely):
        document["version"] = draw(st.sampled_from([OwnVersion(0), OwnVersion(0), OwnVersion(1), OwnVersion(-1), 0, 1.0, "1", None]))
    return document


_PATHS = {
    "User": ["/name", "/email", "/role", "/bio", "/id", "/version", "/nowhere", "", "/name/x"],
    "Document": ["/title", "/tags", "/tags/0", "/tags/9", "/metadata", "/metadata/a", "/metadata/a/b", "/metadata/a/b/0", "/ownerId"],
    "StockItem": ["/sku", "/name", "/quantity", "/location", "/id", "/version"],
}
_ANY = [None, True, 1, 1.0, 0, "", "t", [], {}, {"b": 1}, ["a"], Current(), Current(), Current()]


@st.composite
def operations(draw: st.DrawFn, name: str) -> list[dict[str, JSON]]:
    """A JSON Patch with values that may suit. A path that only one kind of operation understands is given to no other."""
    patch = []
    for _ in range(draw(st.integers(0, 3))):
        op = draw(st.sampled_from(["add", "replace", "test", "remove", "copy", "move"]))
        # The end of an array is a place to add at alone; and to remove the whole document is told in test_vectors.
        paths = [path for path in _PATHS[name] if path or op != "remove"] + (["/tags/-"] if op == "add" and name == "Document" else [])
        path = draw(st.sampled_from(paths))
        operation: dict[str, JSON] = {"op": op, "path": path}
        if op in ("copy", "move"):
            operation["from"] = draw(st.sampled_from(_PATHS[name]))
        elif op != "remove":
            field = path.split("/")[1] if path else ""
            good = _VALUES[name].get(field, ([], []))[0] if path.count("/") == 1 else []
            operation["value"] = draw(st.sampled_from([*(one for one in good * 4 if not isinstance(one, Owner)), *_ANY]))
        patch.append(operation)
    return patch


def resolved(document: Mapping[str, JSON], *, users: Sequence[Key], key: Key | None, version: int) -> dict[str, JSON]:
    """A drawn document with its references, its key and its version filled in."""
    filled = {}
    for name, value in document.items():
        match value:
            case Owner(pick):
                filled[name] = users[pick % len(users)] if users else None
            case OwnKey(off):
                filled[name] = "another" if off or key is None else key
            case OwnVersion(more):
                filled[name] = version + more
            case _:
                filled[name] = deepcopy(value)
    return filled


def settled(patch: Sequence[Mapping[str, JSON]], working: JSON) -> list[dict[str, JSON]]:
    """A drawn JSON Patch in which `Current` stands for what its path leads to, if anything."""
    return [
        {name: _at(working, operation["path"]) if isinstance(value, Current) else deepcopy(value) for name, value in operation.items()}
        for operation in patch
    ]


def _at(working: JSON, path: str) -> JSON:
    here = working
    for part in path.split("/")[1:]:
        try:
            here = here[int(part)] if isinstance(here, list) else here[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return deepcopy(here)
