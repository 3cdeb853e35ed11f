"""Who is measured: ours, and what a user would write or take instead. All get the same table and as many database connections."""

import http.client
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .databases import Database
from .postgres import PostgresDatabase
from .processes import Processes, Started, free_port, wait_until

CONNECTIONS: Final = 16
PROJECT: Final = Path(__file__).parents[2]
NODE: Final = Path(__file__).parent / "node"

Command = Callable[[int, int], list[str]]  # of the port and the number of workers


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves the users; `doors` says how it is spoken to."""

    name: str
    doors: Mapping[str, str] = field(hash=False)  # what contestants are called, by the door that the load uses
    command: Command
    node: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and where."""

    server: Server
    started: Started
    port: int
    database: Database
    workers: int
    startup: float  # seconds from the start of the process to the first good answer

    @property
    def postgres(self) -> PostgresDatabase | None:
        return self.database if isinstance(self.database, PostgresDatabase) else None


def _diptych(port: int, workers: int) -> list[str]:
    program = str(Path(sys.executable).parent / "diptych")
    # None of the others writes a line for each request either.
    quietly = ["--log", "off"]
    return [program, "serve", f"{__package__}.servers.ours:bridge", "--port", str(port), "--workers", str(workers), *quietly]


def _uvicorn(module: str) -> Command:
    def command(port: int, workers: int) -> list[str]:
        served = [sys.executable, "-m", "uvicorn", f"{__package__}.servers.{module}:app", "--port", str(port), "--workers", str(workers)]
        return [*served, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]

    return command


def _node(script: str) -> Command:
    def command(port: int, workers: int) -> list[str]:
        return [str(node_program()), str(NODE / script)]

    return command


def node_program() -> Path:
    """The Node.js that came from npm with the servers: PostGraphile needs a newer one than many machines have."""
    found = sorted((NODE / "node_modules").glob("node-linux-*/bin/node"))
    if not found:
        raise FileNotFoundError("The servers from npm are not installed; `make bench` installs them.")
    return found[0]


OURS: Final = Server("ours", {"rest": "diptych", "graphql": "diptych"}, _diptych)
TUTORIAL: Final = Server("tutorial", {"rest": "(a) FastAPI + SQLModel"}, _uvicorn("tutorial_rest"))
STRAWBERRY: Final = Server("strawberry", {"graphql": "(b) Strawberry + SQLModel"}, _uvicorn("tutorial_graphql"))
BY_HAND: Final = Server("by-hand", {"rest": "(c) FastAPI + asyncpg"}, _uvicorn("by_hand"))
FASTIFY: Final = Server("fastify", {"rest": "(d) fastify + pg", "graphql": "(d) mercurius + pg"}, _node("fastify.js"), node=True)
POSTGRAPHILE: Final = Server("postgraphile", {"postgraphile": "(e) PostGraphile 5"}, _node("postgraphile.js"), node=True)
SQLITE_COMMITS: Final = Server("sqlite-commits", {"rest": "FastAPI + sqlite3, a commit each"}, _uvicorn("sqlite_commits"))

ON_POSTGRES: Final = (OURS, TUTORIAL, STRAWBERRY, BY_HAND, FASTIFY, POSTGRAPHILE)
ON_SQLITE: Final = (OURS, SQLITE_COMMITS)
# PostGraphile is asked in a schema of its own.
SAME_DOOR: Final[Mapping[str, str]] = {"postgraphile": "graphql"}


def serve(processes: Processes, server: Server, database: Database, *, workers: int = 1, beside: int = 0) -> Running:
    """Start a server and wait until it has answered well; raises StartError when it does not."""
    port = free_port()
    started = processes.start(
        server.name,
        server.command(port, workers),
        cwd=PROJECT,
        environment={
            "BENCH_DATABASE": database.url,
            "BENCH_CONNECTIONS": str(max(1, CONNECTIONS // workers)),
            "BENCH_WORKERS": str(workers),
            "BENCH_PORT": str(port),
            "NODE_ENV": "production",
            "BENCH_RESOURCES_BESIDE": str(beside),
        },
    )
    startup = wait_until(lambda: all(_answers(port, door) for door in server.doors), started)
    return Running(server, started, port, database, workers, startup)


def _answers(port: int, door: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        if door == "rest":
            connection.request("GET", "/api/users/1")
            # No row is there yet.
            return connection.getresponse().status in (200, 404)
        body = json.dumps({"query": "{ __typename }"})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json", "Accept": "application/json"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
