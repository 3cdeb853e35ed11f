"""Changes between two OpenAPI documents: paths, operations, parameters, contents, answers and who may ask."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from diptych.explain.changes import Change, Effect, in_order
from diptych.explain.errors import NotUnderstood
from diptych.explain.references import Place, Reader
from diptych.explain.schema_changes import SchemaChanges, Way
from diptych.explain.security_changes import scheme_changes, security_changes

Part: TypeAlias = Mapping[str, Any]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def openapi_changes(old: Any, new: Any) -> list[Change]:
    """All changes from one document to another, both as JSON. Raises NotUnderstood for what is no OpenAPI 3 document."""
    before, after = _checked(old, "old"), _checked(new, "new")
    try:
        return in_order(list(_Documents(before, after).changes()))
    except (AttributeError, TypeError, KeyError):
        # Such as a list of paths: what has another shape than OpenAPI says is nobody's to compare.
        raise NotUnderstood("One of the documents has something in a place where OpenAPI has another kind of value.") from None
    except RecursionError:
        raise NotUnderstood("One of the documents is nested too deeply to be compared.") from None


def _checked(document: Any, which: str) -> Part:
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise NotUnderstood(f'The {which} document is no OpenAPI 3 document; it has no member "openapi" such as "3.1.0".')
    return document


class _Documents:
    """Compares two documents, each with the references inside it."""

    def __init__(self, before: Part, after: Part) -> None:
        self._before = before
        self._after = after
        self._old = Reader(before, "old")
        self._new = Reader(after, "new")
        self._schemas = SchemaChanges(self._old, self._new)

    def changes(self) -> Iterator[Change]:
        before, after, at = self._before, self._after, Place()
        paths, now = before.get("paths", {}), after.get("paths", {})
        yield from _gone_and_new(paths, now, at / "paths", "path")
        for path in paths.keys() & now.keys():
            yield from self._path(self._old.resolved(paths[path]), self._new.resolved(now[path]), at / "paths" / path)
        schemas, later = (one.get("components", {}).get("schemas", {}) for one in (before, after))
        for name in schemas.keys() - later.keys():
            yield Change(
                "dangerous", str(at / "components" / "schemas" / name), f"The schema {name} is gone, and with it a generated type."
            )
        yield from scheme_changes(before, after)
        if before.get("servers") != after.get("servers"):
            yield Change("dangerous", "/servers", "The servers have changed; a client that took its address from here asks elsewhere.")

    def _path(self, before: Part, after: Part, at: Place) -> Iterator[Change]:
        old = {method: before[method] for method in _METHODS if method in before}
        new = {method: after[method] for method in _METHODS if method in after}
        yield from _gone_and_new(old, new, at, "method")
        for method in old.keys() & new.keys():
            here = at / method
            shared = before.get("parameters", ()), after.get("parameters", ())
            yield from self._parameters(
                [*shared[0], *old[method].get("parameters", ())], [*shared[1], *new[method].get("parameters", ())], here
            )
            yield from self._body(old[method].get("requestBody"), new[method].get("requestBody"), here / "requestBody")
            yield from self._answers(old[method].get("responses", {}), new[method].get("responses", {}), here / "responses")
            yield from security_changes(_security(old[method], self._before), _security(new[method], self._after), here / "security")
            yield from _operation_words(old[method], new[method], here)

    def _parameters(self, before: list[Part], after: list[Part], at: Place) -> Iterator[Change]:
        old = {(one["in"], one["name"]): one for one in map(self._old.resolved, before)}
        new = {(one["in"], one["name"]): one for one in map(self._new.resolved, after)}
        for where, name in [*old, *(key for key in new if key not in old)]:
            here, key = at / "parameters" / f"{where}.{name}", (where, name)
            if key not in new:
                # A header field that is not read any more is passed over; a parameter of the query would be refused.
                effect: Effect = "dangerous" if where in ("header", "cookie") else "breaking"
                yield Change(effect, str(here), f"The {where} parameter {name} is gone.")
                continue
            needed = bool(new[key].get("required"))
            if key not in old:
                yield Change(
                    "breaking" if needed else "safe", str(here), f"The {where} parameter {name} is new{' and required' if needed else ''}."
                )
                continue
            if needed and not old[key].get("required"):
                yield Change("breaking", str(here), f"The {where} parameter {name} is required now.")
            if old[key].get("required") and not needed:
                yield Change("safe", str(here), f"The {where} parameter {name} may be left out now.")
            if new[key].get("deprecated") and not old[key].get("deprecated"):
                yield Change("safe", str(here), f"The {where} parameter {name} is deprecated now.")
            for word in ("style", "explode", "allowReserved"):
                if old[key].get(word) != new[key].get(word):
                    yield Change(
                        "breaking", str(here / word), f"The {where} parameter {name} is written in another way now: {word} has changed."
                    )
            yield from self._schemas.of(old[key].get("schema", {}), new[key].get("schema", {}), here / "schema", "request")
            yield from self._contents(old[key].get("content", {}), new[key].get("content", {}), here / "content", "request")

    def _body(self, before: Part | None, after: Part | None, at: Place) -> Iterator[Change]:
        if before is None or after is None:
            if after is not None:
                needed = self._new.resolved(after).get("required")
                yield Change(
                    "breaking" if needed else "safe", str(at), f"The request has content now{', which must be there' if needed else ''}."
                )
            elif before is not None:
                yield Change("breaking", str(at), "The request has no content any more.")
            return
        old, new = self._old.resolved(before), self._new.resolved(after)
        if bool(old.get("required")) != bool(new.get("required")):
            needed = bool(new.get("required"))
            yield Change("breaking" if needed else "safe", str(at), f"The content {'must be there' if needed else 'may be left out'} now.")
        yield from self._contents(old.get("content", {}), new.get("content", {}), at / "content", "request")

    def _answers(self, before: Part, after: Part, at: Place) -> Iterator[Change]:
        for status in [*before, *(one for one in after if one not in before)]:
            here = at / status
            if status not in after:
                effect: Effect = "breaking" if status.startswith("2") else "safe"
                yield Change(effect, str(here), f"{status} is not answered any more.")
            elif status not in before:
                yield Change("dangerous", str(here), f"{status} may be answered now.")
            else:
                old, new = self._old.resolved(before[status]), self._new.resolved(after[status])
                yield from self._contents(old.get("content", {}), new.get("content", {}), here / "content", "answer")
                yield from self._fields(old.get("headers", {}), new.get("headers", {}), here / "headers")

    def _contents(self, before: Part, after: Part, at: Place, way: Way) -> Iterator[Change]:
        yield from _gone_and_new(before, after, at, "media type")
        for media in before.keys() & after.keys():
            yield from self._schemas.of(before[media].get("schema", {}), after[media].get("schema", {}), at / media / "schema", way)

    def _fields(self, before: Part, after: Part, at: Place) -> Iterator[Change]:
        yield from _gone_and_new(before, after, at, "header field")
        for name in before.keys() & after.keys():
            old, new = self._old.resolved(before[name]), self._new.resolved(after[name])
            if old.get("required") and not new.get("required"):
                yield Change("breaking", str(at / name), f"The header field {name} may be left out now, in answers.")
            yield from self._schemas.of(old.get("schema", {}), new.get("schema", {}), at / name / "schema", "answer")


def _gone_and_new(before: Part, after: Part, at: Place, word: str) -> Iterator[Change]:
    for name in before.keys() - after.keys():
        yield Change("breaking", str(at / name), f"The {word} {name} is gone.")
    for name in after.keys() - before.keys():
        yield Change("safe", str(at / name), f"The {word} {name} is new.")


def _operation_words(before: Part, after: Part, at: Place) -> Iterator[Change]:
    names = before.get("operationId"), after.get("operationId")
    if names[0] != names[1]:
        told = f"The operation is called {json.dumps(names[1])} now, and was {json.dumps(names[0])}; generated clients use that name."
        yield Change("dangerous", str(at / "operationId"), told)
    if after.get("deprecated") and not before.get("deprecated"):
        yield Change("safe", str(at), "The operation is deprecated now.")


def _security(operation: Part, document: Part) -> Any:
    return operation.get("security", document.get("security", ()))
