"""What is written of a value while some places in it are still open, and what comes of it once they are filled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import Any, TypeAlias

from diptych.graphql.plan.leaves import Write
from diptych.semantics.json_value import JSON
from diptych.semantics.row import Key

# The key that leads on, the object with the open place, and the place's name in it.
Place: TypeAlias = tuple[Key, dict[str, JSON], str]
# What each key of each relation leads to, in the order of `Sketch.keys`.
Told: TypeAlias = Sequence[Sequence[Any]]


class Places:
    """The places that one variant opens, by the number of the relation that leads on from there, and what writes into them.

    They are gathered while something is written, and taken before anything is waited for.
    """

    def __init__(self) -> None:
        self.open: list[list[Place]] = []
        self.writes: list[Write] = []

    def take(self) -> dict[int, list[Place]]:
        """What was left open since the last time."""
        taken = {number: places for number, places in enumerate(self.open) if places}
        for number in taken:
            self.open[number] = []
        return taken


@dataclass(slots=True, eq=False)
class Sketch:
    """Callers who were given one page share what is written of it, and go on sharing while they are told the very same.

    So nothing in it is older than it is for any of them: what they were told, each has asked for itself.
    """

    written: JSON
    places: Mapping[int, Sequence[Place]]
    keys: Mapping[int, tuple[Key, ...]] = field(init=False)
    _further: list[tuple[Told, "Sketch"]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = {number: tuple(dict.fromkeys(key for key, _, _ in places)) for number, places in self.places.items()}

    def filled(self, path: Sequence[Told], opened: Places, anew: Callable[[], "Sketch"]) -> "Sketch":
        """What comes of it with the last of what was told; `path` begins with what the first level was told."""
        told = path[-1]
        for known, further in self._further:
            if all(all(map(is_, *pair)) for pair in zip(known, told, strict=True)):
                return further
        if self._further:
            # Its places were filled with what others were told, so this is written once more from the start.
            further = anew()
            for one in path:
                further = further._fill(one, opened)
        else:
            further = self._fill(told, opened)
        self._further.append((told, further))
        return further

    def _fill(self, told: Told, opened: Places) -> "Sketch":
        try:
            for (number, places), keys, values in zip(self.places.items(), self.keys.values(), told, strict=True):
                write, found = opened.writes[number], dict(zip(keys, values, strict=True))
                for key, written, name in places:
                    value = found[key]
                    written[name] = None if value is None else write(value)
        finally:
            taken = opened.take()
        return Sketch(self.written, taken)
