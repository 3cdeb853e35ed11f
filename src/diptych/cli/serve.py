"""`diptych serve`: a bridge behind uvicorn, in one process or several."""

import asyncio
import os
import socket
import sys
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape

from diptych.app.bridge import Bridge
from diptych.cli.saying import fail
from diptych.cli.targets import Target, find_bridge
from diptych.service.ports import StoreError
from diptych.store.errors import DatabaseUrlError, TableMismatch

# How the target reaches the workers, which import it anew in processes of their own.
_TARGET = "DIPTYCH_TARGET"
_CHOSEN_DATABASE = "DIPTYCH_DATABASE"

# Seconds that requests under way may take after Ctrl-C.
_PATIENCE = 30
# Seconds for which one thread may keep the interpreter while another waits for it.
_TURN = 0.0005


def serve(
    target: Target = None,
    host: Annotated[str, typer.Option(envvar="DIPTYCH_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="DIPTYCH_PORT", min=1, max=65535, help="Port to listen on.")] = 8000,
    database: Annotated[
        str | None,
        typer.Option(
            envvar=_CHOSEN_DATABASE,
            help="Database URL in place of the bridge's own, sqlite:///… or postgresql://…; the demo's is sqlite:///diptych-demo.db.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(envvar="DIPTYCH_WORKERS", min=1, help="Server processes.")] = 1,
) -> None:
    """Serve a bridge. Ctrl-C stops cleanly: requests under way are answered."""
    bridge = find_bridge(target, database)
    _refuse_a_port_in_use(host, port)
    asyncio.run(_open_once(bridge))
    os.environ[_TARGET] = target or ""
    if database is not None:
        os.environ[_CHOSEN_DATABASE] = database
    _say_where(bridge, host, port)
    _take_turns()
    uvicorn.run(
        # Workers are processes of their own and make the application anew.
        "diptych.cli.serve:application" if workers > 1 else bridge.app(),
        factory=workers > 1,
        host=host,
        port=port,
        workers=workers,
        loop="auto",
        http="auto",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )


def application() -> FastAPI:
    """Make the application in a worker process; called by the server."""
    _take_turns()
    return find_bridge(os.environ.get(_TARGET) or None, os.environ.get(_CHOSEN_DATABASE)).app()


def _take_turns() -> None:
    """Let the threads of SQLite have their turn soon: by default they would wait 5 ms for it, which is longer than a commit takes."""
    sys.setswitchinterval(_TURN)


async def _open_once(bridge: Bridge) -> None:
    """Create or check the tables before any worker starts, so that what is wrong with them is said once and in words."""
    try:
        await bridge.open()
    except (TableMismatch, DatabaseUrlError, StoreError) as error:
        fail(str(error))
    finally:
        await bridge.close()


def _say_where(bridge: Bridge, host: str, port: int) -> None:
    console = Console(highlight=False)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    base = f"http://{shown}:{port}"
    console.print(f"[bold]{escape(bridge.title)}[/bold]")
    for what, path in (
        ("index", "/"),
        ("GraphQL", bridge.graphql),
        ("REST", bridge.api + "/" + bridge.resources[0].names.path),
        ("reference", "/docs"),
    ):
        console.print(f"  {what:<10} {base}{path}", soft_wrap=True)
    console.print("Ctrl-C stops.", style="dim")


def _refuse_a_port_in_use(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --host or --port.")
