"""All that can be asked without anything being changed by it."""

from typing import TypeAlias

from tests.policies.asking import Asked
from tests.policies.commands import ROWS, Target, collection_requests, item_requests
from tests.policies.office import Office
from tests.policies.table import collection_lines, item_lines

# Who asks, and what.
Question: TypeAlias = tuple[str, Asked]


def that_change_nothing(office: Office) -> list[Question]:
    """Every read, and every write that is refused, of every caller through both doors."""
    questions: list[Question] = []
    for kind in ("Errand", "Satchel"):
        for (caller, command), told in item_lines(kind).items():
            for row, code in zip(ROWS, told, strict=True):
                if code != "ok" or command in ("fetch", "head", "part"):
                    questions += [(caller, asked) for asked in item_requests(command, Target(office, kind, caller, row)).values()]
        for (caller, command), collected in collection_lines(kind).items():
            if collected[0] != "ok" or not command.startswith("create"):
                questions += [(caller, asked) for asked in collection_requests(command, office, kind, caller).values()]
    return questions
