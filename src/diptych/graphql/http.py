"""The endpoint: plain ASGI that serves GraphQL at one path. Source: GraphQL over HTTP."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache, partial
from time import monotonic
from typing import Final

import strawberry
from graphql import GraphQLError, OperationType

from diptych.graphql.cached import cached
from diptych.graphql.context import Context
from diptych.graphql.documents import DocumentWatch
from diptych.graphql.operations import Operations, Request, Response, request_error
from diptych.graphql.plan.shared import body_bytes
from diptych.graphql.requests import read_get, read_post
from diptych.graphql.trusted import TrustedDocuments
from diptych.http.accept import choose
from diptych.http.answer import NO_STORE, Answer, Fields, problem_answer, send_answer
from diptych.http.asgi import Headers, Receive, Scope, Send, root_path, segments
from diptych.http.content import ClientGone, is_uncoded, is_utf8, media_type, read_body
from diptych.http.doorkeeper import ADMISSIONS, STAMPS, Admission, Doorkeeper, TurnedAway, anybody
from diptych.http.in_time import TooSlow
from diptych.http.late import too_slow
from diptych.http.unforeseen import unforeseen
from diptych.resource.shape import ResourceShape
from diptych.semantics.deadline import DEADLINE
from diptych.semantics.limits import USUAL_LIMITS, Limits
from diptych.semantics.principal import Caller
from diptych.semantics.problems import problem
from diptych.service.acting import Acting, Rules
from diptych.service.execute import Service

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
HTML: Final = "text/html"

ALLOW: Final = (b"allow", b"GET, POST")
HTML_TYPE: Final = (b"content-type", b"text/html; charset=utf-8")
_FIELDS: Final[Mapping[str, Fields]] = {
    media: ((b"content-type", media.encode() + b"; charset=utf-8"), NO_STORE) for media in (JSON, GRAPHQL)
}


class GraphqlDoor:
    """Serves the schema of some resources at `path`; whatever lies beneath it is not found.

    `page` writes what a browser sees on GET, with `page_fields` as its header fields; without it, a browser is a client like others.
    """

    def __init__(
        self,
        service: Service,
        schema: strawberry.Schema,
        resources: Sequence[ResourceShape],
        *,
        page: Callable[[Scope], bytes] | None = None,
        page_fields: Fields = (HTML_TYPE,),
        path: str = "/graphql",
        limits: Limits = USUAL_LIMITS,
        trusted: TrustedDocuments | None = None,
        act: Callable[[Caller], Acting] | None = None,
        doorkeeper: Doorkeeper | None = None,
    ) -> None:
        self._act = partial(Acting, service, Rules(resources)) if act is None else act
        self._doorkeeper = doorkeeper
        self._operations = Operations(schema, resources, limits, trusted)
        self._page = page
        self._page_fields = page_fields
        self._raw_path = b"/" + path.strip("/").encode()
        self._path = tuple(path.strip("/").split("/"))
        self._limits = limits
        self._by_name = trusted is not None

    def watch(self, watcher: DocumentWatch) -> None:
        """Let the documents that are asked for be watched."""
        self._operations.documents.watch = watcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = DEADLINE.set(monotonic() + self._limits.request_seconds)
        try:
            answer = await self._answer(scope, receive)
        except ClientGone:
            return
        except TooSlow:
            answer = too_slow(self._limits, root_path(scope))
        except Exception as error:
            answer = _unforeseen(error, Headers(scope))
        finally:
            DEADLINE.reset(deadline)
        if STAMPS in scope:
            answer = answer.stamped(scope[STAMPS])
        await send_answer(send, answer, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        # It comes spelled like this nearly always.
        if scope.get("raw_path") != self._raw_path and segments(scope) != self._path:
            return _problem(scope, "not_found", "Nothing is served at this path.")
        match scope["method"]:
            case "POST":
                return await self._post(scope, receive)
            case "GET":
                return await self._get(scope)
            case "OPTIONS":
                return Answer(204, (ALLOW, NO_STORE))
            case _:
                return _problem(scope, "method_not_allowed", "GraphQL is asked by POST, and queries also by GET.", ALLOW)

    async def _post(self, scope: Scope, receive: Receive) -> Answer:
        headers = Headers(scope)
        caller = self._admit(scope, headers)
        if not isinstance(caller, ADMISSIONS):
            caller = await caller
        if isinstance(caller, TurnedAway):
            return _turned_away(caller, headers)
        media = media_type(headers)
        if media is None or media.name != JSON or not is_utf8(media):
            return _problem(scope, "unsupported_media_type", f"A GraphQL request is {JSON}, in UTF-8.", (b"accept", JSON.encode()))
        if not is_uncoded(headers):
            # As on REST, the field says which of the two is wrong (RFC 9110 section 15.5.16).
            return _problem(scope, "unsupported_media_type", "The content must come without a coding.", (b"accept-encoding", b"identity"))
        answered = _negotiated(headers)
        if answered is None:
            return _not_acceptable(scope)
        body = await read_body(receive, headers, self._limits.body_bytes)
        if body is None:
            return _problem(scope, "content_too_large", f"A GraphQL request has at most {self._limits.body_bytes} bytes.")
        request = read_post(body, by_name=self._by_name, deepest=self._limits.json_depth)
        if isinstance(request, GraphQLError):
            return _written(request_error(request), answered, 400)
        return await self._run(request, scope, answered, caller)

    async def _get(self, scope: Scope) -> Answer:
        headers = Headers(scope)
        if self._page is not None and choose(headers.combined(b"accept"), (JSON, GRAPHQL, HTML)) == HTML:
            # A link in a browser shows the playground and runs nothing, whatever its query says.
            return Answer(200, (*self._page_fields, NO_STORE), self._page(scope))
        caller = self._admit(scope, headers)
        if not isinstance(caller, ADMISSIONS):
            caller = await caller
        if isinstance(caller, TurnedAway):
            return _turned_away(caller, headers)
        answered = _negotiated(headers)
        if answered is None:
            return _not_acceptable(scope)
        request = read_get(scope["query_string"], by_name=self._by_name, deepest=self._limits.json_depth)
        if isinstance(request, GraphQLError):
            return _written(request_error(request), answered, 400)
        return await self._run(request, scope, answered, caller)

    def _admit(self, scope: Scope, headers: Headers) -> Admission | Awaitable[Admission]:
        return anybody("graphql") if self._doorkeeper is None else self._doorkeeper(scope, headers, "graphql")

    async def _run(self, request: Request, scope: Scope, answered: str, caller: Caller) -> Answer:
        selected = self._operations.select(request)
        if isinstance(selected, Response):
            return _written(selected, answered)
        document, operation = selected
        if scope["method"] == "GET" and operation.type is not OperationType.QUERY:
            return _problem(scope, "method_not_allowed", "Only queries are run by GET; send this operation by POST.", (b"allow", b"POST"))
        context = Context(self._act(caller), scope)
        response = await self._operations.run(document, operation, request, context)
        answer = _written(response, answered)
        if scope["method"] != "GET" or request.named is None or "errors" in response.body:
            return answer
        return cached(answer, self._operations.public_seconds(document), scope, caller)


def _negotiated(headers: Headers) -> str | None:
    """Choose the media type of the answer: the new one for those who name it, the old one for everybody else."""
    return _chosen(headers.combined(b"accept"))


# Clients send few different lines, each of them all the time.
@lru_cache(maxsize=64)
def _chosen(accept: str | None) -> str | None:
    named = accept is not None and GRAPHQL in accept.lower()
    return choose(accept, (GRAPHQL, JSON) if named else (JSON, GRAPHQL))


def _written(response: Response, media: str, status: int | None = None) -> Answer:
    """Write a response. Under the old media type a request error is 200, since older clients take nothing else for an answer."""
    if status is None:
        status = 200 if response.executed or media == JSON else 400
    return Answer(status, _FIELDS[media], body_bytes(response.body))


def _problem(scope: Scope, code: str, detail: str, *fields: tuple[bytes, bytes]) -> Answer:
    return problem_answer(problem(code, detail), root_path(scope), fields)


def _turned_away(turned: TurnedAway, headers: Headers) -> Answer:
    """Tell it as a request error, under the status that REST has for it, so that every client of HTTP understands."""
    said = turned.problem
    response = request_error(GraphQLError(said.detail, extensions={"code": said.code, **said.facts}))
    answer = _written(response, _negotiated(headers) or JSON, said.status)
    return Answer(answer.status, (*answer.fields, *turned.fields), answer.body)


def _not_acceptable(scope: Scope) -> Answer:
    return _problem(scope, "not_acceptable", f"Answers are {GRAPHQL} or {JSON}.")


def _unforeseen(error: Exception, headers: Headers) -> Answer:
    said = unforeseen(error, door="graphql")
    response = request_error(GraphQLError(said.detail, extensions={"code": said.code, **said.facts}))
    return _written(response, _negotiated(headers) or JSON, said.status)
