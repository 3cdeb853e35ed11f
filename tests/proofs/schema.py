"""What GraphQL's own input coercion makes of a document of the demo, before any rule of ours is asked.

Written from the contract's sections 3 and 4 and from GraphQL's, September 2025, section 3: either the document as the service
then sees it, or that the schema refuses it.
"""

from typing import Any, Literal, TypeAlias

from tests.proofs.model import Object, Reference, Rules, Spec, Text, Texts, Whole, has_default

JSON: TypeAlias = Any
Verb: TypeAlias = Literal["create", "replace", "patch"]


class Refused(Exception):
    """The schema refuses the operation: a request error."""


def coerced(rules: Rules, verb: Verb, document: JSON) -> dict[str, JSON]:
    """The document after coercion; raises Refused."""
    if not isinstance(document, dict):
        raise Refused
    known: dict[str, Spec] = dict(rules.fields)
    if verb == "create" and rules.client_keyed:
        known["id"] = Reference(nullable=False)
    seen: dict[str, JSON] = {}
    for name, value in document.items():
        if name not in known:
            raise Refused
        if value is None:
            # In a patch every field is nullable, so a null is data.
            if verb != "patch" and not known[name].nullable:
                raise Refused
            seen[name] = None
        else:
            seen[name] = _coerced(known[name], value, is_key=name == "id")
    if verb != "patch":
        for name, spec in known.items():
            is_required = name == "id" or (not spec.nullable and not has_default(spec))
            if name not in seen and is_required:
                raise Refused
    return seen


def _coerced(spec: Spec, value: JSON, *, is_key: bool) -> JSON:
    match spec:
        case Text():
            return _text(value)
        case Texts():
            # A single value stands for a list of it.
            return [_item(one) for one in value] if isinstance(value, list) else [_item(value)]
        case Whole():
            if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not -(2**31) <= value < 2**31:
                raise Refused
            return int(value)
        case Object():
            return value
        case Reference():
            if isinstance(value, bool) or not isinstance(value, str | int | float) or (isinstance(value, float) and value != int(value)):
                raise Refused
            text = value if isinstance(value, str) else str(int(value))
            return text if is_key or not _is_number(text) else int(text)


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise Refused
    return value


def _item(value: JSON) -> str:
    if value is None:
        raise Refused
    return _text(value)


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and str(int(text)) == text
