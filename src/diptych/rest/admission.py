"""Admission: all that is asked of a request before anybody looks at a row, in the order in which it is refused."""

from collections.abc import Sequence
from typing import Final

from diptych.http.accept import choose
from diptych.http.asgi import Headers, Receive
from diptych.http.content import is_uncoded, is_utf8, media_type, read_body
from diptych.rest.entity_tags import if_match, if_none_match
from diptych.rest.refusal import (
    Refused,
    content_too_large,
    malformed,
    not_acceptable,
    unsupported_coding,
    unsupported_media_type,
)
from diptych.semantics.frozen import frozen
from diptych.semantics.limits import Limits
from diptych.semantics.measure import DEEPEST
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt, Precondition

JSON_MEDIA: Final = "application/json"
MERGE_PATCH_MEDIA: Final = "application/merge-patch+json"
JSON_PATCH_MEDIA: Final = "application/json-patch+json"
NDJSON_MEDIA: Final = "application/x-ndjson"

# What each method reads, and the field that says so in a 415. Plain JSON is read as a merge patch; Accept-Patch lists the two
# types that say which patch is meant. Methods that are not here have no content: what comes with them is not looked at.
_READ: Final = {
    "POST": (JSON_MEDIA,),
    "PUT": (JSON_MEDIA,),
    "PATCH": (MERGE_PATCH_MEDIA, JSON_PATCH_MEDIA, JSON_MEDIA),
}
PATCH_MEDIA: Final = (MERGE_PATCH_MEDIA, JSON_PATCH_MEDIA)
# What answers come in, the favourite first: those of a read of a collection, and all others.
LIST_OFFERED: Final = (JSON_MEDIA, NDJSON_MEDIA)
OFFERED: Final = (JSON_MEDIA,)


@frozen
class Conditions:
    """If-Match and If-None-Match; None where the field did not come."""

    match: Exists | IsAt | None
    none_match: Absent | IsNotAt | None

    @property
    def in_order(self) -> Sequence[Precondition]:
        """All of them, in the order in which they are judged. Source: RFC 9110 section 13.2.2."""
        return tuple(condition for condition in (self.match, self.none_match) if condition is not None)


@frozen
class Admitted:
    """A request whose form is in order. `media` and `body` are those of its content, empty for a method that has none.

    `accepted` is the media type that its answer is to have.
    """

    conditions: Conditions
    media: str = ""
    body: bytes = b""
    accepted: str = JSON_MEDIA
    # Levels of brackets that the content may have.
    deepest: int = DEEPEST


async def admit(method: str, headers: Headers, receive: Receive, limits: Limits, offered: Sequence[str] = OFFERED) -> Admitted | Refused:
    """Check media types, size and conditions; the content is read, but not yet understood. Raises ClientGone."""
    media, body = "", b""
    readable = _READ.get(method)
    if readable is not None:
        content_type = media_type(headers)
        if content_type is None or content_type.name not in readable or not is_utf8(content_type):
            return unsupported_media_type(*((b"accept-patch", PATCH_MEDIA) if method == "PATCH" else (b"accept", readable)))
        if not is_uncoded(headers):
            return unsupported_coding()
        media = content_type.name
    accepted = choose(headers.combined(b"accept"), offered)
    if accepted is None:
        return not_acceptable(*offered)
    if readable is not None:
        content = await read_body(receive, headers, limits.body_bytes)
        if content is None:
            return content_too_large(limits.body_bytes)
        body = content
    if method == "PUT" and headers.lines(b"content-range"):
        # A part of a representation must not be taken for the whole (RFC 9110 section 14.5).
        return malformed("Content-Range has no meaning on a PUT")
    conditions = read_conditions(headers)
    return conditions if isinstance(conditions, Refused) else Admitted(conditions, media, body, accepted, limits.json_depth)


def read_conditions(headers: Headers) -> Conditions | Refused:
    """Read both conditions, each from all of its field lines. If-Modified-Since and its kin say nothing here: no row has a date."""
    match_field, none_match_field = headers.combined(b"if-match"), headers.combined(b"if-none-match")
    match = None if match_field is None else if_match(match_field)
    if match is None and match_field is not None:
        return malformed("If-Match is neither * nor a list of entity-tags")
    none_match = None if none_match_field is None else if_none_match(none_match_field)
    if none_match is None and none_match_field is not None:
        return malformed("If-None-Match is neither * nor a list of entity-tags")
    return Conditions(match, none_match)
