"""The audit suite of the npm package graphql-http, against a real server."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
import uvicorn

from diptych.graphql import GraphqlDoor
from diptych.resource.shape import ResourceShape
from diptych.service.execute import Service

SUITES = Path(__file__).parents[1] / "npm"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


@pytest.fixture
async def address(service: Service, schema: strawberry.Schema, shapes: tuple[ResourceShape, ...]) -> AsyncIterator[str]:
    door: Any = GraphqlDoor(service, schema, shapes, page=lambda scope: b"the playground")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(door, lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        server.should_exit = True
        await running


@pytest.mark.node
async def test_all_audits_pass(address: str) -> None:
    assert shutil.which("node"), "node runs the audits"
    assert (SUITES / "node_modules").is_dir(), "`make test` installs the suites"
    node = await asyncio.create_subprocess_exec(
        "node", SUITES / "graphql_http_audits.mjs", address, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, errors = await node.communicate()
    assert node.returncode == 0, errors.decode()
    audits = [json.loads(line) for line in told.splitlines()]
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61
