"""Makes fields that are resolved, root fields and relations, out of arguments known only at run time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from types import GenericAlias
from typing import Annotated, Any, TypeAlias

import strawberry

from diptych.graphql.arguments import Given
from diptych.graphql.context import Context
from diptych.graphql.errors import planned
from diptych.graphql.types import ResourceTypes
from diptych.semantics.limits import Limits

Info: TypeAlias = strawberry.Info[Context, None]
# Takes what the field belongs to, which is None for root fields, and the arguments.
Body = Callable[[Any, Info, Given], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a field. Where it may be left out and has no default of its own, `default` is UNSET."""

    name: str
    annotation: Any
    description: str
    default: Any = Parameter.empty


def page_arguments(types: ResourceTypes, limits: Limits) -> tuple[Argument, ...]:
    """What every list of a resource takes."""
    most, usual = limits.page_size, limits.usual_page
    return (
        Argument("where", types.where | None, "What must hold for the rows; all rows unless said.", strawberry.UNSET),
        Argument(
            "orderBy",
            GenericAlias(list, (types.order,)) | None,
            "What the rows are ordered by, at most 8 fields; those that are equal in all of them are in the order of their keys.",
            strawberry.UNSET,
        ),
        Argument(
            "first",
            int | None,
            f"How many rows to read from the start, or after `after`: 1 to {most}, {usual} unless said.",
            strawberry.UNSET,
        ),
        Argument("after", str | None, "A cursor of a page in the same order; the page starts behind it.", strawberry.UNSET),
        Argument(
            "last",
            int | None,
            f"How many rows to read from the end, or before `before`: 1 to {most}. Not with `first`.",
            strawberry.UNSET,
        ),
        Argument("before", str | None, "A cursor of a page in the same order; the page ends in front of it.", strawberry.UNSET),
    )


def make_field(name: str, answer: Any, arguments: Sequence[Argument], body: Body, description: str) -> Any:
    async def resolve(root: Any, info: Info, **given: Any) -> Any:
        try:
            return await body(root, info, given)
        except Exception as error:
            raise planned(error) from None

    # Strawberry reads arguments from a signature; ours are known only now.
    parameters = [
        Parameter("root", Parameter.KEYWORD_ONLY, annotation=Any),
        Parameter("info", Parameter.KEYWORD_ONLY, annotation=strawberry.Info),
    ]
    for argument in arguments:
        annotation, said = argument.annotation, strawberry.argument(name=argument.name, description=argument.description)
        parameters.append(
            Parameter(argument.name, Parameter.KEYWORD_ONLY, annotation=Annotated[annotation, said], default=argument.default)
        )
    vars(resolve)["__signature__"] = Signature(parameters, return_annotation=answer)
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": answer}
    return strawberry.field(resolver=resolve, name=name, description=description)
