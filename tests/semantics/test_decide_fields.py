"""Fields with a part of their own: the key, the version, read-only, hidden and minted ones, and defaults (contract, sections 2 and 4)."""

from collections.abc import Mapping
from typing import Any

import pytest

from diptych.semantics.change import Insert, Update
from diptych.semantics.command import Create, JsonPatch, MergePatch, Replace
from diptych.semantics.decide import Decision, decide_create, decide_json_patch, decide_merge_patch, decide_replace
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import MOST_VIOLATIONS, Effect, Invalid, PatchConflict, PatchInvalid, Written
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import NOTHING, Version

V7 = Version(7)
VALUES = {"title": "now", "rank": 5, "details": {"a": 1, "b": [2]}, "author": "Ann", "secret": "s3", "token": "t1"}
ROW = Row(1, V7, VALUES)
THERE = Facts(ROW, V7)
UNCHANGED = Written(ROW, Effect.UNCHANGED)
MINTED = {"token": "fresh"}


def told(decision: Decision) -> Any:
    return [(v.pointer, v.code) for v in decision.violations] if isinstance(decision, Invalid) else decision


def becomes(**values: JSON) -> tuple[Update]:
    """The change of the row that gives it these values and leaves the others."""
    return (Update(1, V7, {**VALUES, **values}),)


def born(key: int | str | None, **values: JSON) -> tuple[Insert]:
    fresh: dict[str, JSON] = {"title": "t", "rank": None, "details": {}, "author": "nobody", "secret": "", "token": "fresh"}
    return (Insert(key, {**fresh, **values}, NOTHING),)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({"title": "t"}, born(None), id="defaults-and-a-minted-value"),
        pytest.param(
            {"title": "t", "rank": 3.0, "details": {"x": None}}, born(None, rank=3, details={"x": None}), id="values-in-their-spelling"
        ),
        pytest.param({"title": "t", "token": "mine"}, born(None, token="mine"), id="a-value-given-is-not-minted"),
        pytest.param({"title": "t", "secret": "s"}, born(None, secret="s"), id="a-hidden-value"),
        pytest.param({"title": "t", "author": "nobody"}, [("/author", "not_allowed")], id="read-only-even-with-its-default"),
        pytest.param({"title": "t", "id": 1}, [("/id", "not_allowed")], id="a-key-that-the-server-chooses"),
        pytest.param({"title": "t", "id": None}, [("/id", "not_allowed")], id="even-null"),
        pytest.param({"title": "t", "version": 0}, born(None), id="version-zero"),
        pytest.param({"title": "t", "a/b~": 1}, [("/a~1b~0", "unknown")], id="an-unknown-name-in-its-pointer"),
        pytest.param({}, [("/title", "required")], id="nothing-at-all"),
        pytest.param({"title": "None at 0"}, [("", "rejected")], id="validators-see-no-key-and-version-0"),
    ],
)
def test_create(shapes: Mapping[str, Shape], document: JSON, expected: Any) -> None:
    assert told(decide_create(Create(document), shapes["marked"], UNKNOWN_TO_THE_STORE, MINTED)) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({"title": "t"}, born("a"), id="defaults-and-a-minted-value"),
        pytest.param({"title": "t", "id": "a"}, born("a"), id="the-key-again"),
        pytest.param({"title": "t", "id": "A"}, [("/id", "not_allowed")], id="the-key-in-another-spelling"),
        pytest.param({"title": "t", "author": "nobody"}, [("/author", "not_allowed")], id="read-only"),
        pytest.param({"title": "a at 0"}, [("", "rejected")], id="validators-see-the-key"),
    ],
)
def test_birth_by_replace(shapes: Mapping[str, Shape], document: JSON, expected: Any) -> None:
    assert told(decide_replace(Replace("a", document), shapes["client-marked"], UNKNOWN_TO_THE_STORE, MINTED)) == expected


def test_of_very_many_violations_the_first_are_told(shapes: Mapping[str, Shape]) -> None:
    decision = decide_create(Create({f"x{number}": 1 for number in range(5000)}), shapes["marked"], UNKNOWN_TO_THE_STORE, MINTED)
    assert told(decision) == [(f"/x{number}", "unknown") for number in range(MOST_VIOLATIONS)]


def test_validators_of_a_create_see_the_clients_key(shapes: Mapping[str, Shape]) -> None:
    create = Create({"id": "a", "title": "a at 0"})
    assert told(decide_create(create, shapes["client"], UNKNOWN_TO_THE_STORE, {})) == [("", "rejected")]


