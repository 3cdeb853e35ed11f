"""The contract of the demo in memory, small enough to be read next to the contract's text; it shares nothing with the library.

It takes the commands of both doors and says what must come back. What the contract leaves open (titles, details, messages,
the number the server gives a row) is not predicted.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import jsonpatch
import jsonpointer

JSON: TypeAlias = Any
Key: TypeAlias = int | str
Violations: TypeAlias = frozenset[tuple[str, str]]

LAST = 2**31 - 1


class _MISSING:
    """Stands for a default that is not there."""


@dataclass(frozen=True)
class Text:
    """`shortest` and `longest` in characters."""

    shortest: int = 0
    longest: int = 10**6
    default: JSON = _MISSING
    nullable: bool = False


@dataclass(frozen=True)
class Whole:
    smallest: int
    largest: int = 2**31 - 1
    default: JSON = _MISSING
    nullable: bool = False


@dataclass(frozen=True)
class Texts:
    default: JSON = _MISSING
    nullable: bool = False


@dataclass(frozen=True)
class Object:
    default: JSON = _MISSING
    nullable: bool = False


@dataclass(frozen=True)
class Reference:
    """To a user; an integer on REST, text in GraphQL."""

    default: JSON = None
    nullable: bool = True


Spec: TypeAlias = Text | Whole | Texts | Object | Reference


def has_default(spec: Spec) -> bool:
    return spec.default is not _MISSING


@dataclass(frozen=True)
class Rules:
    """One resource of the demo, contract section 3."""

    name: str
    fields: Mapping[str, Spec]
    unique: str | None = None
    client_keyed: bool = False
    versions_required: bool = False


USERS = Rules(
    "User",
    {"name": Text(1, 200), "email": Text(3, 320), "role": Text(default="user"), "bio": Text(default=None, nullable=True)},
    unique="email",
)
DOCUMENTS = Rules(
    "Document",
    {
        "title": Text(1, 200),
        "content": Text(default=""),
        "tags": Texts(default=[]),
        "metadata": Object(default={}),
        "ownerId": Reference(),
    },
    client_keyed=True,
)
STOCK = Rules(
    "StockItem",
    {"sku": Text(1, 64), "name": Text(1, 200), "quantity": Whole(0), "location": Text(default=None, nullable=True)},
    unique="sku",
    versions_required=True,
)


@dataclass(frozen=True)
class Conditions:
    """What stands outside the document. A set names versions, "*" any state that is there; None is no header at all.

    GraphQL's argument is `if_match` with one version, or `if_none_match` "*" for 0.
    """

    if_match: frozenset[int] | Literal["*"] | None = None
    if_none_match: frozenset[int] | Literal["*"] | None = None

    def hold(self, version: int) -> bool:
        """Section 5: a version of 0 is the state in which nothing is there."""
        if self.if_match == "*" and version == 0:
            return False
        if isinstance(self.if_match, frozenset) and (version == 0 or version not in self.if_match):
            return False
        if self.if_none_match == "*":
            return version == 0
        return not (isinstance(self.if_none_match, frozenset) and version != 0 and version in self.if_none_match)

    @property
    def protect(self) -> bool:
        return self.if_match is not None or self.if_none_match == "*"


NO_CONDITIONS = Conditions()


@dataclass(frozen=True)
class Expected:
    """What must come back. `row` lacks the key where the server is about to choose it; `facts` has only what the contract fixes."""

    code: str
    status: int | None = None
    row: Mapping[str, JSON] | None = None
    facts: Mapping[str, JSON] = field(default_factory=dict)
    violations: Violations | None = None


@dataclass
class State:
    version: int
    values: dict[str, JSON]


@dataclass
class Model:
    """Every row of the demo, and the last version that each client's key ever had."""

    rows: dict[str, dict[Key, State]] = field(default_factory=lambda: {"User": {}, "Document": {}, "StockItem": {}})
    ledger: dict[Key, int] = field(default_factory=dict)
    ever: dict[str, set[Key]] = field(default_factory=lambda: {"User": set(), "Document": set(), "StockItem": set()})

    # What both doors can ask.

    def create(self, rules: Rules, document: JSON, conditions: Conditions = NO_CONDITIONS, *, at: Key | None = None) -> Expected:
        """A create; `at` is the key that the server then gave, for the row to be remembered under."""
        if not conditions.hold(0):
            return self._mismatch(rules, None, 412)
        if not isinstance(document, dict):
            return _invalid({("", "type")})
        found: set[tuple[str, str]] = set()
        key = document.get("id", _MISSING)
        if rules.client_keyed:
            if key is _MISSING:
                found.add(("/id", "required"))
            elif (wrong := _wrong_key(key)) is not None:
                found.add(("/id", wrong))
        elif key is not _MISSING:
            found.add(("/id", "not_allowed"))
        stated = document.get("version", _MISSING)
        if stated is not _MISSING and not _is_whole(stated):
            found.add(("/version", "type"))
        elif stated is not _MISSING and stated != 0:
            return self._mismatch(rules, None, 409)
        values = _completed(rules, document, found)
        if found:
            return _invalid(found)
        if rules.client_keyed and key in self.rows["Document"]:
            taken = self.rows["Document"][key]
            status = 412 if conditions.if_none_match == "*" else 409
            return Expected("already_exists", status, facts={"key": key, "currentVersion": taken.version})
        return self._born(rules, key if rules.client_keyed else at, values)

    def replace(self, rules: Rules, key: Key, document: JSON, conditions: Conditions = NO_CONDITIONS) -> Expected:
        state = self.rows[rules.name].get(key)
        if (refusal := self._before(rules, key, state, document, conditions, upsert=rules.client_keyed)) is not None:
            return refusal
        if not isinstance(document, dict):
            return _invalid({("", "type")})
        found: set[tuple[str, str]] = set()
        if (refusal := self._stated(rules, state, document, conditions, found)) is not None:
            return refusal
        if state is None and (wrong := _wrong_key(key)) is not None:
            found.add(("/id", wrong))
        elif "id" in document and not same(document["id"], key):
            found.add(("/id", "not_allowed"))
        values = _completed(rules, document, found)
        if found:
            return _invalid(found)
        return self._born(rules, key, values) if state is None else self._step(rules, key, state, values)

    def merge_patch(self, rules: Rules, key: Key, patch: JSON, conditions: Conditions = NO_CONDITIONS) -> Expected:
        state = self.rows[rules.name].get(key)
        if (refusal := self._before(rules, key, state, patch, conditions, upsert=False)) is not None:
            return refusal
        assert state is not None
        if not isinstance(patch, dict):
            return _invalid({("", "type")})
        found: set[tuple[str, str]] = set()
        if (refusal := self._stated(rules, state, patch, conditions, found)) is not None:
            return refusal
        if "id" in patch and not same(patch["id"], key):
            found.add(("/id", "not_allowed"))
        values = deepcopy(state.values)
        for name, value in patch.items():
            if name in ("id", "version"):
                continue
            if name not in rules.fields:
                found.add((f"/{name}", "unknown"))
                continue
            # RFC 7396 section 2: an object merges into what is there; anything else takes its place.
            values[name] = merged(values[name], value)
            found |= _wrong(rules.fields[name], values[name], f"/{name}")
        return _invalid(found) if found else self._step(rules, key, state, values)

    def json_patch(self, rules: Rules, key: Key, operations: JSON, conditions: Conditions = NO_CONDITIONS) -> Expected:
        state = self.rows[rules.name].get(key)
        if (refusal := self._before(rules, key, state, operations, conditions, upsert=False)) is not None:
            return refusal
        assert state is not None
        if not isinstance(operations, list):
            return _invalid({("", "type")})
        working: JSON = self.representation(rules, key)
        for index, operation in enumerate(operations):
            try:
                working = jsonpatch.apply_patch(deepcopy(working), [operation])
            except jsonpatch.JsonPatchTestFailed:
                return Expected("patch_conflict", 409, facts={"index": index, "pointer": operation["path"]})
            except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
                return Expected("patch_invalid", 422, facts={"index": index})
        if not isinstance(working, dict):
            return _invalid({("", "type")})
        found = {
            (f"/{name}", "not_allowed")
            for name, current in (("id", key), ("version", state.version))
            if name in working and not same(working[name], current)
        }
        values = _completed(rules, working, found)
        return _invalid(found) if found else self._step(rules, key, state, values)

    def delete(self, rules: Rules, key: Key, conditions: Conditions = NO_CONDITIONS) -> Expected:
        state = self.rows[rules.name].get(key)
        if (refusal := self._before(rules, key, state, None, conditions, upsert=False)) is not None:
            return refusal
        if rules is USERS and any(row.values["ownerId"] == key for row in self.rows["Document"].values()):
            return Expected("reference_conflict", 409, facts={"resource": "Document", "fields": ["ownerId"]})
        del self.rows[rules.name][key]
        return Expected("deleted")

    def fetch(self, rules: Rules, key: Key) -> Expected:
        if key not in self.rows[rules.name]:
            return Expected("not_found", 404, facts={"key": key})
        return Expected("found", row=self.representation(rules, key))

    def page(
        self, rules: Rules, size: int, *, end: Literal["first", "last"], after: Key | None, before: Key | None
    ) -> tuple[list[Mapping[str, JSON]], bool, bool]:
        """A page and whether there is a next and a previous one. Section 4: ordered by key, both ends exclusive."""
        keys = sorted(self.rows[rules.name])
        inside = [key for key in keys if (after is None or key > after) and (before is None or key < before)]  # type: ignore[operator]
        shown = inside[:size] if end == "first" else inside[-size:]
        low, high = (shown[0], shown[-1]) if shown else (None, None)
        if low is None:
            # An empty page has its place between the two cursors.
            following = any(before is not None and key >= before for key in keys)  # type: ignore[operator]
            preceding = any(after is not None and key <= after for key in keys)  # type: ignore[operator]
            return [], following, preceding
        return (
            [self.representation(rules, key) for key in shown],
            any(key > high for key in keys),  # type: ignore[operator]
            any(key < low for key in keys),  # type: ignore[operator]
        )

    def representation(self, rules: Rules, key: Key) -> dict[str, JSON]:
        state = self.rows[rules.name][key]
        return {"id": key, **deepcopy(state.values), "version": state.version}

    # Section 5, in its order.

    def _before(
        self, rules: Rules, key: Key, state: State | None, content: JSON, conditions: Conditions, *, upsert: bool
    ) -> Expected | None:
        if state is None and not upsert:
            return Expected("not_found", 404, facts={"key": key})
        if not conditions.hold(0 if state is None else state.version):
            return self._mismatch(rules, None if state is None else key, 412)
        stated = isinstance(content, dict) and "version" in content
        if rules.versions_required and not conditions.protect and not stated:
            return Expected("precondition_required", 428)
        return None

    def _stated(
        self, rules: Rules, state: State | None, document: Mapping[str, JSON], conditions: Conditions, found: set[tuple[str, str]]
    ) -> Expected | None:
        """Judge the `version` among the members."""
        if "version" not in document:
            return None
        stated = document["version"]
        if not _is_whole(stated):
            found.add(("/version", "type"))
            return None
        if isinstance(conditions.if_match, frozenset) and stated not in conditions.if_match:
            found.add(("/version", "not_allowed"))
            return None
        current = 0 if state is None else state.version
        if stated != current:
            key = None if state is None else next(key for key, row in self.rows[rules.name].items() if row is state)
            return self._mismatch(rules, key, 409)
        return None

    def _mismatch(self, rules: Rules, key: Key | None, status: int) -> Expected:
        current = None if key is None else self.representation(rules, key)
        return Expected(
            "version_mismatch", status, facts={"currentVersion": 0 if current is None else current["version"], "current": current}
        )

    # What happens to a row.

    def _born(self, rules: Rules, key: Key | None, values: dict[str, JSON]) -> Expected:
        if (refusal := self._conflict(rules, None, values)) is not None:
            return refusal
        version = self.ledger.get(key, 0) + 1 if rules.client_keyed and key is not None else 1
        if version > LAST:
            return Expected("version_exhausted", 409, facts={"key": key})
        if key is None:
            return Expected("created", row={**deepcopy(values), "version": version})
        assert rules.client_keyed or key not in self.ever[rules.name], f"the server gave {key} twice"
        self.rows[rules.name][key] = State(version, values)
        self.ever[rules.name].add(key)
        if rules.client_keyed:
            self.ledger[key] = version
        return Expected("created", row=self.representation(rules, key))

    def _step(self, rules: Rules, key: Key, state: State, values: dict[str, JSON]) -> Expected:
        if same(values, state.values):
            return Expected("written", row=self.representation(rules, key))
        if state.version >= LAST:
            return Expected("version_exhausted", 409, facts={"key": key})
        if (refusal := self._conflict(rules, key, values)) is not None:
            return refusal
        self.rows[rules.name][key] = State(state.version + 1, values)
        if rules.client_keyed:
            self.ledger[key] = state.version + 1
        return Expected("written", row=self.representation(rules, key))

    def _conflict(self, rules: Rules, key: Key | None, values: Mapping[str, JSON]) -> Expected | None:
        """Section 6: several at once are told in the order unique, reference."""
        others = (row.values for other, row in self.rows[rules.name].items() if other != key)
        if rules.unique is not None and any(row[rules.unique] == values[rules.unique] for row in others):
            return Expected("unique_conflict", 409, facts={"fields": [rules.unique]})
        owner = values.get("ownerId")
        if owner is not None and owner not in self.rows["User"]:
            return Expected("reference_conflict", 409, facts={"resource": "Document", "fields": ["ownerId"]})
        return None


