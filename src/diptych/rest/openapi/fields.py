"""Header fields and parameters, described once and referred to from every operation."""

from collections.abc import Mapping
from typing import Final

from diptych.rest.admission import JSON_MEDIA, PATCH_MEDIA
from diptych.semantics.json_value import JSON
from diptych.semantics.limits import Limits
from diptych.semantics.read import SMALLEST_PAGE

_TEXT: Final = {"type": "string"}
_PAGE_TAG: Final = 'W/"9f86d081884c7d659a2feaa0c55ad015"'


def _header(description: str, example: JSON, schema: Mapping[str, JSON] = _TEXT) -> dict[str, JSON]:
    return {"description": description, "schema": dict(schema), "example": example}


# By field name, as answers have them.
_HEADERS: Final = {
    "ETag": _header("The strong entity-tag of the row's full representation: its version in double quotes.", '"7"'),
    "Page-ETag": _header("A weak entity-tag, made of the content.", _PAGE_TAG),
    "Location": _header("The path of the row that was created.", "/api/users/1"),
    "Content-Location": _header("The path of the row whose representation the content is.", "/api/users/1"),
    "Link": _header(
        'The pages on either side, as `rel="next"` and `rel="prev"` (RFC 8288).', '</api/users?limit=20&after=WyJrMSIsMV0>; rel="next"'
    ),
    "Cache-Control": _header(
        "`private, no-cache` for what may be kept if it is asked about again, `no-store` for refusals.", "private, no-cache"
    ),
    "Vary": _header("The request fields that this answer depends on.", "Accept"),
    "Preference-Applied": _header("The preference that was followed (RFC 7240).", "return=minimal"),
    "WWW-Authenticate": _header("How to say who one is (RFC 9110, 11.6.1).", "Bearer"),
    "Retry-After": _header("Seconds after which the same request may succeed.", 1, {"type": "integer", "minimum": 0}),
    "Allow": _header("Every method of the path.", "GET, HEAD, OPTIONS"),
    "Accept": _header("The media types that this operation reads; stands in a 415.", JSON_MEDIA),
    "Accept-Patch": _header("The media types that PATCH reads (RFC 5789).", ", ".join(PATCH_MEDIA)),
    "Accept-Post": _header("The media types that POST reads.", JSON_MEDIA),
    "Accept-Encoding": _header("The codings that content may have; stands in a 415.", "identity"),
}


def _in_header(name: str, description: str, examples: Mapping[str, str]) -> dict[str, JSON]:
    listed = {key: {"value": value} for key, value in examples.items()}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": dict(_TEXT), "examples": listed}


def _in_query(name: str, description: str, schema: Mapping[str, JSON]) -> dict[str, JSON]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": dict(schema)}


IF_MATCH: Final = _in_header(
    "If-Match",
    "Do this only while the row has one of these entity-tags, or, for `*`, while it is there. Weak tags never match (RFC 9110, 13.1.1).",
    {"one": '"7"', "several": '"7", "9"', "any": "*"},
)
_IF_NONE_MATCH_READ: Final = _in_header(
    "If-None-Match",
    "Answer 304 if the row still has one of these entity-tags; compared weakly (RFC 9110, 13.1.2).",
    {"one": '"7"', "any": "*"},
)
_IF_NONE_MATCH_WRITE: Final = _in_header(
    "If-None-Match",
    "Do this only while nothing is there (`*`), or while the row has none of these entity-tags; compared weakly (RFC 9110, 13.1.2).",
    {"nothing": "*", "one": '"7"'},
)
_PREFER: Final = _in_header(
    "Prefer",
    "`return=minimal` asks for an answer without content, `return=representation` for the row as it is now, which is the rule (RFC 7240).",
    {"minimal": "return=minimal", "representation": "return=representation"},
)
_IF_MATCH_LIST: Final = _in_header(
    "If-Match",
    "`*` holds always. A collection has no strong entity-tag, so no tag ever matches (RFC 9110, 13.1.1).",
    {"any": "*"},
)
_IF_NONE_MATCH_LIST: Final = _in_header(
    "If-None-Match",
    "Answer 304 if the content still has one of these entity-tags; compared weakly (RFC 9110, 13.1.2). A stream has none.",
    {"one": _PAGE_TAG, "any": "*"},
)
_PREFER_COUNT: Final = _in_header(
    "Prefer",
    "`count=exact` asks how many rows there are in all (RFC 7240), which takes the time to count them.",
    {"exact": "count=exact"},
)
_AFTER: Final = _in_query("after", "The cursor after which the page starts, as a page gave it out.", _TEXT)
_BEFORE: Final = _in_query(
    "before", "The cursor before which the page ends, as a page gave it out; without `after`, the rows right before it.", _TEXT
)

# By component name.
PARAMETERS: Final[Mapping[str, JSON]] = {
    "IfMatch": IF_MATCH,
    "IfNoneMatchOnRead": _IF_NONE_MATCH_READ,
    "IfNoneMatchOnWrite": _IF_NONE_MATCH_WRITE,
    "Prefer": _PREFER,
    "IfMatchOnList": _IF_MATCH_LIST,
    "IfNoneMatchOnList": _IF_NONE_MATCH_LIST,
    "PreferCount": _PREFER_COUNT,
    "After": _AFTER,
    "Before": _BEFORE,
}


def page_size(limits: Limits) -> dict[str, JSON]:
    """The parameter that says how many rows a page has at most."""
    return _in_query(
        "limit",
        "Rows on one page.",
        {"type": "integer", "minimum": SMALLEST_PAGE, "maximum": limits.page_size, "default": limits.usual_page},
    )


HEADERS: Final[Mapping[str, JSON]] = {name.replace("-", ""): header for name, header in _HEADERS.items()}


def header_refs(*names: str) -> dict[str, JSON]:
    """Refer to header fields by the names that answers have them under; `Page-` in front of one stands for what it is on a page."""
    return {name.removeprefix("Page-"): {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name in names}


def parameter_refs(*names: str) -> list[JSON]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
