"""Python values as the JSON that the server has for them."""

from base64 import b64encode
from collections.abc import Mapping, Set
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from diptych.semantics.json_value import JSON


def spelled(value: Any) -> JSON:
    """The JSON value of a Python one: decimals, dates and UUIDs as text, enums by value, bytes in base64.

    Raises TypeError for what has no JSON.
    """
    match value:
        case None | bool() | str():
            # A member of an enum of text is text as well.
            return to_jsonable_python(value)
        case BaseModel():
            return spelled(value.model_dump(mode="python", by_alias=True, warnings=False))
        case Mapping():
            return {str(name): spelled(inner) for name, inner in value.items()}
        case list() | tuple() | Set():
            return [spelled(inner) for inner in value]
        case bytes():
            # The library's own base64 is the other alphabet, with - and _ (RFC 4648 section 5).
            return b64encode(value).decode()
        case _:
            try:
                return to_jsonable_python(value, timedelta_mode="iso8601", inf_nan_mode="constants")
            except PydanticSerializationError:
                raise TypeError(f"There is no JSON for {type(value).__name__}.") from None
