"""What an authenticator is: it is shown what a request says of who asks, and tells whom it believes that to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from diptych.http.asgi import Headers, Scope
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import Principal

# A Security Scheme Object. Source: OpenAPI 3.1.1 section 4.8.27.
SecurityScheme: TypeAlias = Mapping[str, str]

# Unavailable is for what cannot be found out now: a client that is told 401 throws a good token away.
Identity: TypeAlias = Principal | Unauthenticated | Forbidden | Unavailable


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request says of who asks. `client` is the address that it came from, None where the server does not tell."""

    # Neither is in the repr: they hold the very secrets.
    headers: Headers = field(repr=False)
    client: str | None
    scope: Scope = field(repr=False)

    @staticmethod
    def of(scope: Scope, headers: Headers | None = None) -> "Credentials":
        """The credentials of a request by its ASGI scope; `headers`, where somebody has read them already."""
        client = scope.get("client")
        return Credentials(Headers(scope) if headers is None else headers, client[0] if client else None, scope)


class Authenticator(Protocol):
    """Tells who asks. Subclass it and write `challenge` and `identify`; the rest has defaults.

    `challenge` is the WWW-Authenticate field for somebody who did not say who they are, None where nobody is asked.
    Source: RFC 9110 section 11.6.1.
    """

    challenge: str | None

    @property
    def schemes(self) -> Mapping[str, SecurityScheme]:
        """The ways to say who one is, as OpenAPI's security schemes by name; those of the challenge, unless a subclass knows better."""
        if self.challenge is None:
            return {}
        scheme = self.challenge.split(" ")[0].lower()
        return {scheme: {"type": "http", "scheme": scheme}}

    async def identify(self, request: Credentials) -> Identity:
        """Say who asks.

        ANONYMOUS where the request says nothing of it; Unauthenticated where it says something that is not believed, with no word of
        why but to the log; Forbidden for one who is known and may not come in at all; Unavailable where it cannot be found out now.
        """
        ...

    def recognises(self, request: Credentials) -> bool:
        """Tell whether the request carries this authenticator's own kind of credential, good or bad; FirstOf goes by it."""
        return True

    async def open(self) -> None:
        """Get ready; called once before the first request. It does not fail where a later request may succeed."""
        return

    async def close(self) -> None:
        """Let go of what `open` or a request has taken; it may be opened again."""
        return
