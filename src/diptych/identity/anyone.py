"""For a demo: nobody is asked who they are."""

from diptych.identity.authenticator import Authenticator, Credentials, Identity
from diptych.semantics.principal import ANONYMOUS


class Anyone(Authenticator):
    """Everybody is anonymous, whatever they send, and nobody is challenged."""

    challenge = None

    async def identify(self, request: Credentials) -> Identity:
        return ANONYMOUS

    def recognises(self, request: Credentials) -> bool:
        return False

    def __repr__(self) -> str:
        return "Anyone()"
