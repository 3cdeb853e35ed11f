"""`diptych serve`: a bridge behind uvicorn, in one process or several."""

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any, Final

import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from uvicorn.config import STARTUP_FAILURE

from diptych.app.bridge import Bridge
from diptych.app.health import add_metrics
from diptych.app.settings import Settings
from diptych.cli import options
from diptych.cli.dangers import is_loopback
from diptych.cli.logs import log_form, write_logs
from diptych.cli.options import bridge_of, settings_from, settings_of
from diptych.cli.saying import fail, warn
from diptych.cli.stopping import GracefulStop, Workers, leave_quietly
from diptych.cli.targets import Target
from diptych.cli.telemetry import observe, shared_metrics, where
from diptych.cli.tuning import protocol, tune
from diptych.service.ports import StoreError
from diptych.store.errors import DatabaseUrlError, TableMismatch

# How the command line reaches the workers, which read the environment and the file anew in processes of their own.
_GIVEN: Final = "_DIPTYCH_GIVEN"


def serve(
    context: typer.Context,
    target: Target = None,
    config: options.Config = None,
    host: options.Host = None,
    port: options.Port = None,
    database: options.Database = None,
    replica: options.Replica = None,
    workers: options.Workers = None,
    pages: options.Pages = None,
    allow_anonymous: options.AllowAnonymous = None,
    log: options.Log = None,
    metrics: options.Metrics = None,
    metrics_port: options.MetricsPort = None,
    metrics_host: options.MetricsHost = None,
    tracing: options.Tracing = None,
    busy_seconds: options.BusySeconds = None,
    rate_per_principal: options.RatePerPrincipal = None,
    rate_per_address: options.RatePerAddress = None,
    rate_storage: options.RateStorage = None,
    stop_seconds: options.StopSeconds = None,
    drain_seconds: options.DrainSeconds = None,
) -> None:
    """Serve a bridge. Ctrl-C stops cleanly: requests under way are answered."""
    read = settings_of(context)
    settings, bridge = read.settings, bridge_of(read)
    _refuse_strangers(bridge, settings)
    _refuse_a_port_in_use(settings.host, settings.port)
    asyncio.run(_open_once(bridge))
    leave_quietly()
    with shared_metrics(settings):
        if settings.workers > 1:
            os.environ[_GIVEN] = json.dumps(context.params | {"log": log_form(settings.log)}, default=str)
            _say_where(bridge, settings)
            _run_workers(_config(f"{__name__}:application", settings))
        else:
            served = _application(bridge, settings, is_worker=False)
            _say_where(bridge, settings)
            _run(_config(served, settings))


def application() -> GracefulStop:
    """Make the application in a worker process; called by the server."""
    given: dict[str, Any] = json.loads(os.environ.get(_GIVEN, "{}"))
    if given.get("config") is not None:
        given["config"] = Path(given["config"])
    read = settings_from(given)
    return _application(bridge_of(read), read.settings, is_worker=True)


def _application(bridge: Bridge, settings: Settings, *, is_worker: bool) -> GracefulStop:
    write_logs(log_form(settings.log))
    observe(bridge, settings)
    app = bridge.app()
    if settings.metrics and settings.metrics_port is None:
        add_metrics(app)
    tune()
    return GracefulStop(app, bridge, drain_seconds=settings.drain_seconds, is_worker=is_worker)


def _config(app: GracefulStop | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        # Told, since the server would take a callable that is no coroutine for an older kind.
        interface="asgi3",
        http=protocol(),
        lifespan="on",
        # Loggers are ours to set up, in each process.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(settings.stop_seconds),
    )


def _run(config: uvicorn.Config) -> None:
    server = uvicorn.Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        # The server gives the signal back once it has stopped.
        return
    if not server.started:
        raise typer.Exit(STARTUP_FAILURE)


def _run_workers(config: uvicorn.Config) -> None:
    workers = Workers(config, [config.bind_socket()])
    workers.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
        raise typer.Exit(STARTUP_FAILURE)


async def _open_once(bridge: Bridge) -> None:
    """Create or check the tables before any worker starts, so that what is wrong with them is said once and in words."""
    try:
        await bridge.open()
    except (TableMismatch, DatabaseUrlError, StoreError) as error:
        fail(str(error))
    finally:
        await bridge.close()


def _refuse_strangers(bridge: Bridge, settings: Settings) -> None:
    """Nobody is asked who they are, so nobody else's machine gets in unless somebody has said that this is meant."""
    if bridge.authenticator is not None or is_loopback(settings.host):
        return
    if not settings.allow_anonymous:
        fail(
            f"Whoever reaches {settings.host} could read and write everything: this bridge has no authenticator. "
            "Give it one, Bridge(…, authenticator=…), or listen on 127.0.0.1, or say that this is meant with --allow-anonymous."
        )
    warn(f"Whoever reaches {settings.host} can read and write everything: this bridge has no authenticator.")


def _say_where(bridge: Bridge, settings: Settings) -> None:
    console = Console(highlight=False)
    host = settings.host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    base = f"http://{shown}:{settings.port}"
    console.print(f"[bold]{escape(bridge.title)}[/bold]")
    pages = (("console", "/"), ("reference", "/docs")) if bridge.pages else ()
    for what, path in (
        *pages[:1],
        ("GraphQL", bridge.graphql),
        ("REST", bridge.api + "/" + bridge.resources[0].names.path),
        *pages[1:],
    ):
        console.print(f"  {what:<10} {base}{path}", soft_wrap=True)
    if (metrics := where(settings)) is not None:
        console.print(f"  {'metrics':<10} {base if metrics.startswith('/') else ''}{metrics}", soft_wrap=True)
        if metrics.startswith("/"):
            warn("Whoever reaches this address can read the metrics; --metrics-port gives them one of their own.")
    console.print("Ctrl-C stops.", style="dim")


def _refuse_a_port_in_use(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --host or --port.")
