"""Hands a document that was read already to Strawberry's own execution, so that it is not parsed and validated again."""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

from graphql import DocumentNode, specified_rules
from strawberry.extensions import SchemaExtension

# The text and the tree of the document that is about to run.
prepared: Final[ContextVar[tuple[str, DocumentNode] | None]] = ContextVar("prepared", default=None)


class Prepared(SchemaExtension):
    """Stands behind the user's extensions: where one of them adds rules of validation, the document is validated under those."""

    def on_parse(self) -> Iterator[None]:
        ready = prepared.get()
        if ready is not None and ready[0] == self.execution_context.query:
            self.execution_context.graphql_document = ready[1]
        yield

    def on_validate(self) -> Iterator[None]:
        context, ready = self.execution_context, prepared.get()
        if ready is not None and context.graphql_document is ready[1] and context.validation_rules == specified_rules:
            context.pre_execution_errors = []
        yield
