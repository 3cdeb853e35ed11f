"""What was seen lately, within a bound."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by a digest; the one that was asked for longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[bytes, Value] = OrderedDict()

    def get(self, digest: bytes) -> Value | None:
        value = self._values.pop(digest, None)
        if value is not None:
            self._values[digest] = value
        return value

    def put(self, digest: bytes, value: Value) -> None:
        self._values[digest] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        self._values.pop(digest, None)

    def clear(self) -> None:
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
