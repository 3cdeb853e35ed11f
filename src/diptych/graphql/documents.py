"""Documents: GraphQL text, parsed and validated once, and remembered within bounds."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Token,
    TokenKind,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from diptych.graphql.bounds import beyond_bounds
from diptych.graphql.depth import relation_depth
from diptych.graphql.plan import Plan
from diptych.graphql.resolvers import mutation_names, query_names
from diptych.graphql.silence import unfit_document
from diptych.resource.shape import ResourceShape
from diptych.semantics.limits import USUAL_LIMITS, Limits

# Digits that a number may have, as in a JSON body.
MOST_DIGITS: Final = 400

# Bounds of what is remembered: documents, their estimated bytes in memory, and the characters of each one's text.
MOST_KEPT: Final = 512
MOST_BYTES_KEPT: Final = 32 << 20
LONGEST_KEPT: Final = 16 << 10
_BYTES_PER_TOKEN: Final = 600


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document. `own`: every root field is a resource's own, or introspection. `related`: it selects relations, or
    lists that could be larger together than an operation may be, so that it must be counted before it runs.
    """

    name: str | None
    type: OperationType
    own: bool
    related: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is valid under the schema."""

    text: str
    tree: DocumentNode
    operations: tuple[Operation, ...]
    # By operation name, None for an operation of which no plan can be made; and the bytes that all of them take.
    plans: dict[str | None, Plan | None] = field(default_factory=dict)
    plan_bytes: list[int] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """About the bytes that it takes in memory, its plans included."""
        return len(self.text) + _BYTES_PER_TOKEN * self.tree.token_count + sum(self.plan_bytes)

    def select(self, name: str | None) -> Operation | GraphQLError:
        """Find the operation to run. Source: GraphQL, September 2025, section 6.1, GetOperation."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            return GraphQLError("The document has several operations; operationName must say which one to run.")
        for operation in self.operations:
            if operation.name == name:
                return operation
        return GraphQLError("The document has no operation of this operationName.")


class DocumentWatch(Protocol):
    """Told of each document that is asked for, and of each plan that is made."""

    def document(self, found: bool) -> None: ...

    def plan(self) -> None: ...


