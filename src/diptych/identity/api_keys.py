"""Static keys for programs that call the server."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from diptych.identity.api_key import PREFIX, hash_api_key
from diptych.identity.api_key_source import ApiKeyFile, ApiKeySource, KeysAway, NamedKeys
from diptych.identity.api_key_table import ApiKeyTable
from diptych.identity.authenticator import Authenticator, Credentials, Identity, SecurityScheme
from diptych.identity.bearer import bearer_token, bearer_token_if_any
from diptych.identity.challenge import Disbelieved, bearer_challenge, plain_realm, refused
from diptych.semantics.outcome import Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal

KeyField: TypeAlias = Literal["Authorization", "X-API-Key"]

_LONGEST: Final = 256


class ApiKeys(Authenticator):
    """Believes keys whose hashes it knows: from a mapping of hashes to principals, a TOML or JSON file, or a table.

    `header` is the field that a key comes in: `Authorization: Bearer dk_…` or `X-API-Key: dk_…`.
    Raises ValueError for what is no hash, and for a file that is missing or cannot be used.
    """

    challenge: str

    def __init__(
        self,
        keys: Mapping[str, Principal] | str | Path | ApiKeyTable,
        *,
        header: KeyField = "Authorization",
        realm: str = "api",
        clock: Callable[[], float] = time.time,
    ) -> None:
        match header:
            case "Authorization":
                self.challenge = bearer_challenge(realm)
            case "X-API-Key":
                # No scheme is registered for it, and an answer of 401 must have one (RFC 9110 section 15.5.2).
                self.challenge = f'ApiKey realm="{plain_realm(realm)}", header="X-API-Key"'
            case _:
                raise ValueError('header= is "Authorization" or "X-API-Key".')
        self._header = header
        self._clock = clock
        self._source = _source(keys)

    @property
    def schemes(self) -> Mapping[str, SecurityScheme]:
        if self._header == "X-API-Key":
            return {"apiKey": {"type": "apiKey", "in": "header", "name": self._header}}
        return super().schemes

    async def identify(self, request: Credentials) -> Identity:
        try:
            key = self._presented(request)
            return ANONYMOUS if key is None else await self._believe(key)
        except Disbelieved as disbelieved:
            return refused("an API key", self.challenge, str(disbelieved), request.client)
        except KeysAway:
            return Unavailable()

    def recognises(self, request: Credentials) -> bool:
        if self._header == "X-API-Key":
            return bool(request.headers.lines(b"x-api-key"))
        token = bearer_token_if_any(request)
        return token is not None and token.startswith(PREFIX)

    async def close(self) -> None:
        await self._source.close()

    def _presented(self, request: Credentials) -> str | None:
        if self._header == "Authorization":
            return bearer_token(request)
        lines = request.headers.lines(b"x-api-key")
        if len(lines) > 1:
            raise Disbelieved("there are several X-API-Key fields")
        return lines[0].strip() if lines else None

    async def _believe(self, key: str) -> Principal:
        if not key.startswith(PREFIX) or len(key) > _LONGEST:
            raise Disbelieved("it does not look like one")
        # It is looked up by its hash, so how long that takes tells nothing of how much of a key was right.
        known = await self._source.find(hash_api_key(key))
        if known is None:
            raise Disbelieved("it is not known, or is revoked")
        if known.expires is not None and self._clock() >= known.expires:
            raise Disbelieved("it is expired")
        return known.principal

    def __repr__(self) -> str:
        return f"ApiKeys({self._source!r}, header={self._header!r})"


def _source(keys: Mapping[str, Principal] | str | Path | ApiKeyTable) -> ApiKeySource:
    match keys:
        case ApiKeyTable():
            return keys
        case str() | Path():
            return ApiKeyFile(Path(keys))
        case _:
            return NamedKeys(keys)
