"""What the console asks while somebody writes: the words of one door in those of the other, as `diptych explain` has them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from diptych.explain import Explainer, Message, NotUnderstood
from diptych.explain.code import code_of
from diptych.explain.curl import read_curl, shell_words
from diptych.explain.messages import looks_like_a_message, read_message
from diptych.http.answer import JSON_TYPE, NO_STORE, Answer, json_bytes, problem_answer, send_answer
from diptych.http.asgi import Headers, Receive, Scope, Send, root_path
from diptych.http.content import ClientGone, media_type, read_body
from diptych.http.doorkeeper import ADMISSIONS, STAMPS, Doorkeeper, TurnedAway, anybody
from diptych.http.in_time import TooSlow
from diptych.http.late import too_slow
from diptych.http.unforeseen import unforeseen
from diptych.rest.spelling import Request
from diptych.semantics.deadline import DEADLINE
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON, MISSING, Document
from diptych.semantics.outcome import Malformed
from diptych.semantics.problems import problem

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge

EXPLAIN: Final = "/diptych/explain"
# An address is repeated in the code that is written for it.
_LONGEST_SERVER: Final = 300
_EXPECTED: Final = (
    'Send {"text": …, "variables": {…}, "operationName": …, "server": "http://…"}, of which all but the text may be left out.'
)


class Explaining:
    """Answers `POST /diptych/explain`. No database is asked, and whoever may not come through the doors is not answered here either.

    What cannot be understood is told as `error` under status 200: somebody is in the middle of a word.
    """

    def __init__(self, bridge: Bridge, doorkeeper: Doorkeeper | None) -> None:
        self._bridge = bridge
        self._doorkeeper = doorkeeper
        # For the prefix that the application stands under; a server that makes up more of them gets no more memory.
        self._explainers: dict[str, Explainer] = {}
        # One at a time, so that questions never take more than one thread from those who write.
        self._turn = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = DEADLINE.set(monotonic() + self._bridge.limits.request_seconds)
        try:
            answer = await self._answer(scope, receive)
        except ClientGone:
            return
        except TooSlow:
            answer = too_slow(self._bridge.limits, root_path(scope))
        except Exception as error:  # as at the doors: whatever it was, the client gets a problem
            answer = problem_answer(unforeseen(error, door="explain"), root_path(scope))
        finally:
            DEADLINE.reset(deadline)
        await send_answer(send, answer.stamped(scope.get(STAMPS, ())), head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        prefix, headers, limits = root_path(scope), Headers(scope), self._bridge.limits
        if scope["method"] != "POST":
            return problem_answer(problem("method_not_allowed", "This path takes POST."), prefix, [(b"allow", b"POST")])
        if (refusal := await self._turned_away(scope, headers)) is not None:
            return problem_answer(refusal.problem, prefix, refusal.fields)
        media = media_type(headers)
        # Another type could be sent by a page of another site, without asking first (Fetch standard, CORS-safelisted fields).
        if media is None or media.name != "application/json":
            return problem_answer(problem("unsupported_media_type", "The content must be application/json."), prefix)
        body = await read_body(receive, headers, limits.body_bytes)
        if body is None:
            return problem_answer(problem("content_too_large", f"The content is larger than {limits.body_bytes} bytes."), prefix)
        asked = read_json(body)
        if isinstance(asked, Malformed):
            return problem_answer(problem("malformed", f"The content cannot be read: {asked.reason}."), prefix)
        if not _is_asked(asked):
            violation: Document = {"pointer": "", "code": "type", "message": _EXPECTED}
            return problem_answer(problem("invalid", "One violation was found.", violations=[violation]), prefix)
        return Answer(200, (JSON_TYPE, NO_STORE), json_bytes(await asyncio.to_thread(self._in_turn, asked, prefix)))

    async def _turned_away(self, scope: Scope, headers: Headers) -> TurnedAway | None:
        caller = anybody("rest") if self._doorkeeper is None else self._doorkeeper(scope, headers, "rest")
        if not isinstance(caller, ADMISSIONS):
            caller = await caller
        return caller if isinstance(caller, TurnedAway) else None

    def _in_turn(self, asked: Mapping[str, Any], prefix: str) -> Document:
        with self._turn:
            return self._told(asked, prefix)

    def _told(self, asked: Mapping[str, Any], prefix: str) -> Document:
        server: str = asked.get("server", "")
        try:
            message = _message(asked["text"])
            explainer = self._explainer(prefix)
            if message is None:
                explained = explainer.explain(asked["text"], asked.get("variables"), asked.get("operationName"))
                return {"asked": None, "explained": explained.to_json(server)}
            shown = _shown(message, server)
            try:
                return {"asked": shown, "explained": explainer.message(message).to_json(server)}
            except NotUnderstood as error:
                return {"asked": shown, "explained": None, "error": str(error)}
        except NotUnderstood as error:
            return {"asked": None, "explained": None, "error": str(error)}

    def _explainer(self, prefix: str) -> Explainer:
        bridge = self._bridge
        if prefix not in self._explainers:
            made = Explainer(
                bridge.schema, bridge.resources, api=prefix + bridge.api, graphql=prefix + bridge.graphql, limits=bridge.limits
            )
            self._explainers = {prefix: made}
        return self._explainers[prefix]


def _is_asked(asked: JSON) -> bool:
    """Whether this is a question: text, and of the other members what is known, in its kind."""
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str) or asked.keys() - _KINDS.keys():
        return False
    server = asked.get("server")
    return all(isinstance(asked[name], kinds) for name, kinds in _KINDS.items() if name in asked) and (
        not isinstance(server, str) or len(server) <= _LONGEST_SERVER
    )


_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "text": str,
    "variables": (dict, type(None)),
    "operationName": (str, type(None)),
    "server": str,
}


def _message(text: str) -> Message | None:
    """The request that a text is; None for a GraphQL document. Raises NotUnderstood."""
    if text.split(maxsplit=1)[:1] == ["curl"]:
        return read_curl(shell_words(text)[1:])
    return read_message(text) if looks_like_a_message(text) else None


def _shown(message: Message, server: str) -> Document:
    """A request as the console sends it; `code` is None where the content is not JSON, as all content is that we can write."""
    content = message.content.decode("utf-8", "replace")
    body = read_json(message.content) if message.content else MISSING
    code = None if isinstance(body, Malformed) else code_of(Request(message.method, message.target, message.headers, body), server)
    return {
        "method": message.method,
        "target": message.target,
        "headers": dict(message.headers),
        "content": content,
        "code": None if code is None else dict(code),
    }
