"""The options that settings can be given by; what is left out comes from the environment, the file, or the defaults."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from diptych.app.bridge import Bridge
from diptych.app.rates import RateLimit, RateLimitError
from diptych.app.settings import ReadSettings, Settings, SettingsError, read_settings
from diptych.cli.saying import fail
from diptych.cli.targets import find_bridge
from diptych.semantics.limits import Limits, LimitsError
from diptych.store.errors import DatabaseUrlError

Config = Annotated[Path | None, typer.Option("--config", help="File of settings; diptych.toml if it is here.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on; 127.0.0.1 unless said otherwise.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on; 8000 unless said otherwise.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="Database URL in place of the bridge's own, sqlite:///… or postgresql://…; the demo's is sqlite:///diptych-demo.db.",
    ),
]
Replica = Annotated[str | None, typer.Option("--replica", help="URL of a replica of the database, postgresql://…, for reads.")]
RatePerPrincipal = Annotated[
    str | None, typer.Option("--rate-per-principal", help="Requests of one principal, such as 600/minute, or off.")
]
RatePerAddress = Annotated[str | None, typer.Option("--rate-per-address", help="Requests from one address, such as 600/minute, or off.")]
RateStorage = Annotated[str | None, typer.Option("--rate-storage", help="Where requests are counted: memory://, or redis://….")]
Workers = Annotated[int | None, typer.Option("--workers", help="Server processes; 1 unless said otherwise.")]
Pages = Annotated[bool | None, typer.Option("--pages/--no-pages", help="Console, playground and REST reference; on unless said otherwise.")]
AllowAnonymous = Annotated[
    bool | None, typer.Option("--allow-anonymous", help="Serve other machines although nobody is asked who they are.")
]
Log = Annotated[str | None, typer.Option("--log", help="A line for each command: json, text or off; text on a terminal, else json.")]
Metrics = Annotated[bool | None, typer.Option("--metrics/--no-metrics", help="Count for Prometheus, at /metrics.")]
MetricsPort = Annotated[int | None, typer.Option("--metrics-port", help="Count for Prometheus, at a port of its own.")]
MetricsHost = Annotated[str | None, typer.Option("--metrics-host", help="Address for that port; 127.0.0.1 unless said otherwise.")]
Tracing = Annotated[bool | None, typer.Option("--tracing/--no-tracing", help="Send OpenTelemetry spans.")]
BusySeconds = Annotated[float | None, typer.Option("--busy-seconds", help="Longest wait for a lock or a connection.")]
StopSeconds = Annotated[
    float | None, typer.Option("--stop-seconds", help="Longest wait for requests under way when stopping; 30 unless said otherwise.")
]
DrainSeconds = Annotated[
    float | None,
    typer.Option("--drain-seconds", help="Time from being not ready to taking no more connections; 0 unless said otherwise."),
]


def settings_of(context: typer.Context) -> ReadSettings:
    """The settings that a command was run with, wherever they came from; ends with words where one is wrong."""
    return settings_from(dict(context.params))


def settings_from(given: Mapping[str, Any]) -> ReadSettings:
    """The same from options by name, of which those that are no settings are left out."""
    named = {"bridge": given.get("target"), **{name: value for name, value in given.items() if name in Settings.model_fields}}
    try:
        return read_settings(named, config=given.get("config"))
    except SettingsError as error:
        fail(str(error))


def bridge_of(read: ReadSettings) -> Bridge:
    """The bridge that is meant, run as the settings say."""
    settings = read.settings
    database = None if settings.database is None else settings.database.get_secret_value()
    bridge = find_bridge(settings.bridge, database)
    limits = _limits(bridge.limits, read) if settings.limits else None
    pages = bridge.pages and settings.pages
    rates = _rates(bridge.rates, settings)
    replica = bridge.replica if settings.replica is None else settings.replica.get_secret_value()
    same = limits is None and pages is bridge.pages and settings.busy_seconds in (None, bridge.busy_seconds)
    if same and rates is bridge.rates and replica == bridge.replica:
        # The very bridge of the module, which the application may know as well.
        return bridge
    try:
        return bridge.at(
            bridge.database, busy_seconds=settings.busy_seconds, pages=pages, limits=limits, rates=rates or False, replica=replica
        )
    except DatabaseUrlError as error:
        fail(f"replica ({read.origins['replica']}): {error}")


def _rates(rates: RateLimit | None, settings: Settings) -> RateLimit | None:
    """The bridge's own rates, but for what is set; ends with words where one cannot be."""
    storage = settings.rate_storage
    given = (settings.rate_per_principal, settings.rate_per_address, storage)
    if given == (None, None, None):
        return rates
    own = rates or RateLimit(per_principal=None, per_address=None)
    try:
        return RateLimit(
            per_principal=_quota(settings.rate_per_principal, own.per_principal),
            per_address=_quota(settings.rate_per_address, own.per_address),
            storage=own.storage if storage is None else storage.get_secret_value(),
        )
    except RateLimitError as error:
        fail(str(error))


def _quota(said: str | None, own: str | None) -> str | None:
    return own if said is None else None if said == "off" else said


def _limits(limits: Limits, read: ReadSettings) -> Limits:
    """The bridge's own limits, but for those that are set; ends with words where one cannot be."""
    for name in read.settings.limits:
        try:
            # One by one, so that it can be said where the wrong one came from.
            limits = replace(limits, **{name: read.settings.limits[name]})
        except LimitsError as error:
            fail(f"limits.{name} ({read.origins[f'limits.{name}']}): {error}")
    return limits
