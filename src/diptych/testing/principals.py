"""Who asks, said by a test: the principal stands in the ASGI scope, where no request can put one."""

from collections.abc import Collection, Mapping
from typing import Any, Final, Protocol, TypeVar

import httpx

from diptych.http.asgi import Application, Receive, Scope, Send
from diptych.identity.authenticator import Authenticator, Credentials, Identity
from diptych.semantics.principal import ANONYMOUS, Principal
from diptych.testing.doors import Door

_STANDS_FOR: Final = "diptych.testing.principal"

D = TypeVar("D", bound=Door)


class AsPrincipal(Protocol):
    """What the fixture `as_principal` gives."""

    def __call__(self, door: D, subject: str, *, roles: Collection[str] = (), claims: Mapping[str, Any] | None = None) -> D:
        """The door as somebody uses it whom the authenticator believes; `door` itself stays as it is."""
        ...


class Standing(Authenticator):
    """Believes what a test says of who asks, and leaves requests of which it says nothing to the bridge's own authenticator."""

    def __init__(self, own: Authenticator | None) -> None:
        self._own = own
        self.challenge = None if own is None else own.challenge

    async def identify(self, request: Credentials) -> Identity:
        principal = request.scope.get(_STANDS_FOR)
        if isinstance(principal, Principal):
            return principal
        return ANONYMOUS if self._own is None else await self._own.identify(request)

    async def open(self) -> None:
        if self._own is not None:
            await self._own.open()

    async def close(self) -> None:
        if self._own is not None:
            await self._own.close()


def client_of(app: Application, principal: Principal | None) -> httpx.AsyncClient:
    """A client of an application in this process, whose requests are somebody's; None leaves that to what they carry."""

    async def stamped(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, _STANDS_FOR: principal}, receive, send)

    # Proxies of the environment are none of a test's.
    return httpx.AsyncClient(transport=httpx.ASGITransport(stamped), base_url="http://localhost", trust_env=False)


def as_believed(door: D, subject: str, *, roles: Collection[str] = (), claims: Mapping[str, Any] | None = None) -> D:
    if isinstance(roles, str):
        raise TypeError(f"roles= is a collection of words, such as {{{roles!r}}}.")
    return door.on_behalf_of(Principal(subject, frozenset(roles), claims or {}))
