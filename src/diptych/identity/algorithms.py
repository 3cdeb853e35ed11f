"""Signature algorithms that can be asked for, and the kind of key that each takes. Source: RFC 7518, RFC 8812, RFC 8037, RFC 9864."""

from collections.abc import Sequence
from typing import Final

KEY_KINDS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512", "ES256K"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519", "Ed448"), "OKP"),
    **dict.fromkeys(("HS256", "HS384", "HS512"), "oct"),
}


def read_algorithms(algorithms: Sequence[str], *, with_key_set: bool) -> tuple[str, ...]:
    """The pinned algorithms, checked; raises ValueError.

    With a key set, which is public, HMAC is refused: the public key would be the secret. Source: RFC 8725 sections 2.1, 3.1.
    """
    if isinstance(algorithms, str):
        raise ValueError(f'algorithms= is a list, such as ["{algorithms if algorithms in KEY_KINDS else "RS256"}"].')
    if not algorithms:
        raise ValueError('algorithms= names what the issuer signs with, such as ["RS256"].')
    for name in algorithms:
        if name not in KEY_KINDS:
            raise ValueError(f"algorithms= has {name!r}. Possible are {', '.join(KEY_KINDS)}.")
        if with_key_set and KEY_KINDS[name] == "oct":
            raise ValueError(f"algorithms= has {name}, for which a public key set would be the secret. Use key= with it, or another one.")
    if not with_key_set and len({KEY_KINDS[name] for name in algorithms}) > 1:
        raise ValueError("algorithms= needs keys of several kinds, and key= is one. Leave out those that the key is not for.")
    return tuple(algorithms)
