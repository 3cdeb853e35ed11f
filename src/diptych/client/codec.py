"""Between a caller's values and the server's documents: for pydantic and SQLModel classes, and for plain dicts."""

import copy
from base64 import b64decode
from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from diptych.client.json_names import camel_case
from diptych.client.spelled import spelled
from diptych.client.spelling import Spelling
from diptych.semantics.json_value import JSON, Document

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=BaseModel)


class Unreadable(ValueError):
    """What the server has does not fit the caller's model; says which fields, and never their values."""


class Codec(Protocol[T]):
    """Reads representations into values, and writes values as documents."""

    spelling: Spelling

    def read(self, representation: Document) -> T: ...

    def document(self, value: T | Mapping[str, Any], *, given_only: bool = False) -> dict[str, JSON]:
        """All members of a value; with `given_only` just those that were given when it was made."""
        ...

    def name(self, attribute: str) -> str:
        """The JSON name of a field. Raises TypeError where there is no such field."""
        ...


class PlainCodec:
    """Rows as dicts of JSON, just as the server has them."""

    spelling: Spelling = Spelling()

    def read(self, representation: Document) -> dict[str, JSON]:
        return copy.deepcopy(dict(representation))

    def document(self, value: Mapping[str, Any], *, given_only: bool = False) -> dict[str, JSON]:
        return {name: spelled(inner) for name, inner in value.items()}

    def name(self, attribute: str) -> str:
        return attribute


class ModelCodec(Generic[ModelT]):
    """Rows as instances of a model. A field's JSON name is its alias, or its own name in camelCase."""

    def __init__(self, model: type[ModelT]) -> None:
        self._model = model
        self._names: Final = {name: _json_name(name, field) for name, field in model.model_fields.items()}
        kinds = {self._names[name]: _kind(field.annotation) for name, field in model.model_fields.items()}
        self._bytes = frozenset(name for name, kind in kinds.items() if kind is bytes)
        self.spelling = Spelling(
            tuple(kinds),
            {name: {one.name: one.value for one in kind} for name, kind in kinds.items() if issubclass(kind, Enum)},
            frozenset(name for name, kind in kinds.items() if kind is int),
        )

    def read(self, representation: Document) -> ModelT:
        """Make an instance. Members that the model does not have are left out. Raises Unreadable."""
        values = {}
        for name, field in self._model.model_fields.items():
            if (member := self._names[name]) in representation:
                value = representation[member]
                values[_validated_as(name, field)] = _from_base64(value) if member in self._bytes else value
        try:
            return self._model.model_validate(values)
        except ValidationError as error:
            told = error.errors(include_url=False, include_context=False, include_input=False)
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told)
            raise Unreadable(f"{self._model.__name__} does not fit what the server has: {wrong}") from None

    def document(self, value: ModelT | Mapping[str, Any], *, given_only: bool = False) -> dict[str, JSON]:
        if isinstance(value, Mapping):
            return {self._names.get(name, name): spelled(inner) for name, inner in value.items()}
        # The caller may hand in another class than the one that rows are read into: one with the fields to be written only.
        model = type(value)
        # What a model computes for itself is no field that could be written.
        computed = set(model.model_computed_fields)
        dumped = value.model_dump(mode="python", by_alias=True, exclude_unset=given_only, exclude=computed, warnings=False)
        names = {_dumped_as(name, field): _json_name(name, field) for name, field in model.model_fields.items()}
        return {names.get(name, name): spelled(inner) for name, inner in dumped.items()}

    def name(self, attribute: str) -> str:
        if attribute in self._names:
            return self._names[attribute]
        if attribute in self._names.values():
            return attribute
        raise TypeError(f"{self._model.__name__} has no field {attribute!r}; it has {', '.join(self._names)}.")


def codec_of(model: type[ModelT]) -> ModelCodec[ModelT]:
    """The codec of a class. Raises TypeError for what is no pydantic model."""
    # Callers without a type checker may hand in anything.
    given: object = model
    if not (isinstance(given, type) and issubclass(given, BaseModel)):
        raise TypeError("A resource is read into a pydantic or SQLModel class; leave the class out to have rows as dicts.")
    return ModelCodec(model)


def _json_name(name: str, field: FieldInfo) -> str:
    return field.serialization_alias or field.alias or camel_case(name)


def _dumped_as(name: str, field: FieldInfo) -> str:
    return field.serialization_alias or field.alias or name


def _validated_as(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), None)
    return alias if isinstance(alias, str) else field.alias or name


def _kind(annotation: Any) -> type:
    """The class of a field's values: of `Colour | None`, and of `list[Colour]`, it is Colour; object where there is no one class."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, list):
        return _kind(inner[0])
    if origin in (Union, UnionType):
        kinds = [one for one in inner if one is not type(None)]
        return _kind(kinds[0]) if len(kinds) == 1 else object
    return annotation if isinstance(annotation, type) and origin is None else object


def _from_base64(value: JSON) -> Any:
    if isinstance(value, list):
        return [_from_base64(one) for one in value]
    return b64decode(value) if isinstance(value, str) else value
