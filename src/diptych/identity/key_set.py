"""Keys of an issuer, and the check of signatures by them, on joserfc."""

import base64
import binascii
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from diptych.identity.algorithms import KEY_KINDS
from diptych.identity.challenge import LOG
from diptych.identity.compact import Token
from diptych.semantics.json_text import read_json

# Bits. Below, it can be broken (RFC 7518 section 3.3); above, OpenSSL refuses to check, and long before that it is slow.
_LEAST_RSA: Final = 2048
_MOST_RSA: Final = 16384
# A set is looked through for each token.
_MOST_KEYS: Final = 200

_KINDS: Final[Mapping[str, type[Key]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey, "oct": OctKey}


class KeySet:
    """The keys of an issuer as they were at one time. Two sets are the same only if they are one object.

    `only` tells that there is one key for all tokens, whatever name they give it.
    """

    def __init__(self, keys: Sequence[Key], *, only: bool = False) -> None:
        self._keys = tuple(keys)
        self._only = only

    def candidates(self, kid: str | None, algorithm: str) -> list[Key]:
        """The keys that a token may be signed by, hardly ever more than one.

        A token that names no key gets one only where a single key fits, so that nobody has us try them all.
        """
        fitting = [key for key in self._keys if _fits(key, algorithm)]
        if kid is None:
            return fitting if len(fitting) == 1 else []
        return [key for key in fitting if key.kid == kid or (self._only and key.kid is None)]

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeySet({len(self)} keys)"


def is_signed(token: Token, key: Key) -> bool:
    """Tell whether a token is signed by a key that fits its algorithm."""
    try:
        return JWSRegistry.algorithms[token.algorithm].verify(token.signed, token.signature, key)
    except (JoseError, ValueError):
        return False


def _fits(key: Key, algorithm: str) -> bool:
    """Tell whether a key may verify an algorithm, by its type, its curve, and its `use`, `alg` and `key_ops` (RFC 7517 section 4)."""
    try:
        JWSRegistry.algorithms[algorithm].check_key(key)
        key.check_key_op("verify")
    except JoseError:
        return False
    return True


def read_key_set(text: bytes) -> KeySet:
    """The keys of a JWK Set that can verify; raises ValueError where the text is none. Source: RFC 7517 section 5."""
    members = read_json(text)
    listed = members.get("keys") if isinstance(members, dict) else None
    if not isinstance(listed, list):
        raise ValueError('It is no JWK Set, which looks like {"keys": [{"kty": "RSA", …}]}.')
    if len(listed) > _MOST_KEYS:
        raise ValueError(f"It has more than {_MOST_KEYS} keys.")
    keys = []
    for index, each in enumerate(listed):
        # One key that is of no use here says nothing against the others.
        try:
            keys.append(_public_key(each))
        except ValueError as error:
            LOG.info("Key %d of the set is passed by: %s", index, error)
    return KeySet(keys)


def _public_key(jwk: Any) -> Key:
    """One key of a set; raises ValueError."""
    kind = jwk.get("kty") if isinstance(jwk, dict) else None
    if kind == "oct":
        raise ValueError("It is a secret, which has no place in a public set.")
    if kind not in ("RSA", "EC", "OKP"):
        raise ValueError("It is of a kind that is not known here.")
    return _import_jwk(jwk)


def _import_jwk(jwk: Mapping[str, Any]) -> Key:
    if jwk["kty"] == "RSA":
        # Before the import, which would take its time over a modulus of a million bits.
        _check_size(_bits(jwk.get("n")))
    try:
        return JWKRegistry.import_key(dict(jwk))
    except Exception:
        # What is wrong with it is told in many ways, some of which repeat it.
        raise ValueError("It is malformed.") from None


def _bits(number: Any) -> int:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(f"{number}=="), "big").bit_length() if isinstance(number, str) else 0
    except (binascii.Error, ValueError):
        return 0


def _check_size(bits: int) -> None:
    if not _LEAST_RSA <= bits <= _MOST_RSA:
        raise ValueError(f"An RSA key has {_LEAST_RSA} to {_MOST_RSA} bits, and this one {bits}.")


def read_one_key(given: str | bytes | Mapping[str, Any], algorithms: Sequence[str]) -> KeySet:
    """The key that an application was given, as PEM or JWK, or a secret for HMAC; raises ValueError, which never repeats it."""
    kind = KEY_KINDS[algorithms[0]]
    if isinstance(given, Mapping):
        if given.get("kty") != kind:
            raise ValueError(f'key= is a JWK of another kind than {algorithms[0]} takes: its "kty" must be "{kind}".')
        key = _import_jwk(given)
    else:
        try:
            with warnings.catch_warnings():
                # What the library warns of, a weak key or one that looks like another's, is refused.
                warnings.simplefilter("error", SecurityWarning)
                key = _KINDS[kind].import_key(given)
        except Exception:
            raise ValueError(f"key= is no {kind} key as {algorithms[0]} takes: {_EXPECTED[kind]}.") from None
    if isinstance(key, RSAKey):
        _check_size(key.raw_value.key_size)
    if isinstance(key, OctKey):
        _check_secret(key, algorithms)
    elif key.is_private:
        raise ValueError("key= is a private key. Whoever checks tokens needs the public one only.")
    if unfit := [name for name in algorithms if not _fits(key, name)]:
        raise ValueError(f"key= cannot verify {', '.join(unfit)}: its type, curve, use, alg or key_ops is for something else.")
    return KeySet([key], only=True)


_EXPECTED: Final = {
    "RSA": "a public key of 2048 bits or more in PEM, or a JWK",
    "EC": "a public key in PEM, or a JWK",
    "OKP": "a public key in PEM, or a JWK",
    "oct": "a random secret of 32 bytes or more, and never a public key",
}


def _check_secret(key: OctKey, algorithms: Sequence[str]) -> None:
    """A secret is at least as long as the hash. Source: RFC 7518 section 3.2."""
    least = max(int(name[2:]) // 8 for name in algorithms)
    if len(key.raw_value) < least:
        raise ValueError(f"key= is a secret of {len(key.raw_value)} bytes, and {' and '.join(algorithms)} needs {least}, made at random.")
