"""Makes known rows of representations."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from diptych.client.codec import Codec
from diptych.client.known import Known
from diptych.semantics.json_value import Document, is_integer

T = TypeVar("T")


class NotARow(ValueError):
    """A representation without a key or a version, or one that the caller's model does not fit."""


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """Knows where a representation has its key, and how to read it. `key_name` is a JSON name."""

    codec: Codec[T]
    key_name: str

    def known(self, representation: Document) -> Known[T]:
        """Raises NotARow."""
        if not isinstance(representation, dict):
            raise NotARow("a row is a JSON object")
        key, version = representation.get(self.key_name), representation.get("version")
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise NotARow(f"a row has its key in {self.key_name!r}")
        if version is None or not is_integer(version):
            raise NotARow("a row has an integer in 'version'")
        try:
            return Known(self.codec.read(representation), key, int(version), representation)
        except ValueError as error:
            raise NotARow(str(error)) from None
