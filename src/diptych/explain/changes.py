"""Changes between two schemas, and what each of them does to those who use the older one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from diptych.semantics.json_value import JSON

# `breaking`: a client that worked may fail. `dangerous`: it may see what it does not expect. `safe`: it notices nothing.
Effect: TypeAlias = Literal["breaking", "dangerous", "safe"]
EFFECTS: tuple[Effect, ...] = ("breaking", "dangerous", "safe")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `path` names the place: a schema coordinate such as `User.name`, or a JSON Pointer; `said` is a sentence."""

    effect: Effect
    path: str
    said: str

    def to_json(self) -> dict[str, JSON]:
        return {"effect": self.effect, "path": self.path, "said": self.said}


def in_order(changes: Sequence[Change]) -> list[Change]:
    """The worst first, then by place; each once."""
    return sorted(dict.fromkeys(changes), key=lambda change: (EFFECTS.index(change.effect), change.path, change.said))
