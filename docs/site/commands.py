"""The page of the command line, made of the commands themselves."""

import re
from collections.abc import Container, Iterator
from typing import Any, Final

import typer.main

from diptych.app.settings import PREFIX, Settings
from diptych.cli import app

ADDRESS: Final = re.compile(r"\b[a-z]+:/[^\s,;]*[^\s,;.]")
OPENING: Final = """\
# The command line

<!-- Made from the commands by `make reference`; a test fails when it drifts. -->

Every command, with what it takes. What the settings mean together, and that each can come from the environment or a file
as well, is in [Settings](settings.md#the-command-line). `--help` after any command prints the same.
`diptych --version` says which diptych is installed.
"""


def describe_commands() -> str:
    """The whole page, as Markdown."""
    # Typer has a copy of Click of its own, whose classes have no public name.
    group: Any = typer.main.get_command(app)
    return "\n".join([OPENING, *(line for command in _commands(group, "diptych") for line in _section(*command))])


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full = f"{before} {name}"
        yield full, command
        yield from _commands(command, full) if hasattr(command, "commands") else ()


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"{'#' * len(name.split())} {name}\n"
    yield _sentence(command.help) + "\n"
    if hasattr(command, "commands"):
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    usage = " ".join([name, *(_metavar(each) for each in arguments), *(["[OPTIONS]"] if options else [])])
    yield f"```text\n{usage}\n```\n"
    if arguments:
        yield "| argument | default | meaning |\n| --- | --- | --- |"
        yield "\n".join(f"| `{_metavar(each)}` | {_default(each)} | {_sentence(each.help)} |" for each in arguments) + "\n"
    if options:
        # A command that reads a file of settings reads the environment as well.
        known = {*Settings.model_fields, "config"} if any(each.name == "config" for each in options) else set()
        yield "| option | environment | default | meaning |\n| --- | --- | --- | --- |"
        yield "\n".join(_row(each, known) for each in options) + "\n"


def _row(option: Any, settings: Container[str]) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    bounds = [f"at least {option.min}"] if getattr(option, "min", None) is not None else []
    bounds += [f"at most {option.max}"] if getattr(option, "max", None) is not None else []
    meaning = _sentence(option.help) + (f" ({', '.join(bounds)})" if bounds else "")
    return f"| {names} | {_environment(option, settings)} | {_default(option)} | {meaning} |"


def _environment(option: Any, settings: Container[str]) -> str:
    """The variable that an option comes from: one that Typer knows of, or that of a setting."""
    if option.envvar is not None:
        return f"`{option.envvar}`"
    return f"`{PREFIX}{option.name.upper()}`" if option.name in settings else "—"


def _default(parameter: Any) -> str:
    """What holds where nothing is said: Typer's default, or that of a setting."""
    default = parameter.default
    if default is None and parameter.name in Settings.model_fields and not parameter.required:
        default = Settings.model_fields[parameter.name].default
    if default is None or parameter.required:
        return "—"
    return ("on" if default else "off") if isinstance(default, bool) else f"`{default}`"


def _metavar(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _sentence(text: str) -> str:
    """One line, whose upright bars do not end a cell, and whose addresses are told from its words."""
    return ADDRESS.sub(r"`\g<0>`", " ".join(text.split()).replace("|", "\\|"))
