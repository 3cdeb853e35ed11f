"""A class that model validators can be given an instance of."""

from abc import ABCMeta
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel


class _Plain:
    """An attribute that is nothing but its value, in place of one that SQLAlchemy tracks."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            return instance.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self._name] = value


def stand_in(model: type[BaseModel], attributes: Iterable[str]) -> type[BaseModel]:
    """Make a subclass whose instances hold values and have all of the model's methods, and which is mapped to no table.

    An instance of the model itself would need SQLAlchemy's state, and a subclass made the usual way would be a table again.
    So the metaclasses of SQLModel are left out.
    """
    body: dict[str, Any] = {name: _Plain(name) for name in attributes}
    body |= {"__slots__": (), "__module__": model.__module__, "__doc__": model.__doc__, "__setattr__": object.__setattr__}
    made: type[BaseModel] = ABCMeta.__new__(type(model), model.__name__, (model,), body)
    return made
