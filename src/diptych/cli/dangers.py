"""What is dangerous about a configuration: each danger in one sentence, with what to do about it."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from diptych.app.bridge import Bridge
from diptych.app.settings import Settings
from diptych.store.url import PostgresServer, SqliteFile, read_url

# What libpq does without TLS being required; a proxy in between could read and change everything.
_UNPROTECTED = ("disable", "allow", "prefer")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; a name other than localhost may be anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def dangers(bridge: Bridge, settings: Settings) -> Iterator[str]:
    """Every danger of serving this bridge with these settings."""
    open_to_others = not is_loopback(settings.host)
    yield from _of_callers(bridge, settings, open_to_others)
    yield from _of_the_database(bridge, settings)
    for shape in bridge.resources:
        if not shape.versions_required:
            yield f"{shape.name} takes writes that name no version, so one writer may overwrite another: Resource(…, versions='required')."
    yield from _of_operations(settings, open_to_others)


def _of_callers(bridge: Bridge, settings: Settings, open_to_others: bool) -> Iterator[str]:
    if bridge.authenticator is None and open_to_others:
        yield f"Whoever reaches {settings.host} can read and write everything: give the bridge an authenticator."
    if bridge.authenticator is not None and not bridge.rules.deny:
        for shape in bridge.resources:
            if shape.policy.is_empty:
                yield f"Everybody who is let in may do everything with {shape.name}: give it a policy, or Bridge(…, deny_by_default=True)."
    if bridge.rates is None:
        yield "Nothing bounds how often one caller may ask: Bridge(…, rates=…)."
    if open_to_others and bridge.pages and settings.pages:
        yield "Playground and reference are open to other machines: --no-pages."
    if open_to_others and bridge.limits.introspection:
        yield "Whoever reaches GraphQL can read its schema: limits.introspection = false."


def _of_the_database(bridge: Bridge, settings: Settings) -> Iterator[str]:
    match read_url(bridge.database):
        case SqliteFile() if settings.workers > 1:
            yield f"{settings.workers} workers share one SQLite file, which lets one of them write at a time: use PostgreSQL."
        case PostgresServer(dsn):
            parts = urlsplit(dsn)
            asked = parse_qs(parts.query)
            # A host in the query wins, and a path is a socket of this machine.
            host = asked.get("host", [parts.hostname or ""])[0]
            modes = asked.get("sslmode", ["prefer"])
            if host and not host.startswith("/") and not is_loopback(host) and modes[0] in _UNPROTECTED:
                yield "The way to the database may be unencrypted: add sslmode=verify-full to its URL."
        case _:
            pass


def _of_operations(settings: Settings, open_to_others: bool) -> Iterator[str]:
    if settings.metrics and settings.metrics_port is None:
        yield "Whoever reaches the application can read its metrics: --metrics-port gives them an address of their own."
    if settings.metrics_port is not None and not is_loopback(settings.metrics_host):
        yield f"Whoever reaches {settings.metrics_host}:{settings.metrics_port} can read the metrics: let a firewall decide who does."
    if settings.log == "off" and open_to_others:
        yield "No command is logged: --log json."
