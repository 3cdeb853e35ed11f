"""The REST door described as OpenAPI 3.1: what it takes, and every answer that it gives."""

from diptych.rest.openapi.paths import openapi_paths

__all__ = ["openapi_paths"]
