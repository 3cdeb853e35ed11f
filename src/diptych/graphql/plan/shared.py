"""What is written for many callers at once: their answers have the very same part, and its JSON text is made once."""

from functools import cached_property

from diptych.http.answer import json_bytes
from diptych.semantics.json_value import JSON


class Shared(dict[str, JSON]):
    """An object of an answer that nobody changes any more once its text was asked for."""

    @cached_property
    def text(self) -> bytes:
        return json_bytes(self)


def shared(written: JSON) -> JSON:
    """The same value, to be given to many."""
    return Shared(written) if isinstance(written, dict) else written


def body_bytes(body: dict[str, JSON]) -> bytes:
    """The JSON text of a response, put together from what was written before; the bytes are those of `json_bytes`."""
    data = body.get("data")
    if len(body) > 1 or not isinstance(data, dict) or Shared not in map(type, data.values()):
        return json_bytes(body)
    members = (json_bytes(name) + b":" + (value.text if type(value) is Shared else json_bytes(value)) for name, value in data.items())
    return b'{"data":{' + b",".join(members) + b"}}"
