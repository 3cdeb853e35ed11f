"""Requests as code that can be copied and run: HTTP text, `curl`, `fetch` and httpx."""

import json
import pprint
import shlex
from typing import Final

from diptych.rest.spelling import Request
from diptych.semantics.json_value import JSON, Missing

WIDTH: Final = 100


def code_of(request: Request, server: str) -> dict[str, str]:
    """The request in each language, `server` being the address of a server without a slash at its end."""
    return {"curl": curl(request, server), "fetch": fetch(request, server), "httpx": httpx(request, server)}


def http(request: Request) -> str:
    """The request as it goes over the wire, its content indented."""
    lines = [f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in request.headers)]
    if not isinstance(request.body, Missing):
        lines += ["", json.dumps(request.body, indent=2, ensure_ascii=False)]
    return "\n".join(lines)


def curl(request: Request, server: str) -> str:
    url = server + request.target
    # Without -g, curl takes brackets for a range of addresses.
    words = ["curl", "-ig" if "[" in url else "-i"]
    if request.method != "GET":
        words += ["-X", request.method]
    parts = [shlex.join([*words, url])]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers]
    if not isinstance(request.body, Missing):
        parts.append(f"-d {shlex.quote(json.dumps(request.body, ensure_ascii=False))}")
    return " \\\n  ".join(parts)


def fetch(request: Request, server: str) -> str:
    options = []
    if request.method != "GET":
        options.append(f"  method: {json.dumps(request.method)},")
    if request.headers:
        options.append(f"  headers: {json.dumps(dict(request.headers), ensure_ascii=False)},")
    if not isinstance(request.body, Missing):
        options.append(f"  body: {_in_javascript(request.body)},")
    url = json.dumps(server + request.target, ensure_ascii=False)
    call = f"fetch({url}, {{\n" + "\n".join(options) + "\n})" if options else f"fetch({url})"
    return f"const response = await {call};"


def _in_javascript(body: JSON) -> str:
    """The content, as a value where JavaScript would write it down again as it was, else as text."""
    if not _survives(body):
        return json.dumps(json.dumps(body, ensure_ascii=False), ensure_ascii=False)
    text = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
    return f"JSON.stringify({text})"


def _survives(value: JSON) -> bool:
    """Whether JavaScript keeps a value: its numbers are doubles, and `__proto__` in a literal sets what an object inherits from.

    Source: RFC 8259 section 6, ECMA-262 section B.3.1.
    """
    match value:
        case dict():
            return "__proto__" not in value and all(map(_survives, value.values()))
        case list():
            return all(map(_survives, value))
        case int():
            return abs(value) < 2**53
        case _:
            return True


def httpx(request: Request, server: str) -> str:
    arguments = [repr(request.method), repr(server + request.target)]
    if request.headers:
        arguments.append(f"headers={pprint.pformat(dict(request.headers), width=WIDTH, sort_dicts=False)}")
    if request.body is None:
        # httpx takes json=None for no content at all.
        arguments.append("content='null'")
    elif not isinstance(request.body, Missing):
        arguments.append(f"json={pprint.pformat(request.body, width=WIDTH, sort_dicts=False)}")
    inside = ",\n    ".join(one.replace("\n", "\n    ") for one in arguments)
    return f"import httpx\n\nresponse = httpx.request(\n    {inside},\n)"