RESET: dict[str, JSON] = {"rank": None, "details": {}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({"title": "t"}, becomes(title="t", **RESET), id="absent-is-back-at-its-default-unless-kept"),
        pytest.param({"title": "now", "rank": 5, "details": {"b": [2.0], "a": 1}}, UNCHANGED, id="what-is-there-already"),
        pytest.param({"title": "now", "rank": 5.0, "details": VALUES["details"]}, UNCHANGED, id="what-is-there-in-another-spelling"),
        pytest.param(
            {"title": "now", "rank": 5, "details": {"a": True, "b": [2]}}, becomes(details={"a": True, "b": [2]}), id="true-is-not-one"
        ),
        pytest.param({"rank": 5}, [("/title", "required")], id="a-required-field-is-not-merged"),
        pytest.param({"title": "t", "author": "Ann"}, becomes(title="t", **RESET), id="read-only-with-its-current-value"),
        pytest.param({"title": "t", "author": "Bob"}, [("/author", "not_allowed")], id="read-only-with-another-value"),
        pytest.param({"title": "t", "author": None}, [("/author", "not_allowed")], id="read-only-with-null"),
        pytest.param({"title": "t", "secret": "new"}, becomes(title="t", secret="new", **RESET), id="a-hidden-value"),
        pytest.param({**VALUES}, becomes(), id="a-hidden-value-is-never-told-to-be-right"),
        pytest.param({"title": "t", "token": "t2"}, becomes(title="t", token="t2", **RESET), id="a-minted-field-may-be-set"),
        pytest.param({"title": "1 at 7"}, [("", "rejected")], id="validators-see-key-and-version"),
        pytest.param({**VALUES, "secret": "s3", "nonsense": 1}, [("/nonsense", "unknown")], id="an-unknown-field-is-never-dropped"),
    ],
)
def test_replace(shapes: Mapping[str, Shape], document: JSON, expected: Any) -> None:
    # A row that is there needs nothing minted; what is minted all the same is not taken.
    assert told(decide_replace(Replace(1, document), shapes["marked"], THERE, MINTED)) == expected


def test_a_representation_can_be_put_back(shapes: Mapping[str, Shape]) -> None:
    shape = shapes["marked"]
    assert decide_replace(Replace(1, shape.representation(ROW)), shape, THERE, {}) == UNCHANGED


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        pytest.param({}, UNCHANGED, id="nothing-asked"),
        pytest.param({"title": "now"}, UNCHANGED, id="what-is-there-already"),
        pytest.param({"rank": None}, becomes(rank=None), id="null-clears"),
        pytest.param({"title": None}, [("/title", "type")], id="null-where-the-field-cannot-be"),
        pytest.param({"details": None}, [("/details", "null")], id="null-for-a-json-column-that-cannot-be"),
        pytest.param({"details": {"a": None, "c": 3}}, becomes(details={"b": [2], "c": 3}), id="objects-merge"),
        pytest.param({"details": {"b": [None]}}, becomes(details={"a": 1, "b": [None]}), id="arrays-do-not"),
        pytest.param({"author": "Ann", "id": 1, "version": 7}, UNCHANGED, id="what-only-the-server-sets-with-its-value"),
        pytest.param({"author": "Bob", "id": 2}, [("/author", "not_allowed"), ("/id", "not_allowed")], id="and-with-another"),
        pytest.param({"secret": "s3"}, becomes(), id="a-hidden-value-is-never-told-to-be-right"),
        pytest.param({"secret": "new"}, becomes(secret="new"), id="a-hidden-value"),
        pytest.param({"title": "1 at 7"}, [("", "rejected")], id="validators-see-key-and-version"),
        pytest.param({"nonsense": None}, [("/nonsense", "unknown")], id="null-for-an-unknown-field"),
    ],
)
def test_merge_patch(shapes: Mapping[str, Shape], patch: JSON, expected: Any) -> None:
    assert told(decide_merge_patch(MergePatch(1, patch), shapes["marked"], THERE)) == expected


def op(name: str, path: str, value: JSON = ...) -> JSON:
    return {"op": name, "path": path} if value is ... else {"op": name, "path": path, "value": value}


def carry(name: str, source: str, path: str) -> JSON:
    return {"op": name, "from": source, "path": path}


