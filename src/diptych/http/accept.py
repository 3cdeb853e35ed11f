"""Content negotiation by Accept. Source: RFC 9110 section 12.5.1."""

from collections.abc import Sequence

# A range that names both parts beats `application/*`, which beats `*/*`.
_EXACT, _TYPE, _ANY = 3, 2, 1


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """Choose among the offered media types, the server's favourite first; None when the client takes none of them.

    No Accept at all takes anything. The most specific range decides each type's weight; equal weights leave the server's order.
    """
    if accept is None or accept in ("*/*", offered[0]):
        return offered[0]
    ranges = [_read_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best, chosen = 0.0, None
    for media in offered:
        weight = _weight(media, ranges)
        if weight > best:
            best, chosen = weight, media
    return chosen


def _read_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return name, 0.0
    return name, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    matches = [(specificity, weight) for name, weight in ranges if (specificity := _specificity(media, name))]
    return max(matches)[1] if matches else 0.0


def _specificity(media: str, name: str) -> int:
    if name == media:
        return _EXACT
    if name == media.split("/")[0] + "/*":
        return _TYPE
    return _ANY if name == "*/*" else 0
