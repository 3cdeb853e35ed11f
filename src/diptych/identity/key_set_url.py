"""A JWK Set behind a URL: fetched when needed, kept for ten minutes, and longer while the URL is away."""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import httpx

from diptych.identity.challenge import LOG
from diptych.identity.key_set import KeySet, read_key_set

# Seconds. A key that the issuer has taken out of the set is believed for LIFETIME at most, as long as the URL answers.
LIFETIME: Final = 600.0
# Somebody who makes up names of keys has the issuer asked this often, and no more.
COOL_DOWN: Final = 30.0
# Without any keys nobody comes in, so it is tried again sooner.
PAUSE_WITHOUT_KEYS: Final = 5.0
# Keys of an issuer that has been away for so long are no longer its keys.
KEPT_WHILE_AWAY: Final = 86400.0

_MOST_BYTES: Final = 512 * 1024
_FIELDS: Final = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}


class KeySetUrl:
    """The keys behind a URL, which is https unless it is of this machine. `timeout` is for one whole fetch, in seconds."""

    def __init__(self, url: str, *, timeout: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url, self._is_here = _read(url)
        self._timeout = timeout
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._text: bytes | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._is_away = False
        self._fetching: asyncio.Task[None] | None = None

    async def keys(self) -> KeySet | None:
        now = self._monotonic()
        if now - self._fetched_at >= KEPT_WHILE_AWAY:
            self._keys = self._text = None
        pause = PAUSE_WITHOUT_KEYS if self._keys is None else COOL_DOWN
        if self._is_fetching() or (now - self._fetched_at >= LIFETIME and now - self._tried_at >= pause):
            # While the URL is away the old keys serve at once: only who found that out has waited.
            if self._keys is None or not (self._is_away or self._is_fresh(now)):
                await self._fetch()
            elif not self._is_fetching():
                self._begin()
        return self._keys

    async def newer_keys(self) -> KeySet | None:
        if self._is_fetching() or self._monotonic() - self._tried_at >= COOL_DOWN:
            await self._fetch()
        return self._keys

    async def open(self) -> None:
        await self._fetch()

    async def close(self) -> None:
        if self._fetching is not None and self._is_fetching():
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _is_fresh(self, now: float) -> bool:
        return now - self._fetched_at < LIFETIME

    def _is_fetching(self) -> bool:
        # A loop that has ended has left its task behind.
        fetching = self._fetching
        return fetching is not None and not fetching.done() and fetching.get_loop() is asyncio.get_running_loop()

    async def _fetch(self) -> None:
        """Join the fetch under way, or begin one. A caller who gives up takes nothing from the others."""
        await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None or not self._is_fetching():
            self._tried_at = self._monotonic()
            self._fetching = asyncio.create_task(self._renew())
        return self._fetching

    async def _renew(self) -> None:
        """Fetch once; what goes wrong leaves the keys as they are."""
        try:
            async with asyncio.timeout(self._timeout):
                text = await self._get()
            # The same text keeps the set that it is, and with it what was found out under it.
            if text != self._text:
                self._keys, self._text = read_key_set(text), text
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._is_away = True
            reason = str(error) if isinstance(error, ValueError) else type(error).__name__
            LOG.warning("No keys could be had from %s: %s", self._url, reason)
        else:
            self._is_away = False
            self._fetched_at = self._tried_at
            LOG.info("%d keys from %s.", len(self._keys or ()), self._url)

    async def _get(self) -> bytes:
        """The content behind the URL; raises ValueError for any other answer than 200, and for more than 512 KiB."""
        content = bytearray()
        # No redirect is followed: it could lead to anybody. A proxy of the environment is not for this machine.
        async with (
            httpx.AsyncClient(timeout=self._timeout, trust_env=not self._is_here, headers=_FIELDS) as client,
            client.stream("GET", self._url) as answer,
        ):
            if answer.status_code != 200:
                raise ValueError(f"The answer was {answer.status_code}.")
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ValueError("The answer is compressed, which was not asked for.")
            async for part in answer.aiter_raw():
                content += part
                if len(content) > _MOST_BYTES:
                    raise ValueError(f"The answer is larger than {_MOST_BYTES} bytes.")
        return bytes(content)

    def __repr__(self) -> str:
        return f"jwks={self._url!r}"


def _read(url: str) -> tuple[str, bool]:
    """The URL, checked, and whether it is of this machine; raises ValueError, which never repeats the URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        raise ValueError("jwks= is a URL that cannot be read.") from None
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError("jwks= is an https URL or the path of a file.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("jwks= names no user, query or fragment: it stands in logs.")
    is_here = _is_loopback(host)
    if parts.scheme == "http" and not is_here:
        raise ValueError("jwks= is an http URL. Whoever can change what it answers can make tokens: write https.")
    return url, is_here


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
