"""The check of whole documents, with the model's own constraints and validators."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic_core import SchemaValidator, ValidationError, to_json

from diptych.resource.canonical import canonical
from diptych.resource.guard import guard_of
from diptych.resource.kinds import Json
from diptych.resource.shape import Field
from diptych.resource.spelling import Change, writer
from diptych.resource.unprintable import unprintable
from diptych.resource.violations import violations
from diptych.semantics.json_value import JSON, MISSING, Document
from diptych.semantics.outcome import Violation
from diptych.semantics.pointer import WHOLE, pointer
from diptych.semantics.row import Key
from diptych.semantics.version import Version

# How pydantic-core's JSON writer spells U+0000, which no other text contains unless it has a backslash before.
_NUL = b"\\u0000"

# A number such as 1e300 is written out in a JSON column, so a text of short ones could grow seventyfold: from this size in
# bytes on, a document must not grow more than so many times.
_LARGE = 1 << 14
_MOST_GROWTH = 4


class DocumentChecker:
    """Checks documents of one model. `validator` reads JSON text of members by attribute name, key and version among them."""

    def __init__(self, key: Field, columns: Sequence[Field], validator: SchemaValidator) -> None:
        self._key = key.attribute
        self._validate = validator.validate_json
        self._guard = guard_of(columns)
        self._members = [(column.attribute, column.json_name, column.default) for column in columns]
        self._are_named_alike = all(column.attribute == column.json_name for column in columns)
        self._names = [(column.attribute, column.json_name) for column in columns]
        self._written = [(column.json_name, write) for column in columns if (write := _writer(column)) is not None]
        self._json_names = {column.attribute: column.json_name for column in (key, *columns)}

    def __call__(self, members: Document, *, key: Key | None, version: Version) -> dict[str, JSON] | Sequence[Violation]:
        values: dict[str, JSON] = {"version": version, self._key: key}
        if self._are_named_alike and len(members) == len(self._members):
            # Every field is there.
            values.update(members)
        else:
            for attribute, name, default in self._members:
                value = members.get(name, default)
                if value is not MISSING:
                    values[attribute] = value
        try:
            text = to_json(values)
        except ValueError:
            if found := unprintable(values, self._json_names):
                return found
            raise
        wrong = unprintable(values, self._json_names) if _NUL in text else []
        try:
            # From JSON text, since that is the mode in which pydantic reads JSON's few types into Python's many.
            checked = self._validate(text)
            fields = self._returned(checked)
        except ValidationError as error:
            return [*wrong, *violations(error, values, self._json_names)]
        document = self._canonical(fields)
        if len(text) > _LARGE and isinstance(document, dict) and len(to_json(document)) > _MOST_GROWTH * len(text):
            wrong.append(Violation(WHOLE, "too_large", "Must not have this many numbers that are so large."))
        return wrong or document

    def _returned(self, checked: Any) -> Mapping[str, Any]:
        """The values by attribute name: of an instance where model validators asked for one, else plain."""
        if isinstance(checked, tuple):
            return cast("Mapping[str, Any]", checked[0])
        return cast("Mapping[str, Any]", self._guard.validate_python(checked.__dict__)[0])

    def _canonical(self, fields: Mapping[str, Any]) -> dict[str, JSON] | Sequence[Violation]:
        document: dict[str, Any] = {name: fields[attribute] for attribute, name in self._names}
        wrong: list[Violation] = []
        for name, write in self._written:
            try:
                document[name] = None if document[name] is None else write(document[name])
            except ValueError:
                # NaN in a free JSON column, or a datetime without a zone that a nested default or validator made.
                wrong.append(Violation(pointer(name), "not_allowed", "Must have finite numbers, and moments with an offset."))
        return wrong or document


def _writer(column: Field) -> Change | None:
    return canonical if isinstance(column.kind, Json) else writer(column.kind)
