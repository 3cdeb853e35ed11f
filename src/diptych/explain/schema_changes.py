"""Changes between two JSON Schemas, as they are in OpenAPI 3.1: what a client may send, and what it may get.

What narrows a request breaks clients, and what widens an answer surprises them. Source: JSON Schema, draft 2020-12.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from diptych.explain.changes import Change, Effect
from diptych.explain.references import Place, Reader
from diptych.explain.schema_parts import Schema, as_object, types_of, values_of, without_null
from diptych.semantics.json_value import JSON

Way: TypeAlias = Literal["request", "answer"]

# Keywords that are compared below by themselves.
_STRUCTURE: Final = frozenset(
    {
        *("type", "enum", "const", "properties", "required", "additionalProperties", "items", "default"),
        *("anyOf", "oneOf", "allOf", "$ref", "discriminator", "deprecated", "nullable"),
    }
)
# Keywords that say nothing of what is valid.
_SILENT: Final = frozenset({"description", "title", "example", "examples", "externalDocs", "xml", "$comment", "readOnly", "writeOnly"})
# Bounds, and whether a larger one is narrower.
_LOWER: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_SAID: Final[Mapping[Way, str]] = {"request": "in requests", "answer": "in answers"}


class SchemaChanges:
    """Compares schemas of two documents; what is referred to from many places is compared once for each way."""

    def __init__(self, old: Reader, new: Reader) -> None:
        self._old = old
        self._new = new
        self._seen: set[tuple[str, str, Way]] = set()

    def of(self, old: Schema | bool, new: Schema | bool, at: Place, way: Way) -> Iterator[Change]:
        """All changes from one schema to another at a place."""
        old, new = as_object(old), as_object(new)
        references = old.get("$ref"), new.get("$ref")
        if references[0] is not None and references[0] == references[1]:
            if (references[0], references[1], way) in self._seen:
                return
            self._seen.add((references[0], references[1], way))
            at = Place.of(references[0])
        elif references != (None, None):
            # A schema that refers to itself is reached again by the same two references.
            known = json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True), way
            if known in self._seen:
                return
            self._seen.add(known)
        before, null_before = without_null(self._old.resolved(old))
        after, null_after = without_null(self._new.resolved(new))
        if null_before != null_after:
            yield _narrower(way, at, "null is not possible any more") if null_before else _wider(way, at, "null is possible now")
        yield from self._types(before, after, at, way)
        yield from self._values(before, after, at, way)
        yield from self._members(before, after, at, way)
        yield from self._branches(before, after, at, way)
        if "items" in before or "items" in after:
            yield from self.of(before.get("items", {}), after.get("items", {}), at / "items", way)
        for keyword in sorted((before.keys() | after.keys()) - _STRUCTURE - _SILENT):
            if not keyword.startswith("x-") and before.get(keyword) != after.get(keyword):
                yield _bound(keyword, before.get(keyword), after.get(keyword), at, way)
        if after.get("deprecated") and not before.get("deprecated"):
            yield Change("safe", str(at), "It is deprecated now.")

    def _types(self, before: Schema, after: Schema, at: Place, way: Way) -> Iterator[Change]:
        old, new = types_of(before), types_of(after)
        if old is None or new is None:
            if old != new:
                told = f"its type is any now, and was {_listed(old)}" if new is None else f"its type is {_listed(new)} now, and was any"
                yield (_wider if new is None else _narrower)(way, at, told)
            return
        # An integer is a number too.
        gone = {one for one in old - new if not (one == "integer" and "number" in new)}
        come = {one for one in new - old if not (one == "integer" and "number" in old)}
        if old != new:
            told = f"its type is {_listed(new)} now, and was {_listed(old)}"
            if gone and come:
                yield Change("breaking", str(at), _sentence(told, way))
            elif gone or come:
                yield _narrower(way, at, told) if gone else _wider(way, at, told)

    def _values(self, before: Schema, after: Schema, at: Place, way: Way) -> Iterator[Change]:
        old, new = values_of(before), values_of(after)
        if old is None and new is not None:
            yield _narrower(way, at, f"only {_listed(new)} can be there now" if new else "nothing can be there now")
        elif new is None and old is not None:
            yield _wider(way, at, "any value can be there now, beyond the ones that were listed", surprise=True)
        elif old is not None and new is not None:
            if gone := old - new:
                yield _narrower(way, at, f"{_listed(gone)} cannot be there any more")
            if come := new - old:
                yield _wider(way, at, f"{_listed(come)} can be there now", surprise=True)
        if way == "request" and before.get("default") != after.get("default"):
            effect: Effect = "safe" if "default" not in before else "dangerous"
            yield Change(
                effect, str(at), _sentence(f"its default is {_spelled(after, 'default')} now, and was {_spelled(before, 'default')}", way)
            )

    def _members(self, before: Schema, after: Schema, at: Place, way: Way) -> Iterator[Change]:
        old, new = before.get("properties", {}), after.get("properties", {})
        was, now = set(before.get("required", ())), set(after.get("required", ()))
        for name in [*old, *(name for name in new if name not in old)]:
            here = at / "properties" / name
            if name not in new:
                # In a request too: a member that is not known is refused.
                yield Change("breaking", str(here), _sentence(f"the member {name} is gone", way))
            elif name not in old:
                needed = way == "request" and name in now
                must = "must be there" if needed else "is there" if name in now else "may be there"
                yield Change("breaking" if needed else "safe", str(here), _sentence(f"the member {name} is new and {must}", way))
            else:
                if name in now and name not in was:
                    yield _narrower(
                        way, here, f"the member {name} must be there now" if way == "request" else f"the member {name} is always there now"
                    )
                if name in was and name not in now:
                    yield _wider(way, here, f"the member {name} may be left out now")
                yield from self.of(old[name], new[name], here, way)
        for name in sorted((was ^ now) - old.keys() - new.keys()):
            here = at / "required" / name
            yield _narrower(way, here, f"{name} must be there now") if name in now else _wider(way, here, f"{name} may be left out now")
        yield from self._others(before.get("additionalProperties", True), after.get("additionalProperties", True), at, way)

    def _others(self, old: Any, new: Any, at: Place, way: Way) -> Iterator[Change]:
        here = at / "additionalProperties"
        if old is False and new is not False:
            yield _wider(way, here, "other members may be there now", surprise=True)
        elif new is False and old is not False:
            yield _narrower(way, here, "no other members may be there any more")
        elif old != new:
            yield from self.of(old, new, here, way)

    def _branches(self, before: Schema, after: Schema, at: Place, way: Way) -> Iterator[Change]:
        """The alternatives of `oneOf` and `anyOf`, and the parts of `allOf`, found again by what they refer to."""
        for keyword in ("oneOf", "anyOf", "allOf"):
            old, new = _keyed(before.get(keyword, ())), _keyed(after.get(keyword, ()))
            fewer, more = (_wider, _narrower) if keyword == "allOf" else (_narrower, _wider)
            here = at / keyword
            if not old or not new:
                if old != new:
                    yield Change("breaking", str(here), _sentence(f"{keyword} {'has come' if new else 'is gone'}", way))
                continue
            for key in old.keys() - new.keys():
                yield fewer(way, here, f"{key} is none of {keyword} any more")
            for key in new.keys() - old.keys():
                yield more(way, here, f"{key} is one of {keyword} now", surprise=keyword != "allOf")
            for number, key in enumerate(old):
                if key in new:
                    yield from self.of(old[key], new[key], here / str(number), way)
        names = [one.get("discriminator", {}).get("propertyName") for one in (before, after)]
        if names[0] != names[1]:
            yield Change(
                "breaking",
                str(at / "discriminator"),
                _sentence(f"alternatives are told apart by {names[1]} now, and were by {names[0]}", way),
            )


def _bound(keyword: str, old: JSON, new: JSON, at: Place, way: Way) -> Change:
    told = f"{keyword} is {_said_of(new)} now, and was {_said_of(old)}"
    here = at / keyword
    if keyword in _LOWER | _UPPER and all(isinstance(value, int | float) for value in (old, new) if value is not None):
        narrower = old is None or (new is not None and (new > old) is (keyword in _LOWER))
    elif keyword in ("pattern", "format", "multipleOf", "uniqueItems"):
        if old not in (None, False) and new not in (None, False):
            return Change("breaking" if way == "request" else "dangerous", str(here), _sentence(told, way))
        narrower = new not in (None, False)
    else:
        return Change("dangerous", str(here), _sentence(told, way))
    return _narrower(way, here, told) if narrower else _wider(way, here, told, surprise=True)


def _narrower(way: Way, at: Place, told: str, *, surprise: bool = False) -> Change:
    return Change("breaking" if way == "request" else "safe", str(at), _sentence(told, way))


def _wider(way: Way, at: Place, told: str, *, surprise: bool = False) -> Change:
    """`surprise`: a client that gets it may go on, unless it relied on there being nothing else."""
    wide: Effect = "dangerous" if surprise else "breaking"
    return Change("safe" if way == "request" else wide, str(at), _sentence(told, way))


def _keyed(branches: Sequence[Schema]) -> dict[str, Schema]:
    keyed: dict[str, Schema] = {}
    for branch in branches:
        name = branch.get("$ref", "").rpartition("/")[2] or branch.get("title") or _listed(types_of(branch) or {"anything"})
        keyed[name if name not in keyed else f"{name} ({len(keyed) + 1})"] = branch
    return keyed


def _said_of(value: JSON) -> str:
    return "not there" if value is None else json.dumps(value, ensure_ascii=False)


def _spelled(schema: Schema, keyword: str) -> str:
    return json.dumps(schema[keyword], ensure_ascii=False) if keyword in schema else "not there"


def _listed(names: set[str] | None) -> str:
    return ", ".join(sorted(names or ()))


def _sentence(told: str, way: Way) -> str:
    return f"{told[0].upper()}{told[1:]}, {_SAID[way]}."
