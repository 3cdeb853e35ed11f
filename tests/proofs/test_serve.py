"""The command line for real: what a person types, what is served, and how it ends."""

import asyncio
import json
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doors.door import USER, Graphql, Rest
from tests.proofs.command import run
from tests.proofs.raw import RawConnection
from tests.proofs.server import Server, serving

SHOP = '''
from sqlmodel import Field
from diptych import Bridge, Resource, Versioned

class Lamp(Versioned, table=True):
    """A lamp."""
    id: int | None = Field(default=None, primary_key=True)
    name: str

bridge = Bridge("sqlite:///lamps.db", [Resource(Lamp, versions="optional")], title="Lamp shop")
app = bridge.app()
nothing = 7
'''


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "unchecked.py").write_text(SHOP.replace("name: str", 'name: str = Field(regex="a")'))
    return tmp_path


async def test_the_demo_keeps_its_rows_between_runs(tmp_path: Path) -> None:
    async with serving(folder=tmp_path) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        first = (await client.get("/api/users")).json()["items"]
        assert len(first) == 2
        made = await client.post("/api/users", json={"name": "Jane", "email": "jane@example.com"})
        assert made.status_code == 201
        assert await all_that_is_said_is_served(server, client)
        server.signal(signal.SIGINT)
        assert server.wait() == 0
        assert "Traceback" not in server.said
    assert (tmp_path / "diptych-demo.db").exists()
    async with serving(folder=tmp_path) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        again = (await client.get("/api/users")).json()["items"]
        assert again == [*first, made.json()]


async def all_that_is_said_is_served(server: Server, client: httpx.AsyncClient) -> bool:
    """Every address that the server printed answers."""
    addresses = [word for word in server.said.split() if word.startswith("http://")]
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith(server.base)
        answer = await client.get(address, headers={"accept": "text/html, application/json;q=0.9"})
        assert answer.status_code == 200, address
    return True


async def test_a_bridge_of_a_module_in_the_current_folder(shop: Path) -> None:
    variables = {"DIPTYCH_DATABASE": f"sqlite:///{shop / 'other.db'}"}
    async with serving("shop:bridge", folder=shop, variables=variables) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        assert (await client.post("/api/lamps", json={"name": "desk"})).status_code == 201
        twin = await client.post("/graphql", json={"query": "{ lamps { edges { node { name version } } } }"})
        assert twin.json() == {"data": {"lamps": {"edges": [{"node": {"name": "desk", "version": 1}}]}}}
        assert "Lamp shop" in server.said
    assert (shop / "other.db").exists()
    assert not (shop / "lamps.db").exists()
    async with serving("shop:bridge", folder=shop) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        assert (await client.get("/api/lamps")).json()["items"] == []
    assert (shop / "lamps.db").exists()


