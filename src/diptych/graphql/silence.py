"""What errors say where introspection is off: nothing by which somebody who guesses could learn the schema.

Graphql-core names types, suggests fields that are spelled alike, and finds something else wrong with a field that is there than
with one that is not. So whatever it says of a document or of variables becomes one sentence, the same for all, without a place.
"""

from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError

_DOCUMENT: Final = "The document does not fit the schema. Nothing more is said here: introspection is off."
_VARIABLES: Final = (
    "The variables, or the arguments that they are given to, do not fit the schema. Nothing more is said here: introspection is off."
)
_INVALID: Final = {"code": "invalid"}
# How graphql-core begins what it says of an argument, at a field that is run already.
_OF_AN_ARGUMENT: Final = ("Argument '", "Variable '", "Directive '")
_HINT: Final = " Did you mean "


def unfit_document() -> Sequence[GraphQLError]:
    return [GraphQLError(_DOCUMENT, extensions=_INVALID)]


def silenced(errors: Sequence[GraphQLError]) -> Sequence[GraphQLError]:
    """What is told in place of the errors that came of running an operation. One that has a code is ours, and stays."""
    if any(error.path is None and not _is_ours(error) for error in errors):
        # Their number would tell how much of a guess was right.
        return [GraphQLError(_VARIABLES, extensions=_INVALID)]
    return [error if _is_ours(error) else _silenced(error) for error in errors]


def _is_ours(error: GraphQLError) -> bool:
    return bool(error.extensions) and "code" in (error.extensions or {})


def _silenced(error: GraphQLError) -> GraphQLError:
    if error.message.startswith(_OF_AN_ARGUMENT):
        return GraphQLError(_VARIABLES, error.nodes, path=error.path, extensions=_INVALID)
    said, hint, _ = error.message.partition(_HINT)
    return GraphQLError(said, error.nodes, path=error.path, extensions=error.extensions) if hint else error
