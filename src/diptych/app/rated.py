"""A doorkeeper that counts: the address before anybody is asked who they are, and then who they are."""

from collections.abc import Awaitable

from diptych.app.rates import RateLimit
from diptych.http.asgi import Headers, Scope
from diptych.http.doorkeeper import ADMISSIONS, STAMPS, Admission, Doorkeeper, TurnedAway, anybody
from diptych.semantics.principal import ANONYMOUS, DoorName


class Rated:
    """Turns away who asks too often; everybody else is asked by the doorkeeper behind, if there is one.

    Who guesses credentials is counted by address too, whether they are believed or not.
    """

    def __init__(self, rates: RateLimit, behind: Doorkeeper | None) -> None:
        self._rates = rates
        self._behind = behind

    def __call__(self, scope: Scope, headers: Headers, door: DoorName) -> Admission | Awaitable[Admission]:
        client = scope.get("client")
        address = client[0] if client and self._rates.counts(client[0]) else None
        if self._behind is None and address is None:
            return anybody(door)
        return self._admit(scope, headers, door, address)

    async def _admit(self, scope: Scope, headers: Headers, door: DoorName, address: str | None) -> Admission:
        if address is not None:
            turned = await self._rates.admit(ANONYMOUS, address, scope.setdefault(STAMPS, []))
            if turned is not None:
                return turned
        admission = anybody(door) if self._behind is None else self._behind(scope, headers, door)
        if not isinstance(admission, ADMISSIONS):
            admission = await admission
        if isinstance(admission, TurnedAway) or admission.principal.is_anonymous:
            return admission
        turned = await self._rates.admit(admission.principal, None, scope.setdefault(STAMPS, []))
        return admission if turned is None else turned
