"""What a door's language must be able to say; REST and GraphQL each have one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from diptych.client.known import Known, Page
from diptych.client.persist import Question
from diptych.client.write import Write
from diptych.semantics.json_value import JSON

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page of a list. `where` is a filter in the form that both doors share, `order` JSON names, `-` in front for descending."""

    where: Mapping[str, JSON] | None = None
    order: Sequence[str] = ()
    size: int | None = None
    after: str | None = None
    before: str | None = None
    total: bool = False


class Speech(Protocol[T]):
    """Makes questions of what is asked; each reads its own answer, or raises what it says."""

    def introduction(self) -> Question[None] | None:
        """What must be asked before anything else; None when there is nothing."""
        ...

    def fetch(self, key: int | str, seen: Known[T] | None = None) -> Question[Known[T]]:
        """`seen` is what comes back where the row is still the same."""
        ...

    def page(self, wanted: Wanted) -> Question[Page[T]]: ...

    def write(self, write: Write) -> Question[Known[T] | None]:
        """None comes back from a delete."""
        ...
