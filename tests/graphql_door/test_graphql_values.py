"""A field of every kind: what goes in, what comes out, and who refuses what. Contract, section 2."""

from typing import Any

import pytest

from tests.graphql_door.client import Client

MEMBERS = "name color shades serial price ratio active token seen day clock span blob notes rank born parentId"
TOLD = f"""{{ __typename ... on GadgetWritten {{ outcome version gadget {{ id {MEMBERS} }} }}
    ... on Invalid {{ violations {{ pointer code }} }} ... on Problem {{ code }} }}"""
CREATE = f"mutation ($input: CreateGadgetInput!) {{ createGadget(input: $input) {TOLD} }}"
REPLACE = f"mutation ($id: ID!, $input: ReplaceGadgetInput!) {{ replaceGadget(id: $id, input: $input) {TOLD} }}"
PATCH = f"mutation ($id: ID!, $patch: PatchGadgetInput!) {{ patchGadget(id: $id, patch: $patch) {TOLD} }}"
JSON_PATCH = f"mutation ($id: ID!, $operations: [JsonPatchOperation!]!) {{ jsonPatchGadget(id: $id, operations: $operations) {TOLD} }}"

DEFAULTS: dict[str, Any] = {
    "name": "g",
    "color": "RED",
    "shades": [],
    "serial": 0,
    "price": "1.50",
    "ratio": 0.5,
    "active": True,
    "token": None,
    "seen": None,
    "day": None,
    "clock": None,
    "span": None,
    "blob": None,
    "notes": None,
    "rank": 7,
    "born": "2024-05-01T12:30:00Z",
    "parentId": None,
}


@pytest.fixture
async def gadget(gadgets: Client) -> str:
    made = await gadgets.one(CREATE, {"input": {"name": "g"}})
    key: str = made["gadget"]["id"]
    return key


async def test_defaults(gadgets: Client) -> None:
    made = await gadgets.one(CREATE, {"input": {"name": "g"}})
    assert made["gadget"] == {"id": "1", **DEFAULTS}
    literal = await gadgets.one(f'mutation {{ createGadget(input: {{name: "g"}}) {TOLD} }}')
    assert literal["gadget"] == {"id": "2", **DEFAULTS}


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("color", "DARK_BLUE", "DARK_BLUE"),
        ("shades", ["DARK_BLUE", "RED"], ["DARK_BLUE", "RED"]),
        ("shades", "RED", ["RED"]),
        ("serial", 2**53 - 1, 2**53 - 1),
        ("serial", 3.0, 3),
        ("price", "20.5", "20.50"),
        ("ratio", 2, 2.0),
        ("active", False, False),
        ("token", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
        ("seen", "2024-05-01T12:30:00+02:00", "2024-05-01T10:30:00Z"),
        ("day", "2024-05-01", "2024-05-01"),
        ("clock", "12:30:00", "12:30:00"),
        ("span", "PT90M", "PT1H30M"),
        ("blob", "AAECAw==", "AAECAw=="),
        ("notes", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
        ("notes", [1], [1]),
        ("notes", "text", "text"),
        ("parentId", "1", "1"),
        ("parentId", 1, "1"),
        ("born", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
    ],
)
async def test_values(gadgets: Client, gadget: str, field: str, given: Any, expected: Any) -> None:
    said = await gadgets.one(PATCH, {"id": gadget, "patch": {field: given}})
    assert said["gadget"] == {"id": gadget, **DEFAULTS, field: expected}
    again = await gadgets.one(f"query ($id: ID!) {{ gadget(id: $id) {{ {field} }} }}", {"id": gadget})
    assert again == {field: expected}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("serial", 2**53),
        ("serial", -(2**53)),
        ("serial", 10**300),
        ("serial", "7"),
        ("serial", True),
        ("serial", 1.5),
        ("serial", [1]),
        ("serial", {"a": 1}),
        ("price", 1.5),
        ("price", "1.505"),
        ("price", "NaN"),
        ("price", "12345678.00"),
        ("token", "no"),
        ("token", 1),
        ("seen", "2024-05-01T12:30:00"),
        ("seen", "yesterday"),
        ("seen", 1714566600),
        ("seen", ["2024-05-01T12:30:00Z"]),
        ("day", "2024-02-30"),
        ("clock", "25:00"),
        ("span", "an hour"),
        ("span", 3600),
        ("blob", "AAE"),
        ("blob", "%%%%"),
        ("parentId", "x"),
        ("serial", None),
        ("color", None),
        ("shades", None),
        ("born", None),
    ],
)
async def test_values_that_the_service_refuses(gadgets: Client, gadget: str, field: str, given: Any) -> None:
    """A bad value of a scalar of ours is data, told as REST tells it."""
    said = await gadgets.one(PATCH, {"id": gadget, "patch": {field: given}})
    assert said["__typename"] == "Invalid"
    assert {violation["pointer"] for violation in said["violations"]} == {f"/{field}"}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("color", "red"),
        ("color", "GREEN"),
        ("color", 1),
        ("shades", ["RED", "green"]),
        ("shades", [None]),
        ("ratio", "1"),
        ("active", 1),
        ("name", 1),
        ("parentId", True),
        ("rank", 7),
        ("version", 1),
    ],
)
async def test_values_that_the_schema_refuses(gadgets: Client, gadget: str, field: str, given: Any) -> None:
    answer = await gadgets.post(PATCH, {"id": gadget, "patch": {field: given}})
    assert (answer.status_code, answer.json().keys()) == (400, {"errors"})


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("9007199254740991", 2**53 - 1),
        ("-5", -5),
        ("9007199254740992", None),
        ("1.5", None),
        ('"7"', None),
        ("true", None),
        ("ENUM", None),
        ("[1]", None),
        ("{a: 1}", None),
        ("1" + "0" * 399, None),
    ],
)
async def test_literals_of_a_big_integer(gadgets: Client, gadget: str, literal: str, expected: Any) -> None:
    said = await gadgets.one(f"mutation {{ patchGadget(id: {gadget}, patch: {{serial: {literal}}}) {TOLD} }}")
    if expected is None:
        assert [violation["pointer"] for violation in said["violations"]] == ["/serial"]
    else:
        assert said["gadget"]["serial"] == expected


