"""Commands become requests: the way back from `diptych.rest.requests` and `diptych.rest.parameters`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never
from urllib.parse import quote

from diptych.resource.kinds import Json
from diptych.resource.shape import ResourceShape
from diptych.rest.admission import JSON_MEDIA, JSON_PATCH_MEDIA, MERGE_PATCH_MEDIA
from diptych.rest.filtering import EQUAL, SEVERAL
from diptych.rest.parameters import LIST_PARAMETERS
from diptych.rest.place import encoded_path
from diptych.rest.view import WHOLE_ROW, View
from diptych.semantics.command import (
    Address,
    Command,
    Content,
    Create,
    Delete,
    Fetch,
    FetchMany,
    JsonPatch,
    List,
    MergePatch,
    Replace,
    Unaddressable,
)
from diptych.semantics.condition import AllOf, Compare
from diptych.semantics.condition_writing import compared_json, conjuncts, write_condition
from diptych.semantics.json_value import JSON, MISSING, Missing
from diptych.semantics.order import Orders, signature
from diptych.semantics.outcome import Malformed
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt, Precondition
from diptych.semantics.version import Version

# What a query may have as it is, so that it can be read; the brackets of an operator stand for themselves too.
_QUERY_CHARACTERS: Final = ":,/@"
_UNADDRESSED: Final = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the REST door. `target` is path and query, encoded; a `body` that is MISSING is none."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: JSON | Missing = MISSING

    @property
    def content(self) -> bytes:
        return b"" if isinstance(self.body, Missing) else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Unspelled:
    """The door has no request that means this; `reason` is a sentence."""

    reason: str


def request_of(command: Command | FetchMany, shape: ResourceShape, base: str, view: View = WHOLE_ROW) -> Request | Unspelled:
    """Spell a command, `base` being the path of the door. `view` is what a read shows."""
    collection = encoded_path(f"{base}/{shape.names.path}")
    match command:
        case Create(document, preconditions):
            return _written("POST", collection, JSON_MEDIA, document, preconditions)
        case List():
            return _list(command, shape, collection, view)
        case FetchMany(keys):
            return _several(keys, shape, collection, view)
        case _:
            pass
    segment = _segment(command.key)
    if segment in _UNADDRESSED:
        return Unspelled(f"No path addresses the key {json.dumps(segment)}; no row can have it.")
    item = f"{collection}/{segment}"
    match command:
        case Replace(_, document, preconditions):
            return _written("PUT", item, JSON_MEDIA, document, preconditions)
        case MergePatch(_, patch, preconditions):
            return _written("PATCH", item, MERGE_PATCH_MEDIA, patch, preconditions)
        case JsonPatch(_, operations, preconditions):
            return _written("PATCH", item, JSON_PATCH_MEDIA, operations, preconditions)
        case Delete(_, preconditions):
            return Request("DELETE", item, tuple(_conditions(preconditions)))
        case Fetch(_, preconditions, unless):
            query = "&".join(_shown(view, shape))
            return Request("GET", f"{item}?{query}" if query else item, tuple(_conditions([*preconditions, *unless])))
        case _:
            assert_never(command)


def json_fields(shape: ResourceShape) -> frozenset[str]:
    """The fields whose columns are JSON, by JSON name."""
    return frozenset(column.json_name for column in shape.columns if isinstance(column.kind, Json))


def _written(method: str, target: str, media: str, content: Content, preconditions: Sequence[Precondition]) -> Request | Unspelled:
    if isinstance(content, Malformed):
        return _unreadable(content)
    return Request(method, target, (*_conditions(preconditions), ("Content-Type", media)), content)


def _segment(key: Address) -> str:
    return quote(key.text if isinstance(key, Unaddressable) else str(key), safe="")


def _conditions(preconditions: Sequence[Precondition]) -> Iterator[tuple[str, str]]:
    """The fields that say preconditions, in the order in which they are judged. Source: RFC 9110 section 13.2.2."""
    for precondition in preconditions:
        match precondition:
            case Exists():
                yield "If-Match", "*"
            case Absent():
                yield "If-None-Match", "*"
            case IsAt(versions):
                yield "If-Match", _tags(versions)
            case IsNotAt(versions):
                yield "If-None-Match", _tags(versions)
            case _:
                assert_never(precondition)


def _tags(versions: frozenset[Version]) -> str:
    # A tag that no row ever has stands for a list in which none is ours.
    return ", ".join(f'"{version}"' for version in sorted(versions)) or '"0"'


def _list(command: List, shape: ResourceShape, collection: str, view: View) -> Request | Unspelled:
    if command.end == "last" and (command.before is None or command.after is not None):
        return Unspelled("REST reads the last rows only in front of a cursor, with `before` alone; order the other way round for them.")
    if command.end == "first" and command.before is not None and command.after is None:
        return Unspelled("REST takes `before` alone for the rows right in front of it, and so cannot ask for the first ones of all.")
    size = () if command.size == shape.limits.usual_page else (f"limit={command.size}",)
    ends = (f"{name}={_quoted(cursor)}" for name, cursor in (("after", command.after), ("before", command.before)) if cursor is not None)
    query = "&".join([*_filters(command, shape), *_ordered(command.order), *_shown(view, shape), *size, *ends])
    headers = (("Prefer", "count=exact"),) if command.counted else ()
    return Request("GET", f"{collection}?{query}" if query else collection, headers)


def _several(keys: Sequence[Address], shape: ResourceShape, collection: str, view: View) -> Request | Unspelled:
    asked = list(dict.fromkeys(key for key in keys if not isinstance(key, Unaddressable)))
    if not asked:
        return Unspelled("None of these keys can be a row's, so that there is nothing to ask for.")
    if shape.key_name not in shape.filters:
        return Unspelled(f"Lists of {shape.name} rows are not filtered by their keys; ask for each of them by its path.")
    size = () if len(asked) <= shape.limits.usual_page else (f"limit={len(asked)}",)
    query = "&".join([*(f"{shape.key_name}[in]={_quoted(str(key))}" for key in asked), *_shown(view, shape), *size])
    return Request("GET", f"{collection}?{query}")


def _filters(command: List, shape: ResourceShape) -> Iterator[str]:
    """A parameter for each comparison that must hold, and `where` for whatever is more than that."""
    kept = json_fields(shape)
    others = []
    said: set[tuple[str, str]] = set()
    for one in conjuncts(command.where):
        # A parameter says its comparison once.
        if not isinstance(one, Compare) or (one.field, one.operator) in said:
            others.append(one)
            continue
        said.add((one.field, one.operator))
        plain = one.operator == EQUAL and one.field not in LIST_PARAMETERS
        name = quote(one.field, safe="") + ("" if plain else f"[{one.operator}]")
        value = compared_json(one, kept)
        for each in value if one.operator in SEVERAL else (value,):
            yield f"{name}={_quoted(_text(each, one.field in kept and one.operator != 'isNull'))}"
    if others:
        yield f"where={_quoted(_compact(write_condition(AllOf(tuple(others)), kept)))}"


def _text(value: JSON, is_json: bool) -> str:
    return value if isinstance(value, str) and not is_json else _compact(value)


def _compact(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _ordered(order: Orders) -> Iterator[str]:
    if order:
        yield f"order={_quoted(signature(order))}"


def _shown(view: View, shape: ResourceShape) -> Iterator[str]:
    if view.fields is not None:
        names = (shape.key_name, *(column.json_name for column in shape.readable), "version")
        yield f"fields={_quoted(','.join(name for name in names if name in view.fields))}"
    if view.include:
        yield f"include={_quoted(','.join(relation.name for relation in view.include))}"


def _quoted(text: str) -> str:
    return quote(text, safe=_QUERY_CHARACTERS)


def _unreadable(content: Malformed) -> Unspelled:
    where = "" if content.offset is None else f" (at byte {content.offset})"
    return Unspelled(f"The content cannot be read: {content.reason}{where}.")
