"""API keys: long random texts, of which the server knows only the hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "dk_"

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was just made: `key` is for its owner and nobody else, `hash` for the server."""

    key: str = field(repr=False)
    hash: str


def new_api_key() -> NewApiKey:
    """Make a key of 256 random bits."""
    key = PREFIX + secrets.token_urlsafe(32)
    return NewApiKey(key, hash_api_key(key))


def hash_api_key(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal. A slow hash protects passwords, which can be guessed; a random key cannot be."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_hash(text: object, place: str) -> str:
    """A hash, checked; raises ValueError, which does not repeat it: it may be a key that somebody has put there."""
    if not isinstance(text, str) or _HASH.fullmatch(text) is None:
        raise ValueError(
            f"{place} is no SHA-256 in 64 lower-case hexadecimal digits. Keys themselves are never stored; "
            "`python -m diptych.identity` makes a key and its hash."
        )
    return text
