"""Which pages of other origins may use the doors: those that are named, and no others. Source: Fetch standard, CORS protocol."""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from starlette.middleware.cors import CORSMiddleware

from diptych.http.asgi import Application
from diptych.http.cors import ALLOWED_HEADERS, ALLOWED_METHODS, EXPOSED_HEADERS

ANY: Final = "*"
# As a browser writes it: lower case, no path, not even a slash at its end.
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


class OriginError(ValueError):
    """An origin that no browser would ever send; the message says how one is written."""


def checked_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Check the origins that were named. Raises OriginError."""
    if isinstance(origins, str):
        raise OriginError(f'Bridge(origins={origins!r}): write a list, such as ["https://app.example.com"].')
    for origin in origins:
        if origin == ANY and len(origins) == 1:
            continue
        if origin == ANY:
            raise OriginError('Bridge(origins=…): "*" lets every page in, so it stands alone.')
        if _ORIGIN.fullmatch(origin) is None:
            raise OriginError(
                f"Bridge(origins=[{origin!r}]): an origin is a scheme, a host in lower case and perhaps a port, "
                "with nothing behind it, such as https://app.example.com."
            )
    return tuple(origins)


def crossing(door: Application, origins: Sequence[str]) -> Application:
    """A door that tells browsers which origins may use it; the door itself where none is named.

    Cookies are not among what they may send: who uses them to say who somebody is must think about more than origins.
    """
    if not origins:
        return door
    middleware = CORSMiddleware(
        cast("Any", door),
        allow_origins=origins,
        allow_methods=ALLOWED_METHODS,
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
    return cast("Application", middleware)
