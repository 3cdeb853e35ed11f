"""`diptych check`: what the running configuration means, and what is dangerous about it."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit, urlunsplit

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape

from diptych.app.bridge import Bridge
from diptych.app.health import ALIVE, READY
from diptych.app.settings import DEFAULT, ReadSettings, Settings
from diptych.cli import options
from diptych.cli.dangers import dangers
from diptych.cli.options import bridge_of, settings_of
from diptych.cli.saying import warn
from diptych.cli.targets import Target
from diptych.cli.telemetry import where
from diptych.resource.policy import Action, Rule, anyone, nobody
from diptych.resource.shape import ResourceShape

_HIDDEN = "***"


def check(
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
    as_json: Annotated[bool | None, typer.Option("--json", help="Print it as JSON.")] = None,
    strict: Annotated[bool | None, typer.Option("--strict", help="Exit with 1 if there is a warning.")] = None,
) -> None:
    """Print what a configuration means, where each setting came from, and warn of what is dangerous. Nothing is served or opened."""
    read = settings_of(context)
    bridge = bridge_of(read)
    told = {
        "settings": dict(_settings(read, bridge)),
        "resources": [_resource(shape, bridge) for shape in bridge.resources],
        "paths": _paths(bridge, read.settings),
        "callers": _callers(bridge),
        "limits": dict(_limits(read, bridge)),
        "warnings": list(dangers(bridge, read.settings)),
    }
    if as_json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(bridge.title, told)
    if strict and told["warnings"]:
        raise typer.Exit(1)


def without_password(url: str) -> str:
    """A database URL as it may be shown: neither a password in it nor one among its parameters."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    before, at, host = parts.netloc.rpartition("@")
    user = before.partition(":")[0] + (f":{_HIDDEN}" if ":" in before else "")
    asked = (each.partition("=") for each in parts.query.split("&") if each)
    query = "&".join(f"{name}={_HIDDEN if 'pass' in name.lower() else value}" for name, _, value in asked)
    return urlunsplit((parts.scheme, user + at + host, parts.path, query, ""))


def _settings(read: ReadSettings, bridge: Bridge) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in Settings.model_fields:
        if name == "limits":
            continue
        value, source = getattr(read.settings, name), read.origins.get(name, DEFAULT)
        if name == "database":
            value, source = without_password(bridge.database), source if isinstance(value, SecretStr) else "bridge"
        elif name == "bridge":
            value = value or "the demo"
        elif name == "busy_seconds" and value is None:
            value, source = bridge.busy_seconds, "bridge"
        elif name == "log" and value is None:
            value = "text on a terminal, else json"
        elif name in (own := _own_settings(bridge)):
            value, source = own[name], source if value is not None else "bridge"
        yield name, {"value": value, "source": source}


def _own_settings(bridge: Bridge) -> dict[str, str | None]:
    """What the bridge says itself where no setting does, by the setting's name."""
    rates = bridge.rates
    return {
        "replica": None if bridge.replica is None else without_password(bridge.replica),
        "rate_per_principal": "off" if rates is None else rates.per_principal or "off",
        "rate_per_address": "off" if rates is None else rates.per_address or "off",
        "rate_storage": None if rates is None else without_password(rates.storage),
    }


def _limits(read: ReadSettings, bridge: Bridge) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in fields(bridge.limits):
        value = getattr(bridge.limits, field.name)
        usual = DEFAULT if value == field.default else "bridge"
        yield field.name, {"value": value, "source": read.origins.get(f"limits.{field.name}", usual)}


def _resource(shape: ResourceShape, bridge: Bridge) -> dict[str, Any]:
    return {
        "name": shape.name,
        "path": f"{bridge.api}/{shape.names.path}",
        "keys": "client" if shape.client_keyed else "server",
        "versions": "required" if shape.versions_required else "optional",
        "may": {action: _who(shape.policy.rule(action), deny=bridge.rules.deny) for action in get_args(Action)},
    }


def _who(rule: Rule | None, *, deny: bool) -> str:
    """Who a rule lets through, as far as it can be told without asking it."""
    if rule is None:
        return "nobody (deny by default)" if deny else "everybody who is let in"
    if rule is anyone:
        return "everybody who is let in"
    if rule is nobody:
        return "nobody"
    return f"as {getattr(rule, '__qualname__', type(rule).__name__)} says"


def _callers(bridge: Bridge) -> dict[str, Any]:
    return {
        "authenticator": "none: nobody is asked" if bridge.authenticator is None else type(bridge.authenticator).__name__,
        "rates": "none" if bridge.rates is None else "counted by principal and address",
    }


def _paths(bridge: Bridge, settings: Settings) -> dict[str, Any]:
    return {
        "rest": bridge.api,
        "graphql": bridge.graphql,
        "pages": ["/", "/docs", bridge.graphql] if bridge.pages else [],
        "health": [ALIVE, READY],
        "metrics": where(settings),
    }


def _print(title: str, told: dict[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{escape(title)}[/bold]")
    for chapter in ("settings", "limits"):
        console.print(f"\n[bold]{chapter}[/bold]")
        for name, one in told[chapter].items():
            console.print(escape(f"  {name:<20} {one['value']!s:<24} {one['source']}"), soft_wrap=True)
    console.print("\n[bold]resources[/bold]")
    for shape in told["resources"]:
        how = f"{shape['path']}, keys by {shape['keys']}, versions {shape['versions']}"
        console.print(escape(f"  {shape['name']:<20} {how}"), soft_wrap=True)
        for action, who in shape["may"].items():
            console.print(escape(f"    {action:<18} {who}"), soft_wrap=True)
    for chapter in ("paths", "callers"):
        console.print(f"\n[bold]{chapter}[/bold]")
        for name, value in told[chapter].items():
            shown = ", ".join(value) if isinstance(value, list) else value
            console.print(escape(f"  {name:<20} {shown or 'none'}"), soft_wrap=True)
    for danger in told["warnings"]:
        warn(danger)
