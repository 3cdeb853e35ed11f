"""JSON out and in: bodies to send, and answers that must be JSON objects."""

import json
from typing import Any

from diptych.client.errors import BadAnswer
from diptych.client.steps import Answered
from diptych.client.telling import seconds_of
from diptych.semantics.json_value import JSON


def json_bytes(value: JSON) -> bytes:
    """Raises ValueError for NaN and infinities, which are not JSON, and for text with half of a surrogate pair."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_object(answered: Answered, asked: str) -> dict[str, Any]:
    """Read the content as a JSON object. Raises BadAnswer, which says what came in place of one."""
    if 300 <= answered.status < 400:
        raise bad_answer(answered, asked, "which is a redirect; name the address it leads to")
    if not (answered.media_type == "application/json" or answered.media_type.endswith("+json")):
        raise bad_answer(answered, asked, "not JSON; is there a proxy in between, or another server?")
    try:
        value = json.loads(answered.content)
    except (ValueError, RecursionError):
        raise bad_answer(answered, asked, "which is broken or cut off") from None
    if not isinstance(value, dict):
        raise bad_answer(answered, asked, "which is no object")
    return value


def bad_answer(answered: Answered, asked: str, why: str) -> BadAnswer:
    media_type = answered.media_type
    came = f"{answered.status} with {media_type or 'no media type'}, {len(answered.content)} bytes"
    retry_after = seconds_of(answered.fields.get("retry-after"))
    return BadAnswer(f"{asked} was answered {came}, {why}.", status=answered.status, media_type=media_type, retry_after=retry_after)
