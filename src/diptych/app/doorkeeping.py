"""The doorkeeper of a bridge: on whose behalf a request is made, asked of the authenticator once for both doors."""

from typing import Final

from diptych.http.asgi import Headers, Scope
from diptych.http.doorkeeper import REQUEST_ID, STAMPS, Admission, TurnedAway
from diptych.identity.authenticator import Authenticator, Credentials
from diptych.semantics.outcome import Forbidden, Unauthenticated, Unavailable
from diptych.semantics.principal import Caller, DoorName
from diptych.semantics.problems import problem

# Callers are told apart by these, and may be shown different fields of a row under one tag, so that a cache which keeps an answer
# must not give it to another caller (RFC 9110 section 12.5.5).
_VARY: Final = (b"vary", b"Authorization, Cookie, X-API-Key")


class Doorkeeping:
    """Lets in whom the authenticator believes; with `anonymous`, those too who do not say who they are, for the policies to judge."""

    def __init__(self, authenticator: Authenticator, *, anonymous: bool) -> None:
        self._authenticator = authenticator
        self._anonymous = anonymous

    async def __call__(self, scope: Scope, headers: Headers, door: DoorName) -> Admission:
        scope.setdefault(STAMPS, []).append(_VARY)
        challenge = self._authenticator.challenge
        identity = await self._authenticator.identify(Credentials.of(scope, headers))
        match identity:
            case Unauthenticated(own):
                return _not_believed(own)
            case Forbidden():
                return TurnedAway(problem("forbidden", "The caller is known, and may not come in here."))
            case Unavailable(seconds):
                said = problem("unavailable", "Who asks cannot be found out now; nothing was written. Try again soon.")
                return TurnedAway(said, ((b"retry-after", b"%d" % seconds),))
            case principal:
                if principal.is_anonymous and challenge is not None and not self._anonymous:
                    return _not_believed(challenge)
                return Caller(principal, door, scope.get(REQUEST_ID), challenge)


def _not_believed(challenge: str) -> TurnedAway:
    """Say how to say who one is. Source: RFC 9110 section 11.6.1."""
    said = problem("unauthenticated", "A valid credential is required.")
    return TurnedAway(said, ((b"www-authenticate", challenge.encode()),))
