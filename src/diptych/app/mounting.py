"""What keeps a bridge from being mounted into an application: something in the place of a door, or that a door would pass by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Match

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge


class MountError(ValueError):
    """The application has something in the place of a door, or something that a door would silently pass by."""


def refuse_to_mount(app: FastAPI, bridge: Bridge, *, beside_dependencies: bool) -> None:
    """Raise MountError where the application already answers at a door, or has dependencies that would not run for one."""
    if app.router.dependencies and not beside_dependencies:
        raise MountError(
            "The application has dependencies= that would not run for the doors. Use middleware instead, "
            "or mount(app, beside_dependencies=True) if they guard nothing."
        )
    collections = [f"{bridge.api}/{shape.names.path}" for shape in bridge.resources]
    # An item's path too: a route such as /users/{name} would answer there before the door.
    for path in (bridge.graphql, *collections, *(f"{path}/1" for path in collections)):
        for route in app.routes:
            match, _ = route.matches({"type": "http", "path": path, "method": "GET", "headers": [], "root_path": ""})
            if match is not Match.NONE:
                raise MountError(f"The application already answers at {path}. Give Bridge another api= or graphql=, or drop that route.")