async def test_variables_stand_for_options_and_two_workers_serve_one_database(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = f"sqlite:///{tmp_path / 'variables.db'}"
    variables = {"DIPTYCH_HOST": "127.0.0.1", "DIPTYCH_PORT": str(port), "DIPTYCH_DATABASE": database, "DIPTYCH_WORKERS": "2"}
    server = Server(folder=tmp_path, port=port, variables=variables)
    try:
        await server.ready()
        for number in range(8):
            # A connection each, so that both workers are met.
            async with httpx.AsyncClient(base_url=server.base) as client:
                made = await Graphql(client).create(USER, {"name": "n", "email": f"{number}@x"})
                assert made.accepted
                assert (await Rest(client).fetch(USER, made.key)).row == made.row
        async with httpx.AsyncClient(base_url=server.base) as client:
            assert len((await client.get("/api/users")).json()["items"]) == 10
        server.signal(signal.SIGINT)
        assert server.wait() == 0
        assert "Traceback" not in server.said, server.said
    finally:
        server.close()
    assert (tmp_path / "variables.db").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_requests_under_way_are_answered_before_it_stops(tmp_path: Path, number: signal.Signals) -> None:
    database = f"sqlite:///{tmp_path / 'held.db'}"
    async with serving("--database", database, folder=tmp_path) as (server,):
        async with httpx.AsyncClient(base_url=server.base, timeout=30) as client:
            rest, graphql = Rest(client), Graphql(client)
            jane = (await rest.create(USER, {"name": "Jane", "email": "jane@example.com"})).key
            await graphql.fetch(USER, jane)
            raw = await RawConnection(database).open()
            await raw.begin()
            waiting = [
                asyncio.create_task(rest.merge_patch(USER, jane, {"bio": "under way"})),
                asyncio.create_task(graphql.merge_patch(USER, jane, {"role": "under way"})),
            ]
            await asyncio.sleep(0.5)
            server.signal(number)
            await asyncio.sleep(0.5)
            assert not any(task.done() for task in waiting)
            with pytest.raises(httpx.TransportError):
                await httpx.AsyncClient().get(server.base + "/problems")
            await raw.run("ROLLBACK")
            assert [(await task).code for task in waiting] == ["written", "written"]
            await raw.close()
        assert server.wait() == 0
        assert "Traceback" not in server.said, server.said
    async with serving("--database", database, folder=tmp_path) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        row = (await Rest(client).fetch(USER, jane)).row
        assert row is not None
        assert (row["bio"], row["role"], row["version"]) == ("under way", "under way", 3)


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run("serve", "--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert ended.returncode == 1
    assert "Cannot listen on 127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "diptych-demo.db").exists()


WRONG = [
    (["serve", "shop"], "not of the form MODULE:BRIDGE"),
    (["serve", "nowhere:bridge"], "no module 'nowhere'"),
    (["schema", "shop:door"], "has no 'door'"),
    (["openapi", "shop:nothing"], "is a int, not a Bridge"),
    (["serve", "shop:app"], "run it with uvicorn"),
    (["schema", "[/shop]"], "'[/shop]' is not of the form"),
    (["schema", "unchecked:bridge"], "annotate it as Annotated[str, StringConstraints(pattern=…)]"),
    (["serve", "--database", "mysql://secret@host/db"], "Only SQLite and PostgreSQL"),
    (["schema", "--check", "missing.graphql"], "cannot be read"),
    (["openapi", "--output", "no/such/folder.json"], "cannot be written"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_what_cannot_be_done_is_told_in_words(shop: Path, arguments: list[str], words: str) -> None:
    ended = run(*arguments, folder=shop)
    assert ended.returncode == 1, ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr


def test_a_module_that_lacks_another_says_which(shop: Path) -> None:
    """It is there itself, so its own error is told, and nothing of it hidden."""
    (shop / "lacking.py").write_text("import no_such_module_at_all")
    ended = run("schema", "lacking:bridge", folder=shop, PYTHONPATH=str(shop))
    assert ended.returncode == 1
    assert "lacking.py" in ended.stderr
    assert "No module named 'no_such_module_at_all'" in ended.stderr
    assert "There is no module 'lacking'" not in ended.stderr


async def test_a_table_that_does_not_fit_is_refused_at_start(shop: Path) -> None:
    raw = await RawConnection(f"sqlite:///{shop / 'lamps.db'}").open()
    await raw.run("CREATE TABLE lamp (id INTEGER PRIMARY KEY, version BIGINT NOT NULL, colour TEXT NOT NULL)")
    await raw.close()
    server = Server("shop:bridge", folder=shop)
    try:
        assert server.wait() != 0
        assert "lamp" in server.said
        assert "name" in server.said
        assert "colour" in server.said
        assert "Traceback" not in server.said, server.said
    finally:
        server.close()


@pytest.mark.parametrize("command", ["schema", "openapi"])
def test_schema_and_openapi_print_write_and_check(shop: Path, command: str) -> None:
    printed = run(command, "shop:bridge", folder=shop)
    assert printed.returncode == 0
    if command == "openapi":
        document: Any = json.loads(printed.stdout)
        assert document["openapi"].startswith("3.1")
        assert "/api/lamps" in document["paths"]
    else:
        assert "createLamp(" in printed.stdout
    assert run(command, "shop:bridge", "--output", "kept", folder=shop).stdout == ""
    assert (shop / "kept").read_text() == printed.stdout
    assert run(command, "shop:bridge", "--check", "kept", folder=shop).returncode == 0
    (shop / "shop.py").write_text(SHOP.replace("name: str", "name: str\n    colour: str = 'red'"))
    drifted = run(command, "shop:bridge", "--check", "kept", folder=shop)
    assert drifted.returncode == 1
    assert "colour" in drifted.stdout
    assert "drifted" in drifted.stderr
    assert (shop / "kept").read_text() == printed.stdout, "a check writes nothing"


def test_help_names_the_commands(tmp_path: Path) -> None:
    told = run("--help", folder=tmp_path)
    assert told.returncode == 0
    for command in ("serve", "schema", "openapi"):
        assert command in told.stdout
