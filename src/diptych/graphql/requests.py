"""Requests to the endpoint, read out of a body or a query string. Source: GraphQL over HTTP, sections on POST and GET."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from graphql import GraphQLError

from diptych.graphql.operations import Request
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Malformed

# Parameters that a query string may have; the protocol knows four.
_MOST_PARAMETERS: Final = 16


def read_post(body: bytes) -> Request | GraphQLError:
    """Read the JSON body of a POST; an error for what is no GraphQL request at all."""
    content = read_json(body)
    if isinstance(content, Malformed):
        return unreadable(content)
    if not isinstance(content, dict):
        return _wrong("", "type", "Must be an object.")
    return _request(content)


def read_get(query_string: bytes) -> Request | GraphQLError:
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
            members[name] = read_json(text.encode())
            if isinstance(members[name], Malformed):
                return unreadable(members[name])
        else:
            members.pop(name, None)
    return _request(members)


def unreadable(content: Malformed) -> GraphQLError:
    where = "" if content.offset is None else f" (at byte {content.offset})"
    return GraphQLError(f"{content.reason}{where}.", extensions={"code": "malformed"})


def _request(members: Mapping[str, JSON]) -> Request | GraphQLError:
    query, variables, name = members.get("query"), members.get("variables"), members.get("operationName")
    if query is None or query == "":
        return _wrong("/query", "required", "A GraphQL document is required.")
    if not isinstance(query, str):
        return _wrong("/query", "type", "Must be text.")
    if not isinstance(variables, dict | None):
        return _wrong("/variables", "type", "Must be an object or null.")
    if not isinstance(name, str | None):
        return _wrong("/operationName", "type", "Must be text or null.")
    if not isinstance(members.get("extensions"), dict | None):
        return _wrong("/extensions", "type", "Must be an object or null.")
    # Empty is as absent.
    return Request(query, variables or {}, name or None)


def _wrong(pointer: str, code: str, message: str) -> GraphQLError:
    violation: JSON = {"pointer": pointer, "code": code, "message": message}
    return GraphQLError(
        f"This is no GraphQL request: {pointer or 'the body'}: {message}", extensions={"code": "invalid", "violations": [violation]}
    )
