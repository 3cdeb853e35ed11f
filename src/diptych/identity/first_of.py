"""Several authenticators beside each other, for callers of several kinds."""

from collections.abc import Iterable, Mapping

from diptych.identity.authenticator import Authenticator, Credentials, Identity, SecurityScheme
from diptych.semantics.outcome import Unauthenticated
from diptych.semantics.principal import ANONYMOUS


class FirstOf(Authenticator):
    """The first that finds its own kind of credential decides. A credential that is of no one's kind is not believed.

    A FromDependency takes every request for its own, so it stands last.
    """

    def __init__(self, *authenticators: Authenticator) -> None:
        if len(authenticators) < 2:
            raise ValueError("FirstOf(…) takes two authenticators or more, such as FirstOf(BearerJwt(…), ApiKeys(…)).")
        self._authenticators = authenticators
        self._challenges = [each.challenge for each in authenticators if each.challenge is not None]
        self.challenge = _one_field(self._challenges)

    @property
    def schemes(self) -> Mapping[str, SecurityScheme]:
        """Those of all; the first one's where two have one of the same name."""
        return {name: scheme for each in reversed(self._authenticators) for name, scheme in each.schemes.items()}

    async def identify(self, request: Credentials) -> Identity:
        for authenticator in self._authenticators:
            if authenticator.recognises(request):
                return self._challenging(await authenticator.identify(request))
        # A credential of no kind that is known: whoever reads the field that it stands in refuses it.
        for authenticator in self._authenticators:
            if (identity := await authenticator.identify(request)) != ANONYMOUS:
                return self._challenging(identity)
        return ANONYMOUS

    def recognises(self, request: Credentials) -> bool:
        return any(authenticator.recognises(request) for authenticator in self._authenticators)

    async def open(self) -> None:
        for authenticator in self._authenticators:
            await authenticator.open()

    async def close(self) -> None:
        for authenticator in self._authenticators:
            await authenticator.close()

    def _challenging(self, identity: Identity) -> Identity:
        """The same identity; a refusal names every way to say who one is. Source: RFC 9110 section 11.6.1."""
        if isinstance(identity, Unauthenticated):
            return Unauthenticated(_one_field([identity.challenge, *self._challenges]) or identity.challenge)
        return identity

    def __repr__(self) -> str:
        return f"FirstOf({', '.join(map(repr, self._authenticators))})"


def _one_field(challenges: Iterable[str]) -> str | None:
    """Challenges as one field, the first of each scheme; None where there is none."""
    by_scheme: dict[str, str] = {}
    for challenge in challenges:
        by_scheme.setdefault(challenge.split(" ")[0].lower(), challenge)
    return ", ".join(by_scheme.values()) or None
