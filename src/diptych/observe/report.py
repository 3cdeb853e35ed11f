"""What is told of a command that has ended. No key and no value of a field is ever in it."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from diptych.semantics.outcome import Deleted, Found, NotModified, Page, Written
from diptych.semantics.principal import DoorName

CommandName: TypeAlias = Literal["create", "replace", "patch", "json_patch", "delete", "fetch", "list", "fetch_many", "related", "read"]

# Outcomes that no command has by itself: something unforeseen was raised, or the client went away before there was an answer.
INTERNAL: Final = "internal"
CANCELLED: Final = "cancelled"
UNAVAILABLE: Final = "unavailable"


@dataclass(frozen=True, slots=True)
class Report:
    """One command, ended. `outcome` is its effect or the code of its refusal; `error` the class of what was raised, if anything was."""

    door: DoorName
    resource: str
    command: CommandName
    outcome: str
    seconds: float
    request_id: str | None
    subject: str | None
    error: str | None = None


def outcome_name(answer: object) -> str:
    """One word for what a command was answered with: the effect, or the code of a refusal."""
    match answer:
        case Written(effect=effect):
            return effect.value
        case Deleted():
            return "deleted"
        case Page():
            return "listed"
        case NotModified():
            return "not_modified"
        case Found():
            return "found"
        case _:
            # What several rows or pages are answered with has no class of its own.
            return str(getattr(answer, "code", "found"))
