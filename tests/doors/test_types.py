"""Every type of column and key: one spelling through both doors and on both databases, and the refusals of each."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from diptych import Bridge
from tests.doors.door import Answer, Door, Graphql, Rest, Subject
from tests.doors.specimens import ACCOUNT, BLANK, METER, PARCEL, RESOURCES, SHELF, SPECIMEN, TICKET, WHOLE_SPECIMEN


@pytest.fixture
async def bridge(database_url: str) -> AsyncIterator[Bridge]:
    bridge = Bridge(database_url, RESOURCES)
    await bridge.open()
    yield bridge
    await bridge.close()


async def test_what_one_door_writes_the_other_spells_alike(door: Door, other: Door) -> None:
    made = await door.create(SPECIMEN, WHOLE_SPECIMEN)
    assert made.row == {"id": made.key, **WHOLE_SPECIMEN, "version": 1}
    assert list(made.row) == ["id", *WHOLE_SPECIMEN, "version"]
    for reader in (door, other):
        read = await reader.fetch(SPECIMEN, made.key)
        assert read.row == made.row
        assert _types(read.row) == _types(made.row)
        assert (await reader.list(SPECIMEN)).rows == (made.row,)


async def test_put_of_what_get_gave_is_unchanged_however_often(rest: Rest, graphql: Graphql) -> None:
    made = await graphql.create(SPECIMEN, WHOLE_SPECIMEN)
    got = await rest.fetch(SPECIMEN, made.key)
    for _ in range(3):
        put = await rest.replace(SPECIMEN, made.key, got.row)
        assert (put.row, put.version) == (got.row, 1)
        twin = await graphql.replace(SPECIMEN, made.key, {name: (got.row or {})[name] for name in WHOLE_SPECIMEN})
        assert (twin.effect, twin.row) == ("unchanged", got.row)
        patched = await graphql.json_patch(
            SPECIMEN, made.key, [{"op": "test", "path": f"/{name}", "value": value} for name, value in WHOLE_SPECIMEN.items()]
        )
        assert (patched.effect, patched.version) == ("unchanged", 1)


async def test_three_puts_one_tag(rest: Rest, graphql: Graphql) -> None:
    made = await rest.create(SPECIMEN, WHOLE_SPECIMEN)
    changed = {**WHOLE_SPECIMEN, "price": "2.25", "moment": "2025-01-01T00:00:00Z", "notes": {"n": 1e22}, "ratio": 3.0}
    tags = set()
    for door in (rest, graphql, rest):
        answer = await door.replace(SPECIMEN, made.key, changed)
        assert answer.version == 2
        tags.add(answer.version)
    response = await rest.client.get(f"{SPECIMEN.path}/{made.key}")
    assert response.headers["etag"] == '"2"'
    assert tags == {2}


# One value, several ways to write it, and the one that comes back.
SPELLINGS = [
    ("text", "a\r\n\tb", "a\r\n\tb"),
    ("text", "\u0301\u202e", "\u0301\u202e"),
    ("whole", -(2**31), -(2**31)),
    ("whole", 2**31 - 1, 2**31 - 1),
    ("whole", 3.0, 3),
    ("big", -(2**53) + 1, -(2**53) + 1),
    ("big", 4.0, 4),
    ("ratio", 1, 1.0),
    ("ratio", 1e22, 1e22),
    ("ratio", 5e-324, 5e-324),
    ("ratio", 1.7976931348623157e308, 1.7976931348623157e308),
    ("ratio", -0.0, 0.0),
    ("flag", False, False),
    ("price", "1.5", "1.50"),
    ("price", "-0", "0.00"),
    ("price", "123456789012345678.99", "123456789012345678.99"),
    ("price", "0.10", "0.10"),
    ("moment", "2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05Z"),
    ("moment", "2024-01-02T03:04:05.120Z", "2024-01-02T03:04:05.120000Z"),
    ("moment", "2024-01-02T03:04:05.0-00:30", "2024-01-02T03:34:05Z"),
    ("moment", "1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
    ("day", "0001-01-01", "0001-01-01"),
    ("day", "9999-12-31", "9999-12-31"),
    ("clock", "00:00:00", "00:00:00"),
    ("clock", "12:30:00.000001", "12:30:00.000001"),
    ("span", "PT90M", "PT1H30M"),
    ("span", "P1W", "P7D"),
    ("span", "-PT0.5S", "-PT0.5S"),
    ("span", "PT0S", "PT0S"),
    ("colour", "red", "red"),
    ("level", 1, 1),
    ("labels", [], []),
    ("colours", ["dark-blue"], ["dark-blue"]),
    ("counts", [1.0, 2], [1, 2]),
    ("notes", {}, {}),
    ("notes", {"b": 1, "aa": 2, "c": {"z": 1, "y": None}}, {"b": 1, "aa": 2, "c": {"z": 1, "y": None}}),
    ("notes", {"n": 2**70, "f": 1e22, "g": 0.1, "h": 1e-7}, {"n": 2**70, "f": 10**22, "g": 0.1, "h": 1e-7}),
    ("address", {"zip": 1.0, "city": "Bonn"}, {"city": "Bonn", "zip": 1, "streets": []}),
    ("blob", "", ""),
    ("blob", "/+8=", "/+8="),
]


async def test_one_spelling_of_each_value(door: Door, other: Door, subtests: pytest.Subtests) -> None:
    made = await door.create(SPECIMEN, WHOLE_SPECIMEN)
    for name, given, spelled in SPELLINGS:
        with subtests.test(msg=f"{name}: {given!r}"):
            # A replace, since a patch of an object would merge.
            answer = await door.replace(SPECIMEN, made.key, {**WHOLE_SPECIMEN, name: given})
            assert answer.row is not None, answer
            assert json.dumps(answer.row[name], sort_keys=True) == json.dumps(spelled, sort_keys=True)
            # The order of an object's members is the database's affair, but one state has one order.
            assert json.dumps((await other.fetch(SPECIMEN, made.key)).row) == json.dumps(answer.row)
            # The canonical spelling, sent back, changes nothing.
            again = await other.replace(SPECIMEN, made.key, {**WHOLE_SPECIMEN, name: answer.row[name]})
            assert again.row == answer.row


async def test_what_is_the_same_as_json_is_unchanged(door: Door, other: Door) -> None:
    """`1` equals `1.0` and not `true`; the order of members is nothing, that of items is something."""
    made = await door.create(SPECIMEN, {**WHOLE_SPECIMEN, "notes": {"a": 1, "b": [1, 0], "c": {}}})
    steps: list[tuple[Any, int]] = [
        ({"c": {}, "b": [1.0, 0], "a": 1.0}, 1),
        ({"a": True, "b": [1, 0], "c": {}}, 2),
        ({"a": 1, "b": [1, 0], "c": {}}, 3),
        ({"a": 1, "b": [0, 1], "c": {}}, 4),
        ({"a": 1, "b": [False, 1], "c": {}}, 5),
        ({"a": 1, "b": [False, 1], "c": {"d": None}}, 6),
        ({"a": 1, "b": [False, 1], "c": {}}, 7),
    ]
    # With the version named and without, since the two go different ways to the database.
    for names_version in (True, False):
        at = 1
        for notes, version in steps:
            for again in (door, other):
                answer = await again.replace(SPECIMEN, made.key, {**WHOLE_SPECIMEN, "notes": notes}, version=at if names_version else None)
                assert answer.version == version
                at = version
        made = await door.create(SPECIMEN, {**WHOLE_SPECIMEN, "notes": {"a": 1, "b": [1, 0], "c": {}}})
    for notes, _ in steps:
        await door.replace(SPECIMEN, made.key, {**WHOLE_SPECIMEN, "notes": notes})
        tested = await door.json_patch(SPECIMEN, made.key, [{"op": "test", "path": "/notes/a", "value": notes["a"] is not True}])
        assert tested.code == "patch_conflict"


# A value that a field must refuse, and the codes that may tell why. Where GraphQL's own types refuse it first, that is a
# request error there.
REFUSALS: list[tuple[str, Any, str]] = [
    ("text", 1, "type"),
    ("text", None, "null"),
    ("text", "", "too_short"),
    ("text", "x" * 41, "too_long"),
    ("text", "a\x00b", "not_allowed"),
    ("whole", True, "type"),
    ("whole", "1", "type"),
    ("whole", 1.5, "type"),
    ("whole", 2**31, "too_large"),
    ("whole", -(2**31) - 1, "too_small"),
    ("big", 2**53, "too_large"),
    ("big", -(2**53), "too_small"),
    ("big", True, "type"),
    ("big", "1", "type"),
    ("big", 0.5, "type"),
    ("ratio", True, "type"),
    ("ratio", "0.5", "type"),
    ("flag", 1, "type"),
    ("flag", "true", "type"),
    ("price", 1.5, "type"),
    ("price", True, "type"),
    ("price", "1.505", "format"),
    ("price", "NaN", "format"),
    ("price", "Infinity", "format"),
    ("price", "1e2", "format"),
    ("price", " 1", "format"),
    ("price", "1234567890123456789.00", "too_large"),
    ("moment", "2024-01-02T03:04:05", "format"),
    ("moment", 1700000000, "type"),
    ("moment", "1700000000", "format"),
    ("moment", "2024-02-30T00:00:00Z", "format"),
    ("moment", "0001-01-01T00:00:00+01:00", "format"),
    ("day", "2024-02-30", "format"),
    ("day", "0", "format"),
    ("day", "2024-01-02T00:00:00Z", "format"),
    ("day", 0, "type"),
    ("clock", "12:00:00Z", "format"),
    ("clock", "24:00:00", "format"),
    ("clock", 3, "type"),
    ("span", 3600, "type"),
    ("span", "01:00:00", "format"),
    ("span", "P1M", "format"),
    ("token", "123E4567-E89B-12D3-A456-42661417400", "format"),
    ("token", 5, "type"),
    ("colour", "Red", "not_allowed"),
    ("colour", "green", "not_allowed"),
    ("level", True, "not_allowed"),
    ("level", 5, "not_allowed"),
    ("labels", "a", "type"),
    ("labels", [1], "type"),
    ("labels", [None], "null"),
    ("labels", {}, "type"),
    ("counts", [True], "type"),
    ("notes", [], "type"),
    ("notes", "x", "type"),
    ("address", {"city": "Ulm"}, "required"),
    ("address", {"city": "Ulm", "zip": "1"}, "type"),
    ("address", {"city": "Ulm", "zip": True}, "type"),
    ("address", {"city": "Ulm", "zip": 1, "planet": "Earth"}, "unknown"),
    ("address", {"city": "Ulm", "zip": 1, "streets": [{"name": "A", "number": 1, "x": 1}]}, "unknown"),
    ("blob", "AAE", "format"),
    ("blob", "AAE*", "format"),
    ("blob", "AAEC/x==", "format"),
    ("blob", 1, "type"),
]
# Types that GraphQL itself checks, or coerces: an item becomes a list of one.
OWN_TO_GRAPHQL = {"text", "whole", "ratio", "flag", "colour", "level", "labels", "counts", "colours"}


async def test_refusals_by_type(rest: Rest, graphql: Graphql, subtests: pytest.Subtests) -> None:
    made = await rest.create(SPECIMEN, WHOLE_SPECIMEN)
    for name, given, code in REFUSALS:
        document = {**WHOLE_SPECIMEN, name: given}
        with subtests.test(msg=f"{name}: {given!r}"):
            through_rest = await rest.replace(SPECIMEN, made.key, document)
            codes = _codes(through_rest)
            assert [one_code for _, one_code in codes] == [code], codes
            assert all(pointer == f"/{name}" or pointer.startswith(f"/{name}/") for pointer, _ in codes)
            through_graphql = await graphql.replace(SPECIMEN, made.key, document)
            if name in OWN_TO_GRAPHQL and code not in ("too_short", "too_long", "not_allowed"):
                if (name, given) != ("labels", "a"):
                    assert through_graphql.code == "request_error", through_graphql
                else:
                    assert (through_graphql.row or {})["labels"] == ["a"]
                    assert (await rest.replace(SPECIMEN, made.key, WHOLE_SPECIMEN)).accepted
            elif name in ("colour", "level") or given is None:
                assert through_graphql.code == "request_error"
            else:
                assert through_graphql == through_rest
            current = (await rest.fetch(SPECIMEN, made.key)).row or {}
            assert {**current, "version": 1} == made.row


async def test_every_type_may_be_null_where_it_is_declared_so(door: Door, other: Door) -> None:
    empty = dict.fromkeys(WHOLE_SPECIMEN)
    made = await door.create(BLANK, {})
    assert made.row == {"id": made.key, **empty, "version": 1}
    filled = await other.replace(BLANK, made.key, WHOLE_SPECIMEN)
    assert filled.row == {"id": made.key, **WHOLE_SPECIMEN, "version": 2}
    assert (await door.fetch(BLANK, made.key)).row == filled.row
    cleared = await door.merge_patch(BLANK, made.key, empty)
    assert cleared.row == {"id": made.key, **empty, "version": 3}
    assert (await other.fetch(BLANK, made.key)).row == cleared.row
    unchanged = await other.replace(BLANK, made.key, {})
    assert unchanged.version == 3


async def test_minted_fields_are_made_once(door: Door, other: Door) -> None:
    made = await door.create(ACCOUNT, {"name": "a"})
    assert made.row is not None
    assert made.row["bornAt"].endswith("Z")
    kept = await door.replace(ACCOUNT, made.key, {"name": "b"})
    assert kept.row == {**made.row, "name": "b", "version": 2}
    for _ in range(3):
        assert (await other.replace(ACCOUNT, made.key, {"name": "b"})).row == kept.row
    given = await other.replace(ACCOUNT, made.key, {"name": "b", "bornAt": "2020-01-01T00:00:00Z"})
    assert given.row == {**(kept.row or {}), "bornAt": "2020-01-01T00:00:00Z", "version": 3}
    another = await door.create(ACCOUNT, {"name": "a"})
    assert (another.row or {})["serial"] != made.row["serial"]


async def test_read_only_fields_are_taken_with_their_current_value_alone(rest: Rest, graphql: Graphql) -> None:
    made = await rest.create(ACCOUNT, {"name": "a"})
    assert (made.row or {})["plan"] == "free"
    assert _codes(await rest.create(ACCOUNT, {"name": "a", "plan": "free"})) == {("/plan", "not_allowed")}
    assert _codes(await rest.replace(ACCOUNT, made.key, {"name": "a", "plan": "gold"})) == {("/plan", "not_allowed")}
    assert (await rest.replace(ACCOUNT, made.key, made.row)).row == made.row
    assert (await rest.merge_patch(ACCOUNT, made.key, {"plan": "free"})).row == made.row
    assert (await graphql.create(ACCOUNT, {"name": "a", "plan": "free"})).code == "request_error"
    for door in (rest, graphql):
        tested = await door.json_patch(ACCOUNT, made.key, [{"op": "test", "path": "/plan", "value": "free"}])
        assert tested.row == made.row
        changed = await door.json_patch(ACCOUNT, made.key, [{"op": "replace", "path": "/plan", "value": "gold"}])
        assert _codes(changed) == {("/plan", "not_allowed")}
        removed = await door.json_patch(ACCOUNT, made.key, [{"op": "remove", "path": "/plan"}])
        assert removed.row == made.row


async def test_hidden_fields_are_written_and_never_read(door: Door, other: Door) -> None:
    made = await door.create(ACCOUNT, {"name": "a", "secret": "hunter2"})
    assert made.row is not None
    assert "secret" not in made.row
    answers: list[Answer] = [made]
    # No guess is confirmed: a write that carries it is a change, whatever it carries.
    for version, guess in enumerate(("hunter2", "wrong"), 2):
        answers.append(await other.merge_patch(ACCOUNT, made.key, {"secret": guess}))
        assert answers[-1].version == version
    answers.append(await door.replace(ACCOUNT, made.key, {"name": "b"}))
    answers.append(await door.json_patch(ACCOUNT, made.key, [{"op": "add", "path": "/secret", "value": "again"}]))
    assert answers[-1].version == 5
    for operation in (
        {"op": "test", "path": "/secret", "value": "again"},
        {"op": "remove", "path": "/secret"},
        {"op": "copy", "from": "/secret", "path": "/name"},
        {"op": "move", "from": "/secret", "path": "/name"},
        {"op": "copy", "from": "/name", "path": "/secret"},
        {"op": "add", "path": "/secret/x", "value": 1},
    ):
        refused = await door.json_patch(ACCOUNT, made.key, [operation])
        assert (refused.code, refused.facts["index"]) == ("patch_invalid", 0), operation
        answers.append(refused)
    answers.append(await door.replace(ACCOUNT, made.key, {"name": "c"}, version=1))
    answers.append(await other.fetch(ACCOUNT, made.key))
    for answer in answers:
        assert answer.response is not None
        for secret in ("hunter2", "wrong", "again"):
            assert secret not in answer.response.text
    row = answers[-1].row
    assert row is not None
    assert (row["name"], row["version"]) == ("b", 5)


UUIDS = ["123e4567-e89b-12d3-a456-426614174000", "0" * 8 + "-0000-0000-0000-" + "0" * 12, "f" * 8 + "-ffff-ffff-ffff-" + "f" * 12]

KEYS = [
    pytest.param(
        PARCEL, "weight", UUIDS, ["123E4567-E89B-12D3-A456-426614174000", "123e4567e89b12d3a456426614174000", "x", "1"], id="uuid"
    ),
    pytest.param(SHELF, "room", ["a", "A/b c", "ü?#%2F", "日本", " ", '"', "0", "01", "a" * 200], [], id="text"),
    pytest.param(METER, "reading", [0, -1, 7, 2**31 - 1, -(2**31)], ["07", "+7", "7.0", "2147483648", "-0", "١", "1e3", "x"], id="integer"),
]


@pytest.mark.parametrize(("subject", "field", "keys", "none"), KEYS)
async def test_keys_that_clients_choose(subject: Subject, field: str, keys: list[Any], none: list[str], door: Door, other: Door) -> None:
    for number, key in enumerate(keys):
        made = await (door.create(subject, {"id": key, field: number}) if number % 2 else door.replace(subject, key, {field: number}))
        assert made.row == {"id": key, field: number, "version": 1}
        assert (await other.fetch(subject, key)).row == made.row
        assert (await other.merge_patch(subject, key, {field: 100})).version == 2
        assert (await door.delete(subject, key, version=2)).code == "deleted"
        assert (await other.replace(subject, key, {field: number})).row == {"id": key, field: number, "version": 3}
        if isinstance(door, Rest):
            response = await door.client.post(subject.path, json={"id": key})
            assert (response.status_code, response.json()["key"]) == (409, key)
    for key in none:
        for reader in (door, other):
            missing = await reader.fetch(subject, key)
            assert (missing.code, missing.facts) == ("not_found", {"key": key})
            assert (await reader.delete(subject, key)).facts == {"key": key}
            assert (await reader.replace(subject, key, {field: 1})).code == "invalid"
    listed = [row["id"] for row in (await door.list(subject, first=100)).rows]
    assert listed == sorted(keys)
    assert (await other.list(subject, first=100)).rows == (await door.list(subject, first=100)).rows


async def test_a_location_leads_to_a_key_of_any_text(rest: Rest) -> None:
    for key in ("a", "A/b c", "ü?#%2F", "日本", " ", "a%20b"):
        made = await rest.create(SHELF, {"id": key})
        assert made.response is not None
        found = await rest.client.get(made.response.headers["location"])
        assert found.json() == made.row


async def test_keys_that_no_url_can_address_are_invalid(rest: Rest, graphql: Graphql) -> None:
    for key in (".", "..", ""):
        for door in (rest, graphql):
            assert {pointer for pointer, _ in _codes(await door.create(SHELF, {"id": key}))} == {"/id"}


async def test_keys_that_the_server_makes_of_uuids(door: Door, other: Door) -> None:
    parcel = UUIDS[0]
    assert (await door.create(PARCEL, {"id": parcel})).accepted
    made = await door.create(TICKET, {"seat": 1, "parcelId": parcel})
    assert made.row == {"id": made.key, "seat": 1, "parcelId": parcel, "version": 1}
    assert len(str(made.key)) == 36
    assert (await other.fetch(TICKET, made.key)).row == made.row
    another = await other.create(TICKET, {"seat": 1})
    assert another.key != made.key
    assert (await door.replace(TICKET, UUIDS[1], {"seat": 1})).code == "not_found"
    refused = await other.delete(PARCEL, parcel)
    assert (refused.code, refused.facts) == ("reference_conflict", {"resource": "Ticket", "fields": ["parcelId"]})
    orphan = await other.create(TICKET, {"parcelId": UUIDS[2]})
    assert (orphan.code, orphan.facts) == ("reference_conflict", {"resource": "Ticket", "fields": ["parcelId"]})
    assert (await door.delete(TICKET, made.key)).code == "deleted"
    assert (await door.delete(PARCEL, parcel)).code == "deleted"


def _codes(answer: Answer) -> set[tuple[str, str]]:
    assert answer.code == "invalid", answer
    return {(one["pointer"], one["code"]) for one in answer.facts["violations"]}


def _types(value: Any) -> Any:
    """The types of all values within a value, for Python's `==` holds `True == 1`."""
    if isinstance(value, dict):
        return {name: _types(one) for name, one in value.items()}
    return [_types(one) for one in value] if isinstance(value, list) else type(value)