@pytest.mark.parametrize(
    ("literal", "variables", "expected"),
    [
        pytest.param("{a: $x, b: [$x]}", {"x": [1]}, {"a": [1], "b": [[1]]}, id="given"),
        pytest.param("{a: $x, b: [$x]}", {"x": None}, {"a": None, "b": [None]}, id="null"),
        pytest.param("{a: $x, b: [1, $x], c: [{d: $x}]}", {}, {"b": [1, None], "c": [{}]}, id="not-given"),
    ],
)
async def test_variables_inside_a_json_literal(gadgets: Client, gadget: str, literal: str, variables: Any, expected: Any) -> None:
    """A variable that was not given is an absent member of an object, and null in a list."""
    replace = f'mutation ($x: JSON) {{ replaceGadget(id: {gadget}, input: {{name: "g", notes: {literal}}}) {TOLD} }}'
    # Twice, since a document that comes again may be run from a plan.
    for outcome in ("REPLACED", "UNCHANGED"):
        said = await gadgets.one(replace, variables)
        assert (said["outcome"], said["gadget"]["notes"]) == (outcome, expected)


@pytest.mark.parametrize(
    ("there", "cleared"),
    [
        ({"parentId": 1}, {"parentId": None}),
        ({"token": "123e4567-e89b-12d3-a456-426614174000", "notes": {"a": 1}}, {"token": None, "notes": None, "color": "RED"}),
    ],
)
async def test_null_clears(gadgets: Client, gadget: str, there: Any, cleared: Any) -> None:
    """Also beside values that the door translates."""
    for change, effect in ((there, "PATCHED"), (cleared, "PATCHED"), (cleared, "UNCHANGED")):
        assert (await gadgets.one(PATCH, {"id": gadget, "patch": change}))["outcome"] == effect
    assert await gadgets.one(f"{{ gadget(id: {gadget}) {{ {MEMBERS} }} }}") == DEFAULTS


async def test_json_patch_speaks_as_rest_does(gadgets: Client, gadget: str) -> None:
    """Its working document is REST's: enums by value, references as numbers."""
    operations = [
        {"op": "test", "path": "/color", "value": "red"},
        {"op": "replace", "path": "/color", "value": "dark-blue"},
        {"op": "add", "path": "/shades/-", "value": "red"},
        {"op": "replace", "path": "/parentId", "value": int(gadget)},
    ]
    said = await gadgets.one(JSON_PATCH, {"id": gadget, "operations": operations})
    assert said["gadget"] == {"id": gadget, **DEFAULTS, "color": "DARK_BLUE", "shades": ["RED"], "parentId": gadget}


async def test_what_is_hidden_is_written_and_never_told(gadgets: Client, gadget: str) -> None:
    guess = await gadgets.one(PATCH, {"id": gadget, "patch": {"secret": "none"}})
    assert guess["outcome"] == "PATCHED", "no guess is confirmed"
    replaced = await gadgets.one(REPLACE, {"id": gadget, "input": {"name": "g"}})
    assert replaced["outcome"] == "UNCHANGED", "left out, it stays as it is, and is no change"
    answer = await gadgets.post(f"{{ gadget(id: {gadget}) {{ secret }} }}")
    assert answer.status_code == 400


async def test_what_is_made_anew_stays_in_a_replace(gadgets: Client, gadget: str) -> None:
    await gadgets.one(PATCH, {"id": gadget, "patch": {"born": "2030-01-01T00:00:00Z", "serial": 5}})
    said = await gadgets.one(REPLACE, {"id": gadget, "input": {"name": "g"}})
    assert (said["gadget"]["born"], said["gadget"]["serial"]) == ("2030-01-01T00:00:00Z", 0)