def same(one: JSON, other: JSON) -> bool:
    """Equality as JSON: numbers by value, and true is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool) and one == other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, Sequence) and isinstance(other, Sequence) and not isinstance(one, str) and not isinstance(other, str):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def merged(target: JSON, patch: JSON) -> JSON:
    """The algorithm of RFC 7396 section 2, as it stands there."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _completed(rules: Rules, document: Mapping[str, JSON], found: set[tuple[str, str]]) -> dict[str, JSON]:
    """A whole document with its defaults; what is wrong with it goes into `found`."""
    found |= {(f"/{name}", "unknown") for name in document if name not in rules.fields and name not in ("id", "version")}
    values = {}
    for name, spec in rules.fields.items():
        value = document.get(name, deepcopy(spec.default))
        if value is _MISSING:
            found.add((f"/{name}", "required"))
            continue
        found |= _wrong(spec, value, f"/{name}")
        values[name] = int(value) if isinstance(spec, Whole) and _is_whole(value) else value
    return values


def _wrong(spec: Spec, value: JSON, at: str) -> set[tuple[str, str]]:
    if value is None:
        return set() if spec.nullable else {(at, "null")}
    match spec:
        case Text():
            return _wrong_text(value, at, spec)
        case Whole():
            if not _is_whole(value):
                return {(at, "type")}
            return {(at, "too_small")} if value < spec.smallest else {(at, "too_large")} if value > spec.largest else set()
        case Texts():
            if not isinstance(value, list):
                return {(at, "type")}
            wrong: set[tuple[str, str]] = set()
            for index, one in enumerate(value):
                wrong |= {(f"{at}/{index}", "null")} if one is None else _wrong_text(one, f"{at}/{index}", Text())
            return wrong
        case Object():
            return set() if isinstance(value, dict) else {(at, "type")}
        case Reference():
            return set() if _is_whole(value) else {(at, "type")}


def _wrong_text(value: JSON, at: str, spec: Text) -> set[tuple[str, str]]:
    if not isinstance(value, str):
        return {(at, "type")}
    return {(at, "too_short")} if len(value) < spec.shortest else {(at, "too_long")} if len(value) > spec.longest else set()


def _wrong_key(key: JSON) -> str | None:
    """What is wrong with a document's key: 1 to 64 of `A-Z a-z 0-9 . _ -`, and not a path segment that means something."""
    if not isinstance(key, str):
        return "null" if key is None else "type"
    if not key:
        return "too_short"
    if len(key) > 64:
        return "too_long"
    plain = all(one.isascii() and (one.isalnum() or one in "._-") for one in key)
    if plain:
        return "not_allowed" if key in (".", "..") else None
    return "pattern"


def _is_whole(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def _invalid(found: set[tuple[str, str]]) -> Expected:
    return Expected("invalid", 400, violations=frozenset(found))
