"""What a document breaks, in our own words: from the errors of pydantic-core to violations."""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from pydantic_core import ErrorDetails, ValidationError
from pydantic_core.core_schema import ErrorType

from diptych.resource.canonical import canonical
from diptych.resource.value_reading import OURS
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import MOST_VIOLATIONS, Violation
from diptych.semantics.pointer import WHOLE, pointer

REQUIRED: Final = "Must be given."
NO_SUCH_FIELD: Final = "There is no such field."
NOT_NULL: Final = "Must not be null."

_OBJECT: Final = ("type", "Must be an object.")
_ARRAY: Final = ("type", "Must be an array.")
_OTHER: Final = ("not_allowed", "Must be a value that this field takes.")

_Wording = tuple[str, str | Callable[[Mapping[str, Any]], str]]

_WORDINGS: Final[Mapping[str, _Wording]] = {
    "missing": ("required", REQUIRED),
    "extra_forbidden": ("unknown", NO_SUCH_FIELD),
    "unexpected_keyword_argument": ("unknown", NO_SUCH_FIELD),
    "none_required": ("not_allowed", "Must be null."),
    "string_type": ("type", "Must be text."),
    "string_sub_type": ("type", "Must be text."),
    "string_too_short": ("too_short", lambda limit: f"Must be text of at least {_count(limit['min_length'], 'character')}."),
    "string_too_long": ("too_long", lambda limit: f"Must be text of at most {_count(limit['max_length'], 'character')}."),
    "string_pattern_mismatch": ("pattern", lambda limit: f"Must match the pattern {limit['pattern']}"),
    "int_type": ("type", "Must be an integer."),
    "int_from_float": ("type", "Must be an integer."),
    "float_type": ("type", "Must be a number."),
    "bool_type": ("type", "Must be true or false."),
    "decimal_type": ("type", "Must be a decimal number as text."),
    "finite_number": ("not_allowed", "Must be a finite number."),
    "greater_than": ("too_small", lambda limit: f"Must be greater than {_bound(limit['gt'])}."),
    "greater_than_equal": ("too_small", lambda limit: f"Must be at least {_bound(limit['ge'])}."),
    "less_than": ("too_large", lambda limit: f"Must be less than {_bound(limit['lt'])}."),
    "less_than_equal": ("too_large", lambda limit: f"Must be at most {_bound(limit['le'])}."),
    "multiple_of": ("not_allowed", lambda limit: f"Must be a multiple of {limit['multiple_of']}."),
    "decimal_max_digits": ("too_large", lambda limit: f"Must have at most {_count(limit['max_digits'], 'digit')}."),
    "decimal_max_places": ("format", lambda limit: f"Must have at most {_count(limit['decimal_places'], 'digit')} after the point."),
    "decimal_whole_digits": ("too_large", lambda limit: f"Must have at most {_count(limit['whole_digits'], 'digit')} before the point."),
    "too_short": ("too_short", lambda limit: f"Must have at least {_count(limit['min_length'], 'item')}."),
    "too_long": ("too_long", lambda limit: f"Must have at most {_count(limit['max_length'], 'item')}."),
    "bytes_too_short": ("too_short", lambda limit: f"Must be at least {_count(limit['min_length'], 'byte')}."),
    "bytes_too_long": ("too_long", lambda limit: f"Must be at most {_count(limit['max_length'], 'byte')}."),
    "literal_error": ("not_allowed", lambda limit: f"Must be {limit['expected']}."),
    "enum": ("not_allowed", lambda limit: f"Must be {limit['expected']}."),
    "union_tag_invalid": ("not_allowed", lambda limit: f"Must have {limit['discriminator']} {limit['expected_tags']}."),
    "union_tag_not_found": ("required", lambda limit: f"Must have {limit['discriminator']}."),
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "list_type": _ARRAY,
    "tuple_type": _ARRAY,
    "set_type": _ARRAY,
    "frozen_set_type": _ARRAY,
    "date_type": ("type", "Must be a date."),
    "time_type": ("type", "Must be a time of day."),
    "datetime_type": ("type", "Must be a date and time."),
    "time_delta_type": ("type", "Must be a duration."),
    "uuid_type": ("type", "Must be a UUID."),
    "bytes_type": ("type", "Must be base64 text."),
    "timezone_aware": ("format", "Must have an offset."),
    "timezone_naive": ("format", "Must have no offset."),
    "date_past": ("too_large", "Must be in the past."),
    "date_future": ("too_small", "Must be in the future."),
    "datetime_past": ("too_large", "Must be in the past."),
    "datetime_future": ("too_small", "Must be in the future."),
    "url_parsing": ("format", "Must be a URL."),
    "url_syntax_violation": ("format", "Must be a URL."),
    "url_scheme": ("format", lambda limit: f"Must be a URL that begins with {limit['expected_schemes']}."),
    "uuid_version": ("format", lambda limit: f"Must be a UUID of version {limit['expected_version']}."),
}
_KNOWN: Final = frozenset(get_args(ErrorType))


def violations(error: ValidationError, values: Document, names: Mapping[str, str]) -> list[Violation]:
    """Every violation once, up to MOST_VIOLATIONS.

    `values` is what was checked, by attribute name; `names` has the JSON names of its members.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        at, value = _place(detail, values, names)
        code, message = _wording(detail)
        if value is None and code in ("type", "not_allowed", "format"):
            code, message = "null", NOT_NULL
        messages = found.setdefault((at, code), [])
        if message not in messages:
            messages.append(message)
        if len(found) == MOST_VIOLATIONS:
            break
    # Of the branches of a union, those of another type say nothing once one of the right type has been looked into.
    entered = {at[:end] for at, _ in found for end, character in enumerate(at) if character == "/"}
    return [Violation(at, code, _together(messages)) for (at, code), messages in found.items() if not (code == "type" and at in entered)]


def _together(messages: list[str]) -> str:
    """One message of several: the branches of a union are refused one by one."""
    first, *others = messages
    if all(message.startswith("Must be ") for message in messages):
        return ", or ".join([first.removesuffix("."), *(other.removeprefix("Must be ").removesuffix(".") for other in others)]) + "."
    return " Or: ".join(messages)


def _wording(detail: ErrorDetails) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind.startswith(OURS):
        return kind.removeprefix(OURS), detail["msg"]
    if kind in ("value_error", "assertion_error"):
        return "rejected", str(context.get("error", detail["msg"])) or _OTHER[1]
    if kind not in _KNOWN:
        return "rejected", detail["msg"]
    code, message = _WORDINGS.get(kind, _OTHER)
    return code, message if isinstance(message, str) else message(context)


class _Nowhere:
    """Stands for the value of a member that is not there."""


def _place(detail: ErrorDetails, values: Document, names: Mapping[str, str]) -> tuple[str, JSON]:
    """The pointer to what is wrong, and the value there.

    A location also has the labels of union branches and of functions; only steps that lead somewhere in the document count.
    """
    location = detail["loc"]
    if not location:
        return WHOLE, _Nowhere
    parts: list[str | int] = []
    here: JSON = values
    for position, step in enumerate(location):
        if isinstance(here, list) and isinstance(step, int) and step < len(here):  # noqa: SIM114 -- told apart for the type checker
            here = here[step]
        elif isinstance(here, Mapping) and step in here:
            here = here[step]
        elif detail["type"] == "missing" and position == len(location) - 1:
            here = _Nowhere
        elif position:
            continue
        parts.append(names.get(str(step), step) if position == 0 else step)
    return pointer(*parts), here


def _bound(limit: Any) -> JSON:
    """A bound of the declaration, spelled as its values are."""
    return canonical(limit)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
