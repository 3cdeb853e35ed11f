"""Requests to the endpoint, read out of a body or a query string. Source: GraphQL over HTTP, sections on POST and GET."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from graphql import GraphQLError

from diptych.graphql.operations import Request
from diptych.graphql.trusted import BY_APOLLO, Named
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.measure import DEEPEST
from diptych.semantics.outcome import Malformed

# Parameters that a query string may have; the protocol knows four.
_MOST_PARAMETERS: Final = 16


def read_post(body: bytes, *, by_name: bool = False, deepest: int = DEEPEST) -> Request | GraphQLError:
    """Read the JSON body of a POST; an error for what is no GraphQL request at all.

    With `by_name` a request may name a trusted document in place of having one. `deepest` bounds levels of brackets.
    """
    content = read_json(body, deepest)
    if isinstance(content, Malformed):
        return unreadable(content)
    if not isinstance(content, dict):
        return _wrong("", "type", "Must be an object.")
    return _request(content, by_name)


def read_get(query_string: bytes, *, by_name: bool = False, deepest: int = DEEPEST) -> Request | GraphQLError:
    """Read the query string of a GET, where `variables` and `extensions` are JSON text."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return unreadable(Malformed("The query string cannot be read"))
    members: dict[str, JSON] = dict(pairs)
    if len(members) != len(pairs):
        return unreadable(Malformed("The query string has two parameters of one name"))
    for name in ("variables", "extensions"):
        if text := members.get(name):
            members[name] = read_json(text.encode(), deepest)
            if isinstance(members[name], Malformed):
                return unreadable(members[name])
        else:
            members.pop(name, None)
    return _request(members, by_name)


def unreadable(content: Malformed) -> GraphQLError:
    where = "" if content.offset is None else f" (at byte {content.offset})"
    return GraphQLError(f"{content.reason}{where}.", extensions={"code": "malformed"})


def _request(members: Mapping[str, JSON], by_name: bool) -> Request | GraphQLError:
    query, variables, name = members.get("query"), members.get("variables"), members.get("operationName")
    named = _named(members) if by_name and (query is None or query == "") else None
    if isinstance(named, GraphQLError):
        return named
    if named is not None:
        query = ""
    elif query is None or query == "":
        return _wrong("/query", "required", "A GraphQL document is required.")
    if not isinstance(query, str):
        return _wrong("/query", "type", "Must be text.")
    if variables is not None and not isinstance(variables, dict):
        return _wrong("/variables", "type", "Must be an object or null.")
    if name is not None and not isinstance(name, str):
        return _wrong("/operationName", "type", "Must be text or null.")
    if (extensions := members.get("extensions")) is not None and not isinstance(extensions, dict):
        return _wrong("/extensions", "type", "Must be an object or null.")
    # Empty is as absent.
    return Request(query, variables or {}, name or None, named)


# By what a document may be named: in the draft of GraphQL over HTTP, appendix A, and by Relay's network layers.
_NAMES: Final = ("documentId", "doc_id", "id")


def _named(members: Mapping[str, JSON]) -> Named | GraphQLError | None:
    """The name that a request has in place of a document; None where it has neither."""
    for member in _NAMES:
        identifier = members.get(member)
        if identifier is not None and identifier != "":
            return Named(identifier) if isinstance(identifier, str) else _wrong(f"/{member}", "type", "Must be text.")
    extensions = members.get("extensions")
    persisted = extensions.get(BY_APOLLO) if isinstance(extensions, dict) else None
    if persisted is None:
        return None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str):
        return _wrong(f"/extensions/{BY_APOLLO}", "type", "Must be an object with a text sha256Hash.")
    return Named(digest, by_apollo=True)


def _wrong(pointer: str, code: str, message: str) -> GraphQLError:
    violation: JSON = {"pointer": pointer, "code": code, "message": message}
    return GraphQLError(
        f"This is no GraphQL request: {pointer or 'the body'}: {message}", extensions={"code": "invalid", "violations": [violation]}
    )
