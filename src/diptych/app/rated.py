"""A doorkeeper that counts: the address before anybody is asked who they are, and then who they are."""

from diptych.app.rates import RateLimit
from diptych.http.asgi import Headers, Scope
from diptych.http.doorkeeper import STAMPS, Admission, Doorkeeper, TurnedAway
from diptych.semantics.principal import ANONYMOUS, Caller, DoorName


class Rated:
    """Turns away who asks too often; everybody else is asked by the doorkeeper behind, if there is one.

    Who guesses credentials is counted by address too, whether they are believed or not.
    """

    def __init__(self, rates: RateLimit, behind: Doorkeeper | None) -> None:
        self._rates = rates
        self._behind = behind

    async def __call__(self, scope: Scope, headers: Headers, door: DoorName) -> Admission:
        client = scope.get("client")
        stamps: list[tuple[bytes, bytes]] = scope.setdefault(STAMPS, [])
        if client is not None and (turned := await self._rates.admit(ANONYMOUS, client[0], stamps)) is not None:
            return turned
        admission = Caller(door=door) if self._behind is None else await self._behind(scope, headers, door)
        if isinstance(admission, TurnedAway):
            return admission
        turned = await self._rates.admit(admission.principal, None, stamps)
        return admission if turned is None else turned