SHOWN = {name: value for name, value in VALUES.items() if name != "secret"}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param([], UNCHANGED, id="no-operations"),
        pytest.param([op("test", "", {"id": 1, **SHOWN, "version": 7})], UNCHANGED, id="the-document-is-the-representation"),
        pytest.param([op("add", "/details/b/0", 1)], becomes(details={"a": 1, "b": [1, 2]}), id="inside-a-json-column"),
        pytest.param([op("remove", "/rank")], becomes(rank=None), id="a-removed-field-is-back-at-its-default"),
        pytest.param([op("remove", "/token")], UNCHANGED, id="a-removed-field-that-was-minted-stays"),
        pytest.param([op("remove", "/title")], [("/title", "required")], id="a-removed-field-that-is-required"),
        pytest.param(
            [op("remove", "/id"), op("remove", "/version"), op("remove", "/author")], UNCHANGED, id="what-the-server-sets-may-be-gone"
        ),
        pytest.param(
            [op("replace", "/id", 2), op("replace", "/version", 8), op("replace", "/author", "Bob")],
            [("/version", "not_allowed"), ("/id", "not_allowed"), ("/author", "not_allowed")],
            id="what-the-server-sets-may-not-differ",
        ),
        pytest.param([op("replace", "/version", "7")], [("/version", "not_allowed")], id="a-version-in-text-is-told-once"),
        pytest.param([op("add", "/version", None)], [("/version", "not_allowed")], id="a-version-of-null"),
        pytest.param([op("replace", "/version", 7.0), op("replace", "/id", 1.0)], UNCHANGED, id="the-same-numbers"),
        pytest.param(
            [op("add", "/version", 8), op("test", "/version", 7)], PatchConflict(1, "/version"), id="tests-see-the-working-document"
        ),
        pytest.param([op("add", "/nonsense", 1)], [("/nonsense", "unknown")], id="an-unknown-field"),
        pytest.param([op("replace", "", {"title": "t"})], becomes(title="t", **RESET), id="the-whole-is-a-replace"),
        pytest.param([op("replace", "", [])], [("", "type")], id="a-result-that-is-no-object"),
        pytest.param([op("remove", "")], [("", "type")], id="no-result-at-all"),
        pytest.param([op("add", "/secret", "new")], becomes(secret="new"), id="a-hidden-value-added"),
        pytest.param([op("replace", "/secret", "s3")], becomes(), id="a-hidden-value-is-never-told-to-be-right"),
        pytest.param([op("replace", "", {**SHOWN, "secret": "s3"})], becomes(), id="nor-within-the-whole"),
        pytest.param(
            [op("test", "/secret", "s3")], PatchInvalid(0, "/secret", "a hidden member can only be set, by add or replace"), id="no-test"
        ),
        pytest.param(
            [op("replace", "/details", {**SHOWN, "secret": "s3"}), carry("copy", "/details", ""), op("add", "/details", VALUES["details"])],
            PatchInvalid(1, "", "a hidden member can only be set, by add or replace"),
            id="nor-by-a-copy-of-something-that-has-such-a-member",
        ),
        pytest.param([op("replace", "/title", "1 at 7")], [("", "rejected")], id="validators-see-key-and-version"),
    ],
)
def test_json_patch(shapes: Mapping[str, Shape], operations: JSON, expected: Any) -> None:
    assert told(decide_json_patch(JsonPatch(1, operations), shapes["marked"], THERE, 1000)) == expected


def test_a_json_patch_is_bounded(shapes: Mapping[str, Shape]) -> None:
    operations = [op("add", "/details/c", "x" * 1000)]
    too_large = PatchInvalid(0, "/details/c", "the result is larger than 1000 bytes")
    assert decide_json_patch(JsonPatch(1, operations), shapes["marked"], THERE, 1000) == too_large
    assert isinstance(decide_json_patch(JsonPatch(1, operations), shapes["marked"], THERE, 2000), tuple)


def test_at_most_a_thousand_violations_are_told(shapes: Mapping[str, Shape]) -> None:
    """The first thousand, in the order in which they would all be told."""
    unknown = {f"x{number}": None for number in range(1000)}
    told_of = told(decide_merge_patch(MergePatch(1, {**unknown, "title": 1}), shapes["marked"], THERE))
    assert told_of == [(f"/{name}", "unknown") for name in unknown]
    del unknown["x999"]
    told_of = told(decide_merge_patch(MergePatch(1, {**unknown, "title": 1}), shapes["marked"], THERE))
    assert told_of == [*((f"/{name}", "unknown") for name in unknown), ("/title", "type")]


@pytest.mark.parametrize("guess", ["s3", "other"])
def test_of_a_field_both_hidden_and_read_only_nothing_is_told(shapes: Mapping[str, Shape], guess: str) -> None:
    """The right guess and a wrong one have the same answer, whatever carries it."""
    shape, refused = shapes["hidden-read-only"], [("/secret", "not_allowed")]
    assert told(decide_merge_patch(MergePatch(1, {"secret": guess}), shape, THERE)) == refused
    assert told(decide_replace(Replace(1, {"title": "t", "secret": guess}), shape, THERE, {})) == refused
    assert told(decide_json_patch(JsonPatch(1, [op("add", "/secret", guess)]), shape, THERE, 1000)) == refused
    kept = decide_replace(Replace(1, {"title": "t"}), shape, THERE, {})
    assert isinstance(kept, tuple)
    assert isinstance(kept[0], Update)
    assert kept[0].values["secret"] == "s3"
