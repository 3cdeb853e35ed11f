"""The command line: serve, schema, openapi."""

import asyncio
import difflib
import importlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape

from diptych.app.bridge import Bridge
from diptych.resource.declaration import DeclarationError
from diptych.service.ports import StoreError
from diptych.store.errors import DatabaseUrlError, TableMismatch

app = typer.Typer(
    help="One declaration, two doors: serve SQLModel resources as REST and GraphQL, with every write guarded by a version.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_errors = Console(stderr=True, highlight=False)

# How the target reaches the workers, which import it anew in processes of their own.
_TARGET = "DIPTYCH_TARGET"
_CHOSEN_DATABASE = "DIPTYCH_DATABASE"

# Seconds that requests under way may take after Ctrl-C.
_PATIENCE = 30
# Seconds for which one thread may keep the interpreter while another waits for it.
_TURN = 0.0005

Target = Annotated[
    str | None, typer.Argument(metavar="[MODULE:BRIDGE]", help="Where a Bridge is, such as shop:bridge. The demo if left out.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of printing.")]
Check = Annotated[Path | None, typer.Option("--check", help="Compare with this file; exit 1 and show the difference when it drifts.")]


@app.command()
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
    bridge = _bridge(target, database)
    _refuse_a_port_in_use(host, port)
    asyncio.run(_open_once(bridge))
    os.environ[_TARGET] = target or ""
    if database is not None:
        os.environ[_CHOSEN_DATABASE] = database
    _say_where(bridge, host, port)
    _take_turns()
    uvicorn.run(
        # Workers are processes of their own and make the application anew.
        "diptych.cli:application" if workers > 1 else bridge.app(),
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


@app.command()
def schema(target: Target = None, output: Output = None, check: Check = None) -> None:
    """Print the GraphQL schema, write it to a file, or check a file against it."""
    _deliver(_bridge(target, None).sdl(), output, check)


@app.command()
def openapi(target: Target = None, output: Output = None, check: Check = None) -> None:
    """Print the OpenAPI 3.1 document, write it to a file, or check a file against it."""
    _deliver(json.dumps(_bridge(target, None).openapi(), indent=2, ensure_ascii=False), output, check)


def application() -> FastAPI:
    """Make the application in a worker process; called by the server."""
    _take_turns()
    return _bridge(os.environ.get(_TARGET) or None, os.environ.get(_CHOSEN_DATABASE)).app()


def _take_turns() -> None:
    """Let the threads of SQLite have their turn soon: by default they would wait 5 ms for it, which is longer than a commit takes."""
    sys.setswitchinterval(_TURN)


async def _open_once(bridge: Bridge) -> None:
    """Create or check the tables before any worker starts, so that what is wrong with them is said once and in words."""
    try:
        await bridge.open()
    except (TableMismatch, DatabaseUrlError, StoreError) as error:
        _fail(str(error))
    finally:
        await bridge.close()


def _bridge(target: str | None, database: str | None) -> Bridge:
    try:
        if target is None:
            # Only where it is wanted: its tables would stand beside a user's own in SQLModel's metadata.
            from diptych.demo import DATABASE, demo_bridge

            return demo_bridge(database or DATABASE)
        bridge = _imported(target)
        return bridge if database is None else bridge.at(database)
    except (DeclarationError, DatabaseUrlError) as error:
        _fail(str(error))


def _imported(target: str) -> Bridge:
    """Import what MODULE:BRIDGE names, from the current folder as well."""
    module_name, _, name = target.partition(":")
    if not module_name or not name:
        _fail(f"{target!r} is not of the form MODULE:BRIDGE, such as shop:bridge.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name == error.name or module_name.startswith(error.name + ".")):
            raise
        _fail(f"There is no module {module_name!r} here or among the installed packages (current folder: {os.getcwd()}).")
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            _fail(f"{module_name!r} has no {name!r}.")
        found = getattr(found, part)
    if not isinstance(found, Bridge):
        hint = " To serve a FastAPI application, run it with uvicorn." if isinstance(found, FastAPI) else ""
        _fail(f"{target!r} is a {type(found).__name__}, not a Bridge.{hint}")
    return found


def _deliver(text: str, output: Path | None, check: Path | None) -> None:
    text = text.rstrip("\n") + "\n"
    if check is not None:
        try:
            kept = check.read_text(encoding="utf-8")
        except OSError as error:
            _fail(f"{check} cannot be read: {error.strerror}.")
        if kept != text:
            sys.stdout.writelines(difflib.unified_diff(kept.splitlines(True), text.splitlines(True), str(check), "as declared"))
            _fail(f"{check} has drifted from the declaration; write it again with --output {check}.")
        return
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"{output} cannot be written: {error.strerror}.")


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
            _fail(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --host or --port.")


def _fail(message: str) -> NoReturn:
    # Escaped, since rich takes the brackets of "Annotated[str, …]" for a style of its own.
    _errors.print(f"[red]error:[/red] {escape(message)}", soft_wrap=True)
    raise typer.Exit(1)
