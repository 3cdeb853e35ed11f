"""Code that is written for a request makes that very request: curl's is read back, httpx's and fetch's run."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from diptych.explain.code import curl, fetch, http, httpx
from diptych.explain.curl import read_curl, shell_words
from diptych.explain.requests import as_message
from diptych.rest.spelling import Request

REQUESTS = [
    pytest.param(Request("GET", "/api/users?name[contains]=%C3%A9&limit=1", (("Prefer", "count=exact"),)), id="read"),
    pytest.param(Request("DELETE", "/api/documents/a%2Fb%20c", (("If-Match", '"3"'),)), id="delete"),
    pytest.param(
        Request(
            "PUT",
            "/api/users/1",
            (("If-None-Match", "*"), ("Content-Type", "application/json")),
            {"name": 'O\'Neil "ü" \\ \n $HOME `x`', "none": None, "yes": True, "list": [1, 0.5, {"a": "b" * 120}], "": "\U0001f600"},
        ),
        id="replace",
    ),
    pytest.param(Request("PATCH", "/x", (("Content-Type", "application/json-patch+json"),), []), id="empty-list"),
    pytest.param(Request("POST", "/x", (("Content-Type", "application/json"),), None), id="null"),
]


class Recorder(HTTPServer):
    """Keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Recorder

    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fields = {name.lower(): value for name, value in self.headers.items()}
        self.server.came.append((self.command, self.path, fields, content))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("request_", REQUESTS)
def test_curl_says_the_request(request_: Request) -> None:
    assert read_curl(shell_words(curl(request_, "http://h:1"))[1:]) == as_message(request_)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("language", ["curl", "httpx", pytest.param("fetch", marks=pytest.mark.node)])
def test_code_makes_the_request(request_: Request, language: str, recorder: Recorder, tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{recorder.server_port}"
    if language == "fetch":
        node = which("node")
        assert node is not None
        script = tmp_path / "run.mjs"
        script.write_text(fetch(request_, server), encoding="utf-8")
        command = [node, str(script)]
    elif language == "httpx":
        command = [sys.executable, "-c", httpx(request_, server)]
    else:
        command = ["bash", "-c", curl(request_, server)]
    recorder.came.clear()
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    ((method, target, fields, content),) = recorder.came
    assert method == request_.method
    assert target.replace("%5B", "[").replace("%5D", "]") == request_.target
    assert {name.lower(): value for name, value in request_.headers}.items() <= fields.items()
    assert (json.loads(content) if content else b"") == (json.loads(request_.content) if request_.content else b"")


def test_http_text() -> None:
    request = Request("PUT", "/a", (("If-Match", '"3"'),), {"a": 1})
    assert http(request) == 'PUT /a\nIf-Match: "3"\n\n{\n  "a": 1\n}'
