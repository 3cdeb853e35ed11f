"""`diptych explain`: what was asked of one door, in the words of the other."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

from diptych.app.bridge import Bridge
from diptych.cli.saying import fail
from diptych.cli.targets import find_bridge
from diptych.explain import Explainer, InGraphql, InRest, NotUnderstood
from diptych.explain.code import curl, fetch, http, httpx
from diptych.explain.curl import read_curl
from diptych.explain.messages import message, read_field
from diptych.rest.spelling import Request
from diptych.semantics.json_text import read_json
from diptych.semantics.outcome import Malformed

Language: TypeAlias = Literal["http", "curl", "fetch", "httpx"]
_TARGET: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_METHOD: Final = re.compile(r"[A-Z]+")
_SAID: Final = (
    "MODULE:BRIDGE if it is not the demo, then a GraphQL operation, a curl line, METHOD and path, or a file; else standard input."
)


def explain(
    words: Annotated[list[str] | None, typer.Argument(metavar="[MODULE:BRIDGE] [ASKED]…", help=_SAID)] = None,
    variables: Annotated[str | None, typer.Option("--variables", help="Variables of the operation, as a JSON object.")] = None,
    operation: Annotated[str | None, typer.Option("--operation", help="Which operation of the document.")] = None,
    header: Annotated[list[str] | None, typer.Option("--header", "-H", help="A header field, after METHOD and path.")] = None,
    data: Annotated[str | None, typer.Option("--data", "-d", help="The content, after METHOD and path.")] = None,
    language: Annotated[Language, typer.Option("--as", help="How requests are written: http, curl, fetch or httpx.")] = "http",
    server: Annotated[str, typer.Option("--server", help="Address of the server in what is written.")] = "http://127.0.0.1:8000",
    as_json: Annotated[bool | None, typer.Option("--json", help="Print it as JSON, with code in each language.")] = None,
) -> None:
    """Say what a GraphQL operation is in REST requests, or what a REST request is in GraphQL. Nothing is asked of a database."""
    asked = list(words or ())
    target = asked.pop(0) if asked and _TARGET.fullmatch(asked[0]) else None
    bridge = find_bridge(target, None)
    try:
        explained = _explained(_explainer(bridge), asked, _variables(variables), operation, header or (), data)
    except NotUnderstood as error:
        fail(str(error))
    server = server.rstrip("/")
    if as_json:
        print(json.dumps(explained.to_json(server), indent=2, ensure_ascii=False))
    else:
        print(_in_words(explained, _WRITERS[language], server))


def _explainer(bridge: Bridge) -> Explainer:
    # Whoever has the code may know its schema, also where the server tells nobody.
    limits = replace(bridge.limits, introspection=True)
    return Explainer(bridge.schema, bridge.resources, api=bridge.api, graphql=bridge.graphql, limits=limits)


def _explained(
    explainer: Explainer,
    asked: Sequence[str],
    variables: Mapping[str, Any],
    operation: str | None,
    headers: Sequence[str],
    data: str | None,
) -> InRest | InGraphql:
    """Raises NotUnderstood."""
    match asked:
        case ["curl", _, *_]:
            return explainer.message(read_curl(asked[1:]))
        case [method, path] if _METHOD.fullmatch(method):
            return explainer.message(message(method, path, [read_field(line) for line in headers], (data or "").encode()))
        case [_, _, *_]:
            raise NotUnderstood("There are several arguments; put the operation or the curl line in quotes.")
        case _:
            return explainer.explain(_text(asked[0] if asked else "-"), variables, operation)


def _text(given: str) -> str:
    """What was given: text, a file of it, or `-` for standard input."""
    if given == "-":
        if sys.stdin.isatty():
            raise NotUnderstood("Nothing was given; give a GraphQL operation, a curl line, or a method and a path.")
        return sys.stdin.read()
    # Text of several words is no name of a file.
    if re.search(r"\s|\{", given):
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NotUnderstood(f"{given} is not UTF-8 text.") from None
    except OSError as error:
        raise NotUnderstood(f"{given} is neither an operation nor a file that can be read: {error.strerror}.") from None


def _variables(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    read = read_json(text.encode())
    if isinstance(read, Malformed):
        raise typer.BadParameter(f"must be a JSON object: {read.reason}.", param_hint="--variables")
    if not isinstance(read, dict):
        raise typer.BadParameter('must be a JSON object, such as {"id": "1"}.', param_hint="--variables")
    return read


_WRITERS: Final[Mapping[str, Callable[[Request, str], str]]] = {
    "http": lambda request, _: http(request),
    "curl": curl,
    "fetch": fetch,
    "httpx": httpx,
}


def _in_words(explained: InRest | InGraphql, write: Callable[[Request, str], str], server: str) -> str:
    if isinstance(explained, InRest):
        return "\n\n".join(_step(explained, number, write, server) for number in range(len(explained.steps)))
    head = [f"# {explained.command} of {explained.resource}", *_noted(explained.notes)]
    if explained.operation is None or explained.request is None:
        return "\n".join(head)
    if write is not _WRITERS["http"]:
        return "\n".join([*head, write(explained.request, server)])
    variables = json.dumps(dict(explained.operation.variables), indent=2, ensure_ascii=False)
    return "\n".join([*head, explained.operation.query, "", "# variables", variables])


def _step(explained: InRest, number: int, write: Callable[[Request, str], str], server: str) -> str:
    step = explained.steps[number]
    lines = [f"# {step.field}: {step.command} of {step.resource}" if step.resource else f"# {step.field}", *_noted(step.notes)]
    if step.request is not None:
        lines.append(write(step.request, server))
    for one in step.further:
        lines += ["", f"# for each of {one.each}", write(one.request, server)]
    return "\n".join(lines)


def _noted(notes: Sequence[str]) -> list[str]:
    return [f"# note: {note}" for note in notes]
