"""How much one request may ask for, and for how long: every bound in one place, each with its default."""

from dataclasses import dataclass, fields
from typing import Any, Final


class LimitsError(ValueError):
    """A limit cannot be what it was set to; the message names it and says what would be accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a request, the same through both doors where both have what is bounded.

    Bytes are those of a body, seconds are wall-clock time, and everything else is counted in pieces. Raises LimitsError for
    a value that a limit cannot have.
    """

    # Bodies, and what a JSON Patch makes of a row.
    body_bytes: int = 1 << 20
    json_depth: int = 64

    # GraphQL documents, judged before they are validated; root fields, depth and aliases for each operation.
    tokens: int = 4000
    operations: int = 20
    depth: int = 20
    aliases: int = 100
    root_fields: int = 100
    directives: int = 5
    introspection: bool = True

    # What a GraphQL operation could read: relations inside relations, rows by their page sizes, and values in those rows.
    relation_depth: int = 4
    rows: int = 10_000
    values: int = 250_000

    # Lists and filters.
    page_size: int = 100
    comparisons: int = 100
    compared_values: int = 1000
    joined: int = 200
    filter_depth: int = 8
    compared_characters: int = 4096

    # Time, and how many callers wait for the database.
    request_seconds: float = 60.0
    statement_seconds: float = 30.0
    waiting: int = 4096

    @property
    def usual_page(self) -> int:
        """The rows of a page whose size nobody has said."""
        return min(_USUAL_PAGE, self.page_size)

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))
        if self.statement_seconds > self.request_seconds:
            raise LimitsError(
                f"Limits(statement_seconds={self.statement_seconds:g}): must be at most request_seconds, "
                f"which is {self.request_seconds:g}; nobody would wait for a longer statement."
            )


_USUAL_PAGE: Final = 20
# The least and the most that each may be. The code below is made for no more: parsers and patches recurse, SQL has its own bounds.
_RANGES: Final[dict[str, tuple[int, int]]] = {
    "body_bytes": (1, 1 << 30),
    "json_depth": (8, 64),
    "tokens": (10, 100_000),
    "operations": (1, 10_000),
    "depth": (1, 200),
    "aliases": (0, 100_000),
    "root_fields": (1, 100_000),
    "directives": (1, 1000),
    "relation_depth": (0, 10),
    "rows": (1, 10_000_000),
    "values": (1, 100_000_000),
    "page_size": (1, 10_000),
    "comparisons": (1, 1000),
    "compared_values": (1, 10_000),
    "joined": (1, 10_000),
    "filter_depth": (1, 32),
    "compared_characters": (1, 1 << 20),
    "waiting": (1, 1_000_000),
}
_SECONDS: Final = ("request_seconds", "statement_seconds")
_LONGEST: Final = 86_400


def _check(name: str, value: Any) -> None:
    if name == "introspection":
        if not isinstance(value, bool):
            raise _wrong(name, value, "true or false")
    elif name in _SECONDS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST:
            raise _wrong(name, value, f"seconds, more than 0 and at most {_LONGEST}")
    else:
        least, most = _RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(name, value, f"a whole number from {least} to {most}")


def _wrong(name: str, value: Any, accepted: str) -> LimitsError:
    return LimitsError(f"Limits({name}={value!r}): must be {accepted}.")


# What holds where nothing else is said.
USUAL_LIMITS: Final = Limits()
