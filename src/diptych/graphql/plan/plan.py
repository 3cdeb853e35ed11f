"""One operation of a document, compiled: variables in, commands to the service, JSON out.

It must be invisible. What it is not made for is handed to graphql-core: before anything has run, the whole operation;
afterwards the answers of the service, to write them and to find the words where one does not fit the schema.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from graphql import ExecutionResult

from diptych.graphql.context import Context
from diptych.graphql.plan.limits import BYTES_PER_PART, BYTES_PER_VARIANT, MOST_VARIANTS, NotPlain, Unplannable
from diptych.graphql.plan.replay import Replay
from diptych.graphql.plan.sizes import Judge
from diptych.graphql.plan.variables import Variables
from diptych.graphql.plan.variant import Variant
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid
from diptych.service.acting import Acting

# Runs the operation on graphql-core.
Otherwise = Callable[[Context], Awaitable[ExecutionResult]]


class Plan:
    """`compile` makes a variant, and `switches` are the variables that choose one; `grown` is told the bytes each takes."""

    def __init__(
        self,
        variables: Variables,
        switches: tuple[str, ...],
        compile: Callable[[Mapping[str, JSON]], Variant],
        grown: Callable[[int], None],
    ) -> None:
        self._variables = variables
        self._switches = switches
        self._compile = compile
        self._grown = grown
        self._variants: dict[tuple[JSON, ...], Variant | None] = {}

    async def run(self, given: Mapping[str, JSON], context: Context, otherwise: Otherwise, judge: Judge | None) -> ExecutionResult:
        """Run it, unless `judge` says that it asks for too much; None where it cannot."""
        try:
            variables = self._variables.coerce(given)
            variant = self._variant(variables)
            commands, linked = variant.commands(variables), variant.links.under(variables)
        except (NotPlain, Unplannable, RecursionError):
            refusal = None if judge is None else judge()
            return await otherwise(context) if refusal is None else ExecutionResult(None, [refusal])
        if judge is not None and (refusal := variant.refuse(commands, linked, judge)) is not None:
            return ExecutionResult(None, [refusal])
        run = await variant.run(commands, linked, context)
        if run.fits:
            return run.result
        asked = [(command, answer) for command, answer in zip(commands, run.answers, strict=True) if not isinstance(command, Invalid)]
        return await otherwise(replace(context, service=cast("Acting", Replay(asked, context.service))))

    def _variant(self, variables: Mapping[str, Any]) -> Variant:
        chosen = tuple(map(variables.get, self._switches))
        variant = self._variants.get(chosen)
        if variant is None:
            if chosen in self._variants or len(self._variants) == MOST_VARIANTS:
                raise Unplannable
            if not all(type(answer) is bool for answer in chosen):
                raise NotPlain
            self._variants[chosen] = None
            variant = self._variants[chosen] = self._compile(dict(zip(self._switches, chosen, strict=True)))
            self._grown(BYTES_PER_VARIANT + BYTES_PER_PART * variant.parts)
        return variant
