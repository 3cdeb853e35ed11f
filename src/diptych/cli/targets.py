"""The bridge that a command is about."""

import importlib
import os
import sys
from typing import Annotated, Any

import typer
from fastapi import FastAPI

from diptych.app.bridge import Bridge
from diptych.cli.saying import fail
from diptych.resource.declaration import DeclarationError
from diptych.store.errors import DatabaseUrlError

Target = Annotated[
    str | None, typer.Argument(metavar="[MODULE:BRIDGE]", help="Where a Bridge is, such as shop:bridge. The demo if left out.")
]


def find_bridge(target: str | None, database: str | None) -> Bridge:
    """The bridge at MODULE:BRIDGE, or the demo; over another database than its own where one is given."""
    try:
        if target is None:
            # Only where it is wanted: its tables would stand beside a user's own in SQLModel's metadata.
            from diptych.demo import DATABASE, demo_bridge

            return demo_bridge(database or DATABASE)
        bridge = _imported(target)
        return bridge if database is None else bridge.at(database)
    except (DeclarationError, DatabaseUrlError) as error:
        fail(str(error))


def _imported(target: str) -> Bridge:
    """Import what MODULE:BRIDGE names, from the current folder as well."""
    module_name, _, name = target.partition(":")
    if not module_name or not name:
        fail(f"{target!r} is not of the form MODULE:BRIDGE, such as shop:bridge.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name == error.name or module_name.startswith(error.name + ".")):
            raise
        fail(f"There is no module {module_name!r} here or among the installed packages (current folder: {os.getcwd()}).")
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            fail(f"{module_name!r} has no {name!r}.")
        found = getattr(found, part)
    if not isinstance(found, Bridge):
        hint = " To serve a FastAPI application, run it with uvicorn." if isinstance(found, FastAPI) else ""
        fail(f"{target!r} is a {type(found).__name__}, not a Bridge.{hint}")
    return found
