"""One OpenAPI document: the application's own, and the REST door's merged into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from diptych.rest.openapi import openapi_paths

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge


def merge_openapi(app: FastAPI, bridge: Bridge) -> None:
    """Make the application's document tell of the REST door as well. Where both name a path or a schema, the application's stands."""
    own = app.openapi
    told: dict[str, Any] | None = None

    def merged() -> dict[str, Any]:
        nonlocal told
        # FastAPI makes its document once and keeps it; ours go into that same one, once for each it makes.
        document = own()
        if document is not told:
            paths, components = openapi_paths(bridge.resources, bridge.api)
            document["paths"] = {**paths, **document.get("paths", {})}
            parts = document.setdefault("components", {})
            for kind, ours in components.items():
                parts[kind] = {**ours, **parts.get(kind, {})}
            told = document
        return document

    app.openapi = merged  # type: ignore[method-assign]
