"""HTTP requests become commands. Nothing is decided here: content that cannot be read travels in the command."""

from diptych.rest.admission import JSON_PATCH_MEDIA, Admitted
from diptych.rest.parameters import refuse_parameters
from diptych.semantics.command import Address, Create, Delete, Fetch, JsonPatch, MergePatch, Replace, Unaddressable
from diptych.semantics.json_text import read_json
from diptych.semantics.outcome import Invalid
from diptych.semantics.shape import Shape


def create_command(admitted: Admitted, query: bytes) -> Create | Invalid:
    """Translate a request to make a row; Invalid for parameters, of which there are none."""
    if (refusal := refuse_parameters(query)) is not None:
        return refusal
    return Create(read_json(admitted.body, admitted.deepest), admitted.conditions.in_order)


def item_command(
    method: str, text: str, admitted: Admitted, query: bytes, shape: Shape
) -> Fetch | Replace | MergePatch | JsonPatch | Delete | Invalid:
    """Translate a request to one row, whose key is the text of a path segment; Invalid for parameters, of which there are none."""
    if (refusal := refuse_parameters(query)) is not None:
        return refusal
    if method in ("GET", "HEAD"):
        return fetch_command(text, admitted, shape)
    key, conditions = _address(text, shape), admitted.conditions
    match method:
        case "PUT":
            return Replace(key, read_json(admitted.body, admitted.deepest), conditions.in_order)
        case "PATCH" if admitted.media == JSON_PATCH_MEDIA:
            return JsonPatch(key, read_json(admitted.body, admitted.deepest), conditions.in_order)
        case "PATCH":
            return MergePatch(key, read_json(admitted.body, admitted.deepest), conditions.in_order)
        case "DELETE":
            return Delete(key, conditions.in_order)
        case _:
            raise AssertionError(f"no command for {method}")


def fetch_command(text: str, admitted: Admitted, shape: Shape) -> Fetch:
    """Translate a read of one row. A hit on If-None-Match is no refusal: the reader has this state (RFC 9110 section 13.1.2)."""
    conditions = admitted.conditions
    matching = () if conditions.match is None else (conditions.match,)
    return Fetch(_address(text, shape), matching, unless=() if conditions.none_match is None else (conditions.none_match,))


def _address(text: str, shape: Shape) -> Address:
    key = shape.key_from_text(text)
    return Unaddressable(text) if key is None else key
