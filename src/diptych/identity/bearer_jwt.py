"""Bearer tokens that an issuer signs: OpenID Connect, OAuth 2.0, or a service of one's own. Source: RFC 6750, RFC 7519, RFC 8725."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diptych.identity.algorithms import read_algorithms
from diptych.identity.authenticator import Authenticator, Credentials, Identity, SecurityScheme
from diptych.identity.bearer import bearer_token, bearer_token_if_any
from diptych.identity.challenge import Disbelieved, bearer_challenge, refused
from diptych.identity.claims import Expectations, check_claims, principal_of
from diptych.identity.compact import read_compact, read_object
from diptych.identity.key_sources import KeySetFile, KeySource, OneKey
from diptych.identity.recent import Recent
from diptych.semantics.outcome import Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from diptych.identity.key_set import KeySet

# Tokens that have been checked, and need no second look at their signature.
_MOST_BELIEVED: Final = 4096
_MOST_LEEWAY: Final = 300


@dataclass(frozen=True, slots=True)
class _Believed:
    """A token that was checked: of whom it speaks, until when in seconds since 1970, and under which keys."""

    principal: Principal
    expires: float
    keys: "KeySet"


class BearerJwt(Authenticator):
    """Believes tokens that `issuer` has signed for `audience`, one of them where there are several.

    `jwks` is where the issuer's keys are, an https URL or the path of a file; or `key` is its one key, PEM or JWK, or a secret for HMAC.
    `algorithms` are the ones that it signs with; no other is looked at. `leeway` is how many seconds its clock and ours may be apart.
    `subject_claim` and `roles_claim` name claims, or lead to them (`realm_access.roles`). `token_type` is what `typ` must say, such as
    `at+jwt`; None for anything. `timeout` is for a fetch of keys, in seconds.

    Raises ValueError for settings under which tokens could not be believed, and ImportError without the extra `jwt`.
    """

    challenge: str

    def __init__(
        self,
        *,
        issuer: str,
        audience: str | Sequence[str],
        algorithms: Sequence[str],
        jwks: str | Path | None = None,
        key: str | bytes | Mapping[str, Any] | None = None,
        leeway: float = 30,
        subject_claim: str = "sub",
        roles_claim: str = "roles",
        token_type: str | None = None,
        realm: str = "api",
        timeout: float = 5,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        audiences = frozenset({audience} if isinstance(audience, str) else audience)
        if not issuer:
            raise ValueError("issuer= is empty. Write what tokens have as iss.")
        if not audiences or "" in audiences:
            raise ValueError("audience= is empty. Write what tokens for this server have as aud; those for others must not be taken.")
        if not 0 <= leeway <= _MOST_LEEWAY:
            raise ValueError(f"leeway= is from 0 to {_MOST_LEEWAY} seconds.")
        if not timeout > 0:
            raise ValueError("timeout= is more than 0 seconds.")
        if (jwks is None) == (key is None):
            raise ValueError("Give either jwks=, where the issuer's keys are, or key=, its one key.")
        self._algorithms = read_algorithms(algorithms, with_key_set=jwks is not None)
        self._expected = Expectations(issuer, audiences, leeway, subject_claim, roles_claim)
        self._type = None if token_type is None else _bare_type(token_type)
        self.challenge = bearer_challenge(realm)
        self._clock = clock
        self._source = _source(jwks, key, self._algorithms, timeout, monotonic)
        self._believed: Recent[_Believed] = Recent(_MOST_BELIEVED)

    @property
    def schemes(self) -> Mapping[str, SecurityScheme]:
        return {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}

    async def identify(self, request: Credentials) -> Identity:
        try:
            text = bearer_token(request)
            return ANONYMOUS if text is None else await self._believe(text)
        except Disbelieved as disbelieved:
            return refused("a bearer token", self.challenge, str(disbelieved), request.client)

    def recognises(self, request: Credentials) -> bool:
        token = bearer_token_if_any(request)
        # An opaque key has no dots.
        return token is not None and "." in token

    async def open(self) -> None:
        """Fetch the keys. Where the URL is away the log says so, and requests with a token are told 503 until it is back."""
        await self._source.open()

    async def close(self) -> None:
        await self._source.close()

    async def _believe(self, text: str) -> Principal | Unavailable:
        """Whom a token speaks of; raises Disbelieved."""
        keys = await self._source.keys()
        if keys is None:
            return Unavailable(retry_after=5)
        digest = hashlib.sha256(text.encode()).digest()
        believed = self._believed.get(digest)
        # Keys that have changed since may lack the one that signed it.
        if believed is not None and believed.keys is keys and self._clock() - self._expected.leeway < believed.expires:
            return believed.principal
        believed = await self._check(text, keys)
        self._believed.put(digest, believed)
        return believed.principal

    async def _check(self, text: str, keys: "KeySet") -> _Believed:
        from diptych.identity.key_set import is_signed

        token = read_compact(text)
        if token.algorithm not in self._algorithms:
            raise Disbelieved("its algorithm is not one of those that are pinned")
        if self._type is not None and _bare_type(token.type or "") != self._type:
            raise Disbelieved("its typ is another one")
        candidates = keys.candidates(token.kid, token.algorithm)
        if not candidates:
            keys = await self._source.newer_keys() or keys
            candidates = keys.candidates(token.kid, token.algorithm)
        if not candidates:
            raise Disbelieved("none of the issuer's keys is the one that it names")
        if not any(is_signed(token, key) for key in candidates):
            raise Disbelieved("its signature is wrong")
        claims = read_object(token.payload, "payload")
        check_claims(claims, self._expected, self._clock())
        return _Believed(principal_of(claims, self._expected), claims["exp"], keys)

    def __repr__(self) -> str:
        expected = self._expected
        return (
            f"BearerJwt(issuer={expected.issuer!r}, audience={sorted(expected.audiences)}, algorithms={list(self._algorithms)}, "
            f"{self._source!r})"
        )


def _source(
    jwks: str | Path | None,
    key: str | bytes | Mapping[str, Any] | None,
    algorithms: Sequence[str],
    timeout: float,
    monotonic: Callable[[], float],
) -> KeySource:
    if missing := [name for name in ("joserfc", "httpx") if find_spec(name) is None]:
        raise ImportError(f"BearerJwt needs {' and '.join(missing)}: pip install 'diptych[jwt]'.")
    # Imported here, for they come with the extra.
    from diptych.identity.key_set import read_one_key
    from diptych.identity.key_set_url import KeySetUrl

    if key is not None:
        return OneKey(read_one_key(key, algorithms))
    if isinstance(jwks, str) and "://" in jwks:
        return KeySetUrl(jwks, timeout=timeout, monotonic=monotonic)
    return KeySetFile(Path(jwks or ""))


def _bare_type(kind: str) -> str:
    """A media type as `typ` has it. Source: RFC 7515 section 4.1.9."""
    return kind.lower().removeprefix("application/")
