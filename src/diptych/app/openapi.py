"""One OpenAPI document: the application's own, and the REST door's merged into it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from diptych.rest.openapi import openapi_paths

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge


def merge_openapi(app: FastAPI, bridge: Bridge) -> None:
    """Make the application's document tell of the REST door as well.

    Where both name a path, the application's stands, as its route does. Where both name a schema or another component and mean
    different things by it, ours goes by `Diptych` and the name.
    """
    own = app.openapi
    told: dict[str, Any] | None = None

    def merged() -> dict[str, Any]:
        nonlocal told
        # FastAPI makes its document once and keeps it; ours go into that same one, once for each it makes.
        document = own()
        if document is not told:
            parts = document.setdefault("components", {})
            paths, components = _renamed(*openapi_paths(bridge.resources, bridge.api, _everywhere(bridge)), parts)
            _ask_for_credentials(paths, components, bridge, parts.get("securitySchemes", {}))
            document["paths"] = {**paths, **document.get("paths", {})}
            document["tags"] = _tags(bridge, document.get("tags", []))
            for kind, ours in components.items():
                parts[kind] = {**ours, **parts.get(kind, {})}
            told = document
        return document

    app.openapi = merged  # type: ignore[method-assign]


def _tags(bridge: Bridge, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The application's tags, and one for each resource, under which its operations stand, unless the application has it."""
    named = {tag["name"] for tag in own}
    ours = [{"name": shape.name, "description": shape.description} for shape in bridge.resources]
    return [*own, *(tag for tag in ours if tag["name"] not in named)]


def _everywhere(bridge: Bridge) -> dict[int, tuple[str, ...]]:
    """What any request may be refused with before it is looked at."""
    return {} if bridge.authenticator is None else {401: ("unauthenticated",), 403: ("forbidden",)}


def _ask_for_credentials(paths: dict[str, Any], components: dict[str, Any], bridge: Bridge, taken: dict[str, Any]) -> None:
    """Say of every operation of ours how a caller says who it is. Source: OpenAPI 3.1.1 section 4.8.30."""
    schemes = {} if bridge.authenticator is None else bridge.authenticator.schemes
    if not schemes:
        return
    named = {name if taken.get(name, scheme) == scheme else f"Diptych{name}": dict(scheme) for name, scheme in schemes.items()}
    components["securitySchemes"] = named
    # Any one of them will do; none is needed where those who say nothing are let in.
    needed: list[dict[str, list[str]]] = [{name: []} for name in named]
    if bridge.anonymous:
        needed.append({})
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["security"] = needed


def _renamed(paths: dict[str, Any], components: dict[str, Any], taken: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give other names to those of our components whose names the application uses for something else, wherever they are referred to."""
    names = {
        (kind, name): f"Diptych{name}"
        for kind, ours in components.items()
        for name, component in ours.items()
        if taken.get(kind, {}).get(name, component) != component
    }
    if not names:
        return paths, components
    text = json.dumps([paths, components])
    for (kind, name), other in names.items():
        text = text.replace(f'"#/components/{kind}/{name}"', f'"#/components/{kind}/{other}"')
    paths, components = json.loads(text)
    return paths, {
        kind: {names.get((kind, name), name): component for name, component in ours.items()} for kind, ours in components.items()
    }
