"""One operation under one set of answers to its @skip and @include: its root fields, ready to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, FieldNode, GraphQLError, located_error
from graphql.pyutils import gather_with_cancel

from diptych.graphql.context import Context
from diptych.graphql.errors import planned
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.plan.links import Linked, Links
from diptych.graphql.plan.roots import Answered, Asked, ReadArguments, Root, Tell
from diptych.graphql.plan.sizes import Judge, Within
from diptych.graphql.plan.terms import Term
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid

# What the service did, or the error that stands for what it raised.
Answer = Answered | GraphQLError


@dataclass(frozen=True, slots=True)
class Field:
    """One root field under its response name. `nodes` are all the places in the document that ask for it."""

    name: str
    nodes: tuple[FieldNode, ...]
    nullable: bool
    arguments: Term
    root: Root
    read: ReadArguments
    tell: Tell


@dataclass(slots=True)
class Run:
    """How far one run is. `answers` are those of the fields that asked the service, None where the question was given up.

    `fits` is False once a value does not fit its type.
    """

    data: dict[str, JSON] | None
    answers: list[Answer | None]
    errors: list[GraphQLError]
    fits: bool = True

    @property
    def result(self) -> ExecutionResult:
        return ExecutionResult(self.data, self.errors or None)


@dataclass(frozen=True, slots=True)
class Variant:
    """`template` has every response name in order, with the values of those that are known already."""

    template: dict[str, JSON]
    fields: tuple[Field, ...]
    serial: bool
    parts: int
    links: Links
    _within: Within = field(default_factory=Within)

    def commands(self, variables: Mapping[str, Any]) -> list[Asked]:
        """What each field asks. Nothing has run yet: where this raises NotPlain, graphql-core may still run it all."""
        return [field.read(field.arguments(variables)) for field in self.fields]

    def refuse(self, commands: Sequence[Asked], linked: Linked, judge: Judge) -> GraphQLError | None:
        """Why it may not run, if it asks for too much."""
        asked = [(field.root.resource, command) for field, command in zip(self.fields, commands, strict=True)]
        return self._within.refuse(asked, linked, judge)

    async def run(self, commands: Sequence[Asked], linked: Linked, context: Context) -> Run:
        """Run all fields: one after the other in a mutation, at once in a query."""
        data = self.template.copy()
        run = Run(data, [None] * len(commands), [])
        try:
            if self.serial or len(commands) == 1:
                # One at a time is begun in a mutation, so that none is left unbegun when the client goes away.
                for number, field in enumerate(self.fields):
                    await _run_field(run, data, number, field, commands[number], linked, context)
            else:
                numbered = enumerate(self.fields)
                await gather_with_cancel(
                    *(_run_field(run, data, number, field, commands[number], linked, context) for number, field in numbered)
                )
        except GraphQLError as error:
            # A field that cannot be null takes the whole answer with it (GraphQL, September 2025, section 6.4.4).
            run.errors.append(error)
            run.data = None
        return run


async def _run_field(run: Run, data: dict[str, JSON], number: int, field: Field, command: Asked, linked: Linked, context: Context) -> None:
    """Run one field. Raises GraphQLError where it cannot be null."""
    answer: Answer
    try:
        answer = command if isinstance(command, Invalid) else await field.root.ask(context.service, field.root.resource, command)
    except Exception as error:
        answer = planned(error)
    run.answers[number] = answer
    try:
        if isinstance(answer, GraphQLError):
            raise answer
        if linked.windows:
            data[field.name] = await linked.write(field.name, lambda value: field.tell(value, context), answer, context.service)
        else:
            data[field.name] = field.tell(answer, context)
    except GraphQLError as error:
        located = located_error(error, list(field.nodes), [field.name])
        if not field.nullable:
            raise located from None
        run.errors.append(located)
    except (NotPlain, LookupError):
        run.fits = False
