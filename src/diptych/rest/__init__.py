"""Door one: HTTP requests become commands, outcomes become answers; nothing is decided here."""

from diptych.rest.door import RestDoor
from diptych.rest.openapi import openapi_paths

__all__ = ["RestDoor", "openapi_paths"]
