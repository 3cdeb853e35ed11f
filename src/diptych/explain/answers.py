"""What is explained: values that are JSON with one step, for a terminal, a page or a program."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.explain.code import code_of
from diptych.graphql.spelling import Operation
from diptych.rest.spelling import Request
from diptych.semantics.json_value import JSON, Missing


@dataclass(frozen=True, slots=True)
class Template:
    """A read to be made once for each row of an answer. In its target, `{name}` stands for that member of the row.

    `each` is where the rows are: a response name, and those of relations after it.
    """

    each: str
    request: Request

    def to_json(self) -> dict[str, JSON]:
        return {"each": self.each, **request_json(self.request)}


@dataclass(frozen=True, slots=True)
class Step:
    """One root field and the request that means the same, None where there is none; `notes` say why, or what differs.

    `field` is its response name. `exact`: request and field mean the same, apart from members that nobody selected.
    """

    field: str
    resource: str
    command: str
    request: Request | None
    further: Sequence[Template] = ()
    notes: Sequence[str] = ()
    exact: bool = True

    def to_json(self) -> dict[str, JSON]:
        return {
            "field": self.field,
            "resource": self.resource,
            "command": self.command,
            "exact": self.exact,
            "request": None if self.request is None else request_json(self.request),
            "further": [one.to_json() for one in self.further],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class InRest:
    """An operation, in the words of REST: a step for each root field, to be made in this order."""

    steps: Sequence[Step]

    def to_json(self, server: str | None = None) -> dict[str, JSON]:
        """As JSON; with the address of a server, also as code that can be run."""
        steps = [step.to_json() for step in self.steps]
        if server is not None:
            for step, told in zip(self.steps, steps, strict=True):
                told["code"] = None if step.request is None else code_of(step.request, server)
        return {"from": "graphql", "steps": steps}


@dataclass(frozen=True, slots=True)
class InGraphql:
    """A request, in the words of GraphQL, and the request that carries them; both None where there are none."""

    resource: str
    command: str
    operation: Operation | None
    request: Request | None
    notes: Sequence[str] = ()
    exact: bool = True

    def to_json(self, server: str | None = None) -> dict[str, JSON]:
        """As JSON; with the address of a server, also as code that can be run."""
        operation = self.operation
        told: dict[str, JSON] = {
            "from": "rest",
            "resource": self.resource,
            "command": self.command,
            "exact": self.exact,
            "operation": None
            if operation is None
            else {"name": operation.name, "query": operation.query, "variables": dict(operation.variables)},
            "notes": list(self.notes),
        }
        return told if server is None else {**told, "code": None if self.request is None else code_of(self.request, server)}


def request_json(request: Request) -> dict[str, JSON]:
    """A request as JSON; the member `body` is there only where there is one, since a body may be null."""
    told: dict[str, JSON] = {"method": request.method, "target": request.target, "headers": dict(request.headers)}
    return told if isinstance(request.body, Missing) else {**told, "body": request.body}
