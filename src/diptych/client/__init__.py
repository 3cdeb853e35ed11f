"""A client for servers of diptych's: typed rows that know their versions, through REST or GraphQL, waiting or awaiting."""

from diptych.client.async_resource import AsyncResource
from diptych.client.client import AsyncClient, Client
from diptych.client.errors import AnswerLost, BadAnswer, ClientError, MaybeWritten, StreamCut, Unreachable
from diptych.client.graphql_errors import GraphqlError
from diptych.client.json_names import GraphqlNames
from diptych.client.known import Known, Page
from diptych.client.merge import Conflict, Conflicts, Merged, merge
from diptych.client.refusals import (
    AlreadyExists,
    ContentTooLarge,
    Forbidden,
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    ReferenceConflict,
    Refused,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UniqueConflict,
    UnsupportedMediaType,
    VersionExhausted,
    VersionMismatch,
    Violation,
)
from diptych.client.resource import Resource
from diptych.client.retries import Retries
from diptych.semantics.json_value import MISSING

__all__ = [
    "MISSING",
    "AlreadyExists",
    "AnswerLost",
    "AsyncClient",
    "AsyncResource",
    "BadAnswer",
    "Client",
    "ClientError",
    "Conflict",
    "Conflicts",
    "ContentTooLarge",
    "Forbidden",
    "GraphqlError",
    "GraphqlNames",
    "Internal",
    "Invalid",
    "Known",
    "Malformed",
    "MaybeWritten",
    "Merged",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "Page",
    "PatchConflict",
    "PatchInvalid",
    "PreconditionRequired",
    "ReferenceConflict",
    "Refused",
    "Resource",
    "Retries",
    "StreamCut",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "UniqueConflict",
    "Unreachable",
    "UnsupportedMediaType",
    "VersionExhausted",
    "VersionMismatch",
    "Violation",
    "merge",
]