class Documents:
    """Reads documents. Valid ones of usual length are remembered by their whole text, the latest used the longest."""

    def __init__(self, schema: strawberry.Schema, resources: Sequence[ResourceShape], limits: Limits = USUAL_LIMITS) -> None:
        self._schema = schema
        self._limits = limits
        self._own_queries = frozenset(name for resource in resources for name in query_names(resource))
        self._own_mutations = frozenset(name for resource in resources for name in mutation_names(resource))
        self._relations = frozenset((resource.name, relation.name) for resource in resources for relation in resource.relations)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._pinned: dict[str, Document] = {}
        self._weight = 0
        self.watch: DocumentWatch | None = None

    def read(self, text: str) -> Document | Sequence[GraphQLError]:
        """Parse and validate, or say why the document cannot be run."""
        kept = self._kept.get(text)
        if self.watch is not None:
            self.watch.document(kept is not None or text in self._pinned)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        if (pinned := self._pinned.get(text)) is not None:
            return pinned
        read = self._read(text)
        if isinstance(read, Document) and len(text) <= LONGEST_KEPT:
            self._keep(read)
        return read

    def pin(self, text: str) -> Document | Sequence[GraphQLError]:
        """Read a document and keep it for good, beside the bounds; or say why it cannot be run."""
        read = self.read(text)
        if isinstance(read, Document):
            self._pinned[text] = read
        return read

    def keeps(self, document: Document) -> bool:
        return self._kept.get(document.text) is document or self._pinned.get(document.text) is document

    def grown(self, document: Document, weight: int) -> None:
        """Count what a plan has added to a document."""
        document.plan_bytes.append(weight)
        if self.watch is not None:
            self.watch.plan()
        if self._kept.get(document.text) is document:
            self._weight += weight
            self._drop_beyond_bounds()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        return self._weight

    def _read(self, text: str) -> Document | Sequence[GraphQLError]:
        try:
            tree = parse(text, max_lexical_tokens=self._limits.tokens, max_comments=self._limits.tokens)
        except GraphQLSyntaxError as error:
            return [GraphQLError(error.message, source=error.source, positions=error.positions, extensions=_MALFORMED)]
        if (refusal := _unreadable(tree, self._limits.json_depth) or beyond_bounds(tree, self._limits)) is not None:
            return [refusal]
        if errors := validate_document(self._schema._schema, tree, specified_rules):
            return errors if self._limits.introspection else unfit_document()
        operations = tuple(self._operations(tree))
        errors = [operation for operation in operations if isinstance(operation, GraphQLError)]
        return errors or Document(text, tree, tuple(operation for operation in operations if isinstance(operation, Operation)))

    def _operations(self, tree: DocumentNode) -> Iterator[Operation | GraphQLError]:
        fragments = {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
        for node in tree.definitions:
            if isinstance(node, OperationDefinitionNode):
                own = self._own_mutations if node.operation is OperationType.MUTATION else self._own_queries
                fields = list(_root_fields(node.selection_set, fragments, set()))
                roots, most = set(fields), self._limits.page_size * len(fields)
                depth = relation_depth(self._schema._schema, self._relations, node, fragments, self._limits.relation_depth)
                if isinstance(depth, GraphQLError):
                    yield depth
                    continue
                name = node.name.value if node.name else None
                yield Operation(name, node.operation, own=roots <= own | _INTROSPECTION, related=depth > 0 or most > self._limits.rows)

    def _keep(self, document: Document) -> None:
        self._kept[document.text] = document
        self._weight += document.weight
        self._drop_beyond_bounds()

    def _drop_beyond_bounds(self) -> None:
        while len(self._kept) > MOST_KEPT or self._weight > MOST_BYTES_KEPT:
            _, dropped = self._kept.popitem(last=False)
            self._weight -= dropped.weight


_MALFORMED: Final = {"code": "malformed"}
_OPENING: Final = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING: Final = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


def _unreadable(tree: DocumentNode, deepest: int) -> GraphQLError | None:
    """Hold a document to what a JSON body is held to: levels of brackets, digits of a number, finite numbers."""
    depth = 0
    for token in _tokens(tree):
        if token.kind in _OPENING:
            depth += 1
            if depth > deepest:
                return _refuse(tree, token, f"The document is nested deeper than {deepest} levels.")
        elif token.kind in _CLOSING:
            depth -= 1
        elif token.kind in (TokenKind.INT, TokenKind.FLOAT):
            if sum(map(str.isdigit, token.value or "")) > MOST_DIGITS:
                return _refuse(tree, token, f"A number has more than {MOST_DIGITS} digits.")
            if token.kind is TokenKind.FLOAT and abs(float(token.value or "0")) == float("inf"):
                return _refuse(tree, token, "A number is too large.")
    return None


def _tokens(tree: DocumentNode) -> Iterator[Token]:
    token = tree.loc.start_token if tree.loc is not None else None
    while token is not None:
        yield token
        token = token.next


def _refuse(tree: DocumentNode, token: Token, message: str) -> GraphQLError:
    assert tree.loc is not None
    return GraphQLError(message, source=tree.loc.source, positions=[token.start], extensions=_MALFORMED)


_INTROSPECTION: Final = frozenset({"__typename", "__schema", "__type"})


def _root_fields(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]) -> Iterator[str]:
    """The names of all root fields, those in fragments too; each fragment is looked into once."""
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in seen:
                seen.add(name)
                yield from _root_fields(fragments[name].selection_set, fragments, seen)
        elif isinstance(selection, InlineFragmentNode):
            yield from _root_fields(selection.selection_set, fragments, seen)
        else:
            yield selection.name.value  # type: ignore[attr-defined]
