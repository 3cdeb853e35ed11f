"""How many rows a run asks for: what was once found to be within the bounds of an operation is so whenever the sizes are the same.

With the selections of a variant the sizes are all that counts, where the arguments of the relations are valid.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from graphql import GraphQLError

from diptych.graphql.plan.links import Linked
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import FetchMany, List
from diptych.semantics.outcome import Invalid
from diptych.semantics.read import decide_window

# Counts an operation under its variables, and says why it may not run, if so.
Judge = Callable[[], GraphQLError | None]
Sizes = tuple[int, ...]

# How many sizes are remembered for a variant; a client that always asks for others is counted each time.
_MOST: Final = 64


class Within:
    """The sizes with which one variant was found to be within the bounds."""

    def __init__(self) -> None:
        self._known: set[Sizes] = set()

    def refuse(self, asked: Sequence[tuple[ResourceShape, Any]], linked: Linked, judge: Judge) -> GraphQLError | None:
        """Why a run may not begin, if so. `asked` is what each root field asks of which resource."""
        sizes = _sizes(asked, linked)
        if sizes is not None and sizes in self._known:
            return None
        refusal = judge()
        if refusal is None and sizes is not None and len(self._known) < _MOST:
            self._known.add(sizes)
        return refusal


def _sizes(asked: Sequence[tuple[ResourceShape, Any]], linked: Linked) -> Sizes | None:
    """The sizes; None where a relation has a cursor that is none."""
    roots = tuple(_size(resource, command) for resource, command in asked)
    links = tuple(
        _size(link.related.target, window) for link, window in zip(linked.links.all, linked.windows, strict=True) if window is not None
    )
    return None if _NONE in links else (*roots, *links)


# A list that is refused when it is asked for, and what has no size.
_NONE: Final = 0


def _size(resource: ResourceShape, command: Any) -> int:
    match command:
        case FetchMany(keys):
            return len(keys)
        case List(size) if (command.after is None and command.before is None) or not isinstance(decide_window(command, resource), Invalid):
            return size
        case _:
            return _NONE
