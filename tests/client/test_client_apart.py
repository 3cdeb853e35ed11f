"""What the client has to do with the server: its names and its codes, and none of its libraries."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import diptych.client
from diptych.client import ClientError, Refused
from diptych.client.json_names import GraphqlNames, camel_case, names_from, screaming_snake_case
from diptych.client.known import Known
from diptych.client.refusals import Told
from diptych.client.telling import refusal_of
from diptych.resource import naming
from diptych.semantics.problems import PROBLEMS

PACKAGE = Path(diptych.client.__file__).parents[1]
SERVER = ("fastapi", "starlette", "strawberry", "graphql", "sqlalchemy", "sqlmodel", "uvicorn", "asyncpg", "typer")

# The package's own `__init__` exports the assembly; the client is imported as it would be without that.
IMPORT = textwrap.dedent(
    """
    import importlib, sys, types
    package = sys.modules["diptych"] = types.ModuleType("diptych")
    package.__path__ = [sys.argv[1]]
    for name in sys.argv[2:]:
        importlib.import_module(name)
    print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
    """
)


def loaded_by(*modules: str) -> set[str]:
    command = [sys.executable, "-c", IMPORT, str(PACKAGE), *modules]
    return set(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split())


def test_the_client_imports_nothing_of_the_server() -> None:
    every = [f"diptych.client.{path.stem}" for path in (PACKAGE / "client").glob("[!_]*.py")]
    assert len(every) > 20
    assert loaded_by("diptych.client", *every) & set(SERVER) == set()


def test_what_the_server_imports_is_noticed() -> None:
    """The test above can fail."""
    assert loaded_by("diptych.app.bridge") >= set(SERVER) - {"asyncpg", "typer", "uvicorn"}


FACTS = {
    "key": 1,
    "currentVersion": 3,
    "current": None,
    "requires": "If-Match",
    "violations": [{"pointer": "/a", "code": "type", "message": "Must be text."}],
    "fields": ["a"],
    "resource": "User",
    "index": 0,
    "pointer": "/a",
    "requestId": "r",
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_has_an_exception_of_its_name(code: str) -> None:
    kind = PROBLEMS[code]
    facts = {name: FACTS[name] for name in kind.facts}

    def no_row(document: object) -> Known[object]:
        raise AssertionError(document)

    refusal = refusal_of(Told(code, kind.title, kind.status, "So.", facts), known=no_row)
    assert type(refusal).__name__ == "".join(part.capitalize() for part in code.split("_"))
    assert type(refusal).__name__ in diptych.client.__all__
    assert isinstance(refusal, Refused)
    assert isinstance(refusal, ClientError)
    assert (refusal.code, refusal.status, refusal.facts) == (code, kind.status, facts)


@pytest.mark.parametrize("name", ["User", "StockItem", "HTTPServerLog", "Person", "Category", "user_note", "X", "A1Thing", "Box"])
def test_names_are_the_servers(name: str) -> None:
    derived = naming.names_of(name)
    assert names_from(name, derived.path) == GraphqlNames(derived.type, derived.singular, derived.plural)


@pytest.mark.parametrize("attribute", ["owner_id", "metadata_", "a", "a_b_c", "x1_y2", "ownerId", "aB_cD"])
def test_spellings_are_the_servers(attribute: str) -> None:
    assert camel_case(attribute) == naming.camel_case(attribute)
    assert screaming_snake_case(camel_case(attribute)) == naming.screaming_snake_case(naming.camel_case(attribute))


@pytest.mark.parametrize("name", ["", "a b", "1a", "a-b"])
def test_a_name_that_graphql_does_not_have(name: str) -> None:
    with pytest.raises(ValueError, match="is no name in GraphQL"):
        GraphqlNames("User", "user", name)
