"""Settings: from the command line, the environment, a file, or by default, in this order; each remembers where it came from."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from diptych.semantics.limits import Limits

PREFIX: Final = "DIPTYCH_"
FILE: Final = "diptych.toml"
# Names the file; it is read before there are settings.
CONFIG: Final = f"{PREFIX}CONFIG"

COMMAND_LINE: Final = "command line"
ENVIRONMENT: Final = "environment"
DEFAULT: Final = "default"

# Between a section's name and that of one of its settings, in the environment.
_INTO: Final = "__"
_LIMITS: Final = tuple(field.name for field in fields(Limits))


class SettingsError(ValueError):
    """A setting is unknown or wrong. The message has its name, where it came from and what would be accepted, never its value."""


def _said(default: Any, accepts: str, meaning: str, **bounds: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"accepts": accepts}, **bounds)


class Settings(BaseModel):
    """What a served bridge is run with. A database URL is never shown, since it may hold a password."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bridge: str | None = _said(None, "MODULE:BRIDGE, such as shop:bridge", "where the bridge is; the demo if left out")
    database: SecretStr | None = _said(None, "sqlite:///… or postgresql://…", "database URL in place of the bridge's own")
    replica: SecretStr | None = _said(None, "postgresql://…", "URL of a replica of the database, for reads")
    host: str = _said("127.0.0.1", "an address, such as 127.0.0.1", "address to listen on", min_length=1)
    port: int = _said(8000, "a whole number from 1 to 65535", "port to listen on", ge=1, le=65535)
    workers: int = _said(1, "a whole number from 1 to 1024", "server processes", ge=1, le=1024)
    pages: bool = _said(True, "true or false", "console, playground and REST reference")
    allow_anonymous: bool = _said(False, "true or false", "serve other machines without an authenticator")
    log: Literal["json", "text", "off"] | None = _said(None, "json, text or off", "a line for each command; text on a terminal, else json")
    metrics: bool = _said(False, "true or false", "count for Prometheus")
    metrics_port: int | None = _said(None, "a whole number from 1 to 65535", "port of the metrics alone; switches them on", ge=1, le=65535)
    metrics_host: str = _said("127.0.0.1", "an address, such as 127.0.0.1", "address of the metrics alone", min_length=1)
    tracing: bool = _said(False, "true or false", "send OpenTelemetry spans")
    busy_seconds: float | None = _said(
        None,
        "seconds, more than 0 and at most 3600",
        "longest wait for a lock or a connection; else the bridge's own",
        gt=0,
        le=3600,
    )
    rate_per_principal: str | None = _said(
        None, 'a number and a time, such as 600/minute, or "off"', "requests of one principal; else the bridge's own"
    )
    rate_per_address: str | None = _said(
        None, 'a number and a time, such as 600/minute, or "off"', "requests from one address; else the bridge's own"
    )
    rate_storage: SecretStr | None = _said(None, "memory:// or redis://…", "where requests are counted; else as the bridge says")
    stop_seconds: float = _said(30.0, "seconds, from 1 to 3600", "longest wait for requests under way when stopping", ge=1, le=3600)
    drain_seconds: float = _said(
        0.0, "seconds, from 0 to 3600", "time between being not ready and taking no more connections", ge=0, le=3600
    )
    limits: dict[str, Any] = _said({}, "a section of limits", "what one request may ask for")

    @property
    def counts(self) -> bool:
        """Whether metrics are on, by themselves or by their port."""
        return self.metrics or self.metrics_port is not None


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Settings, and where each came from: by name, and `limits.` before that of a limit."""

    settings: Settings
    origins: Mapping[str, str]


def read_settings(given: Mapping[str, Any], *, config: Path | None = None, environ: Mapping[str, str] | None = None) -> ReadSettings:
    """Put settings together: `given` on the command line first, then the environment, a file, and the defaults.

    The file is `config`, the one that DIPTYCH_CONFIG names, or `diptych.toml` in the current folder if it is there.
    Raises SettingsError for what is unknown or wrong.
    """
    environ = os.environ if environ is None else environ
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, name, value in (*_given(given), *_from_environment(environ), *_from_file(_file(config, environ))):
        if name not in origins:
            origins[name] = origin
            section, _, member = name.partition(".")
            if member:
                merged.setdefault(section, {})[member] = value
            else:
                merged[name] = value
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError("\n".join(_wrong(problem["loc"], origins) for problem in error.errors())) from None
    return ReadSettings(settings, origins)


def _given(given: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    return ((COMMAND_LINE, name, value) for name, value in given.items() if value is not None)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    for variable, value in environ.items():
        # An empty variable is one that somebody has switched off.
        if variable.upper().startswith(PREFIX) and variable.upper() != CONFIG and value != "":
            name = variable[len(PREFIX) :].lower().replace(_INTO, ".", 1)
            yield ENVIRONMENT, _known(name, f"{variable} ({ENVIRONMENT})"), _number(value) if name.startswith("limits.") else value


def _from_file(path: Path | None) -> Iterator[tuple[str, str, Any]]:
    if path is None:
        return
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The file of settings {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's words may show a line of the file, and a line may hold a password.
        raise SettingsError(f"The file of settings {path} is not TOML, in UTF-8: lines such as port = 8000.") from None
    for name, value in said.items():
        if name == "limits" and isinstance(value, dict):
            for limit, number in value.items():
                yield str(path), _known(f"limits.{limit}", f"limits.{limit} ({path})"), number
        else:
            yield str(path), _known(name, f"{name} ({path})"), value


def _file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    if config is not None:
        return config
    if named := environ.get(CONFIG):
        return Path(named)
    return Path(FILE) if Path(FILE).is_file() else None


def _known(name: str, where: str) -> str:
    known = [*(other for other in Settings.model_fields if other != "limits"), *(f"limits.{limit}" for limit in _LIMITS)]
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 1)
    hint = f" Perhaps {near[0]} is meant." if near else ""
    raise SettingsError(f"{where}: there is no such setting.{hint} There are {', '.join(known[: -len(_LIMITS)])}, and limits.")


def _wrong(at: tuple[int | str, ...], origins: Mapping[str, str]) -> str:
    name = str(at[0])
    extra = Settings.model_fields[name].json_schema_extra
    accepts = extra["accepts"] if isinstance(extra, dict) else "something else"
    origin = origins.get(name, DEFAULT)
    shown = f"{PREFIX}{name.upper()}" if origin == ENVIRONMENT else f"--{name.replace('_', '-')}" if origin == COMMAND_LINE else name
    return f"{shown} ({origin}): must be {accepts}."


def _number(text: str) -> Any:
    """A limit out of the environment, as a file would have it; what is neither number nor word of truth stays text, and is refused."""
    words = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
