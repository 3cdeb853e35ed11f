"""`diptych explain` and `diptych diff`, as they are run."""

import json
from pathlib import Path

import pytest

from tests.proofs.command import Done, run

ROOT = Path(__file__).parents[2]
SHOP = """
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned


class Thing(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = ""


bridge = Bridge("sqlite:///things.db", [Resource(Thing)], api="/v1")
"""


def diptych(*words: str, folder: Path, given: str = "") -> Done:
    return run(*words, folder=folder, given=given, NO_COLOR="1", TERM="dumb", COLUMNS="200")


def test_an_operation_given_in_each_way(tmp_path: Path) -> None:
    """As an argument, as a file, and on standard input."""
    text = "mutation Gone($id: ID!) { deleteUser(id: $id, version: 2) { __typename } }"
    (tmp_path / "gone.graphql").write_text(text)
    variables = ["--variables", '{"id": "7"}', "--operation", "Gone"]
    told = [
        diptych("explain", text, *variables, folder=tmp_path),
        diptych("explain", "gone.graphql", *variables, folder=tmp_path),
        diptych("explain", *variables, folder=tmp_path, given=text),
        diptych("explain", "-", *variables, folder=tmp_path, given=text),
    ]
    for one in told:
        assert (one.returncode, one.stderr) == (0, "")
        assert one.stdout == '# deleteUser: delete of User\nDELETE /api/users/7\nIf-Match: "2"\n'
    assert not list(tmp_path.glob("*.db"))


def test_a_request_given_in_each_way(tmp_path: Path) -> None:
    lines = [
        ["explain", "PATCH", "/api/users/1", "-H", 'If-Match: "3"', "-d", '{"bio": null}'],
        ["explain", 'PATCH /api/users/1\nIf-Match: "3"\n\n{"bio": null}'],
        ["explain", """curl -X PATCH http://h/api/users/1 -H 'If-Match: "3"' -H 'Content-Type: application/json' -d '{"bio": null}'"""],
        ["explain", "--", "curl", "-XPATCH", "h/api/users/1", '-HIf-Match: "3"', "-Hcontent-type:application/json", '-d{"bio":null}'],
    ]
    said = {diptych(*line, folder=tmp_path).stdout for line in lines}
    (only,) = said
    assert only.startswith("# merge patch of User\nmutation PatchUser($id: ID!, $version: Int, $patch: PatchUserInput!) {")
    assert json.loads(only.partition("# variables\n")[2]) == {"id": "1", "version": 3, "patch": {"bio": None}}


def test_json_has_code_in_each_language(tmp_path: Path) -> None:
    told = diptych("explain", "{ user(id: 1) { name } }", "--json", "--server", "https://shop.example/", folder=tmp_path)
    (step,) = json.loads(told.stdout)["steps"]
    assert step["request"] == {"method": "GET", "target": "/api/users/1?fields=name", "headers": {}}
    assert set(step["code"]) == {"curl", "fetch", "httpx"}
    assert all("https://shop.example/api/users/1?fields=name" in code for code in step["code"].values())
    told = diptych("explain", "DELETE /api/users/1", "--json", folder=tmp_path)
    explained = json.loads(told.stdout)
    assert explained["operation"]["variables"] == {"id": "1"}
    assert "http://127.0.0.1:8000/graphql" in explained["code"]["curl"]


@pytest.mark.parametrize(
    ("language", "begins"), [("curl", "curl -i "), ("fetch", "const response = await fetch("), ("httpx", "import httpx")]
)
def test_another_language(language: str, begins: str, tmp_path: Path) -> None:
    told = diptych("explain", "{ user(id: 1) { name } }", "--as", language, folder=tmp_path)
    assert told.stdout.splitlines()[1].startswith(begins)


def test_a_bridge_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    told = diptych("explain", "shop:bridge", 'mutation { deleteThing(id: "1", version: 1) { __typename } }', folder=tmp_path)
    assert told.stdout.splitlines()[1] == "DELETE /v1/things/1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["{ nope }"], "Cannot query field 'nope'", id="unknown-field"),
        pytest.param(["nope.graphql"], "nope.graphql is neither an operation nor a file", id="no-file"),
        pytest.param(["a", "b"], "put the operation or the curl line in quotes", id="several"),
        pytest.param(["{ users { totalCount } }", "--variables", "["], "must be a JSON object", id="no-json"),
        pytest.param(["{ users { totalCount } }", "--variables", "[]"], "must be a JSON object", id="no-object"),
        pytest.param([""], "neither an operation nor a file", id="empty"),
        pytest.param(["nope:bridge", "{ users { totalCount } }"], "There is no module 'nope'", id="no-bridge"),
        pytest.param([], "Nothing was given", id="nothing"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], said: str, tmp_path: Path) -> None:
    told = diptych("explain", *words, folder=tmp_path)
    assert told.returncode != 0
    assert said in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    assert told.stdout == ""


def test_diff_ends_with_1_where_something_breaks(tmp_path: Path) -> None:
    schema = (ROOT / "schema.graphql").read_text()
    (tmp_path / "new.graphql").write_text(schema.replace("  CREATED\n", "  MADE\n", 1))
    old = str(ROOT / "schema.graphql")
    told = diptych("diff", old, "new.graphql", folder=tmp_path)
    assert told.returncode == 1
    assert told.stdout.splitlines()[0] == "breaking  WriteOutcome.CREATED: Enum value WriteOutcome.CREATED was removed."
    assert told.stdout.splitlines()[-1] == "1 breaking, 1 dangerous"
    assert diptych("diff", old, "new.graphql", "--allow-breaking", folder=tmp_path).returncode == 0
    as_json = diptych("diff", old, "new.graphql", "--json", folder=tmp_path)
    assert as_json.returncode == 1
    explained = json.loads(as_json.stdout)
    assert explained["counts"] == {"breaking": 1, "dangerous": 1, "safe": 0}
    assert {change["effect"] for change in explained["changes"]} == {"breaking", "dangerous"}


def test_diff_of_the_same(tmp_path: Path) -> None:
    for name in ("schema.graphql", "docs/openapi.json"):
        told = diptych("diff", str(ROOT / name), str(ROOT / name), folder=tmp_path)
        assert (told.returncode, told.stdout) == (0, "Nothing has changed that a client could notice.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["a.graphql", "b.json"], "give two GraphQL schemas (.graphql) or two OpenAPI documents (.json)", id="two-kinds"),
        pytest.param(["none.graphql", "none.graphql"], "none.graphql cannot be read: No such file", id="no-file"),
        pytest.param(["wrong.json", "wrong.json"], "wrong.json is no JSON", id="no-json"),
        pytest.param(["raw.graphql", "raw.graphql"], "raw.graphql is not UTF-8 text", id="no-text"),
        pytest.param(["wrong.graphql", "wrong.graphql"], "The old schema is no GraphQL", id="no-schema"),
    ],
)
def test_what_cannot_be_compared(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text("{")
    (tmp_path / "wrong.graphql").write_text("{")
    (tmp_path / "raw.graphql").write_bytes(b"\xff")
    told = diptych("diff", *words, folder=tmp_path)
    assert told.returncode == 1
    assert said in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
