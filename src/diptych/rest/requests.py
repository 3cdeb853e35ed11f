"""HTTP requests become commands. Nothing is decided here: content that cannot be read travels in the command."""

from diptych.rest.admission import JSON_PATCH_MEDIA, Admitted
from diptych.rest.parameters import read_page, refuse_parameters
from diptych.semantics.command import Address, Create, Delete, Fetch, JsonPatch, List, MergePatch, Replace, Unaddressable
from diptych.semantics.json_text import read_json
from diptych.semantics.outcome import Invalid
from diptych.semantics.shape import Shape


def collection_command(method: str, admitted: Admitted, query: bytes, shape: Shape) -> Create | List | Invalid:
    """Translate a request to a collection; Invalid for parameters that are not known there."""
    if method != "POST":
        return read_page(query, shape)
    if (refusal := refuse_parameters(query)) is not None:
        return refusal
    return Create(read_json(admitted.body), admitted.conditions.in_order)


def item_command(
    method: str, text: str, admitted: Admitted, query: bytes, shape: Shape
) -> Fetch | Replace | MergePatch | JsonPatch | Delete | Invalid:
    """Translate a request to one row, whose key is the text of a path segment; Invalid for parameters, of which there are none."""
    if (refusal := refuse_parameters(query)) is not None:
        return refusal
    key, conditions = _address(text, shape), admitted.conditions
    match method:
        case "GET" | "HEAD":
            # A hit on If-None-Match is no refusal of a read: the reader has this state already (RFC 9110 section 13.1.2).
            matching = () if conditions.match is None else (conditions.match,)
            return Fetch(key, matching, unless=() if conditions.none_match is None else (conditions.none_match,))
        case "PUT":
            return Replace(key, read_json(admitted.body), conditions.in_order)
        case "PATCH" if admitted.media == JSON_PATCH_MEDIA:
            return JsonPatch(key, read_json(admitted.body), conditions.in_order)
        case "PATCH":
            return MergePatch(key, read_json(admitted.body), conditions.in_order)
        case "DELETE":
            return Delete(key, conditions.in_order)
        case _:
            raise AssertionError(f"no command for {method}")


def _address(text: str, shape: Shape) -> Address:
    key = shape.key_from_text(text)
    return Unaddressable(text) if key is None else key
