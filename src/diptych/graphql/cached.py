"""What caches may do with the answer to a query that was asked for by name: the address says which query it was.

Source: RFC 9111 sections 3, 5.2; RFC 9110 sections 8.8.1, 13.1.2.
"""

from hashlib import blake2b
from typing import Final

from diptych.http.answer import Answer, Fields
from diptych.http.asgi import Headers, Scope
from diptych.semantics.principal import Caller

_PRIVATE: Final = (b"cache-control", b"private, no-cache")
_VARY: Final = (b"vary", b"Accept, Authorization, Cookie")
# What somebody sends who says who they are. An answer to it is theirs alone, whoever the server takes them for.
_CREDENTIALS: Final = (b"authorization", b"cookie", b"x-api-key")


def cached(answer: Answer, public_seconds: int | None, scope: Scope, caller: Caller) -> Answer:
    """Let a client keep an answer and ask whether it is still good; where it is public, anybody on the way for so many seconds.

    An answer is public only where nobody has said who they are.
    """
    headers = Headers(scope)
    principal = caller.principal
    # Rules may go by roles and claims of somebody without a name, such as one who comes from a certain address.
    named = not principal.is_anonymous or bool(principal.roles) or bool(principal.claims)
    known = named or any(headers.lines(name) for name in _CREDENTIALS)
    may_share = public_seconds is not None and not known
    keeping = (b"cache-control", b"public, max-age=%d" % public_seconds) if public_seconds is not None and may_share else _PRIVATE
    assert answer.body is not None, "an answer of GraphQL has content"
    # Weak: the same values, by whatever way they came to be written (RFC 9110 section 8.8.1).
    tag = b'W/"%s"' % blake2b(answer.body, digest_size=12).hexdigest().encode()
    kept: Fields = tuple(field for field in answer.fields if field[0] != b"cache-control")
    fields: Fields = (*kept, keeping, _VARY, (b"etag", tag))
    none_match = headers.combined(b"if-none-match")
    if none_match is not None and _names(none_match, tag.decode()):
        return Answer(304, tuple(field for field in fields if field[0] != b"content-type"))
    return Answer(answer.status, fields, answer.body)


def _names(none_match: str, tag: str) -> bool:
    """Weak comparison with each tag of a list; tags of ours have no comma in them. Source: RFC 9110 section 8.8.3.2."""
    bare = tag.removeprefix("W/")
    return any(one.strip() == "*" or one.strip().removeprefix("W/") == bare for one in none_match.split(","))
