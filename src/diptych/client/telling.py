"""From a problem that was told to the exception that has its name."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from diptych.client import refusals
from diptych.client.known import Known
from diptych.client.refusals import Refused, Told
from diptych.semantics.json_value import JSON, Document

_PLAIN: Final[Mapping[str, Callable[[Told], Refused]]] = {
    "not_found": refusals.NotFound,
    "precondition_required": refusals.PreconditionRequired,
    "invalid": refusals.Invalid,
    "malformed": refusals.Malformed,
    "already_exists": refusals.AlreadyExists,
    "unique_conflict": refusals.UniqueConflict,
    "reference_conflict": refusals.ReferenceConflict,
    "patch_conflict": refusals.PatchConflict,
    "patch_invalid": refusals.PatchInvalid,
    "version_exhausted": refusals.VersionExhausted,
    "unauthenticated": refusals.Unauthenticated,
    "forbidden": refusals.Forbidden,
    "internal": refusals.Internal,
    "method_not_allowed": refusals.MethodNotAllowed,
    "not_acceptable": refusals.NotAcceptable,
    "content_too_large": refusals.ContentTooLarge,
    "unsupported_media_type": refusals.UnsupportedMediaType,
}
_BUSY: Final = {"unavailable": refusals.Unavailable, "too_many_requests": refusals.TooManyRequests}


def refusal_of(
    told: Told,
    *,
    known: Callable[[Document], Known[Any]],
    retry_after: str | None = None,
    yours: int | None = None,
    sent: JSON = None,
) -> Refused:
    """The exception for a problem; plain Refused for a code that this client does not know.

    `known` makes a row of a representation. Raises KeyError or TypeError where a fact is missing or is no such thing.
    """
    if told.code == "version_mismatch":
        current = told.facts["current"]
        return refusals.VersionMismatch(told, current=None if current is None else known(current), yours=yours, sent=sent)
    if told.code in _BUSY:
        return _BUSY[told.code](told, retry_after=seconds_of(retry_after))
    return _PLAIN.get(told.code, Refused)(told)


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds to wait: a number of them, or the time until a date. None for anything else. Source: RFC 9110 section 10.2.3."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date in `-0000` comes back without a zone, and means UTC.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
