"""The run of one page: its blocks share a folder and a server, and stand in the order of the page."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from graphql import DefinitionNode, TypeDefinitionNode, parse, print_ast

from diptych.semantics.problems import PROBLEMS
from tests.docs.blocks import JSON, ROOT, Answer, Block, compare_answers, compare_json, matches, read_answer
from tests.proofs.command import ended, script

BIN: Final = Path(sys.executable).parent
SHOWN_ADDRESS: Final = re.compile(r"(?:127\.0\.0\.1|localhost):8000")

RUN: Final = frozenset({"bash", "python", "http", "graphql", "json", "text"})
# Shown and not run: configuration of other programs, and code in other languages.
READ: Final = frozenset({"html", "nginx", "pyi", "sql", "toml", "tsx", "typescript", "yaml"})

# Seconds until a server must have answered; the first `make run` may have to set things up.
PATIENCE: Final = 150


@dataclass
class Story:
    """The run of one page: a folder, a server, and what the last block has left to be compared."""

    folder: Path
    nursery: Path  # has a `diptych` that starts at once
    port: int | None = None
    server: subprocess.Popen[bytes] | None = None
    answer: Answer | None = None
    output: str | None = None
    asked: tuple[Block, dict[str, JSON]] | None = None  # a GraphQL operation whose answer has not been shown yet
    owed: Block | None = None  # a request whose answer must be shown next
    stand_ins: dict[str, str] = field(default_factory=dict)  # what is put in the place of text that is shown

    def run(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            assert block.language in RUN | READ, f"{block.place}: there is no rule for {block.language}"
            if block.skipped is None and block.language in RUN:
                self.step(block)
        assert self.owed is None, f"{self.owed.place}: its answer is not shown"

    def step(self, block: Block) -> None:
        answers = block.language in ("json", "text") or (block.language == "http" and block.text.startswith("HTTP/"))
        if self.owed is not None:
            assert answers, f"{self.owed.place}: its answer is not shown"
        match block.language:
            case "bash":
                self.forget()
                self.run_bash(block)
            case "python":
                self.forget()
                self.run_python(block)
            case "http" if block.text.startswith("HTTP/"):
                self.compare_http(block)
            case "http":
                self.forget()
                self.answer, self.owed = self.send(block), block
            case "graphql":
                self.forget()
                self.take_graphql(block)
            case "json" if block.info == "variables":
                assert self.asked is not None, f"{block.place}: variables of no operation"
                self.asked = (self.asked[0], json.loads(block.text))
            case "json":
                self.compare_json(block)
            case _:
                if self.output is not None:
                    assert matches(block.text.strip(), self.output.strip()), (
                        f"{block.place}: shown\n{block.text}\nbut this came\n{self.output}"
                    )
                    self.forget()

    def forget(self) -> None:
        self.answer = self.output = self.asked = self.owed = None

    # Commands and scripts

    def run_bash(self, block: Block) -> None:
        *before, last = [line for line in block.text.splitlines() if line.strip()]
        at_root = re.search(r"^make |\.venv/", block.text, re.MULTILINE) is not None
        if re.match(r"(?:\.venv/bin/)?diptych serve|uvicorn |make run", last):
            if before:
                self.shell(block, "\n".join(before), at_root=at_root)
            self.serve(last, ROOT if at_root else self.folder)
            return
        if last == "make test":
            # It is what runs this very test, so it is only asked what it would do.
            last = "make -n test"
        elif SHOWN_ADDRESS.search(block.text):
            self.ensure_server()
        self.output = self.shell(block, "\n".join([*before, last]), at_root=at_root)
        if self.output.startswith("HTTP/"):
            self.answer = read_answer(self.output)

    def shell(self, block: Block, script: str, *, at_root: bool) -> str:
        """Run a script; where it leaves its folder for another, the page goes there too."""
        kept = self.folder / ".where"
        wrapped = f"{self.here(script)}\npwd > '{kept}'\n"
        where = ROOT if at_root else self.folder
        command = ["bash", "-euo", "pipefail", "-c", wrapped]
        done = subprocess.run(command, cwd=where, env=self.environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"{block.place}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        if not at_root:
            self.folder = Path(kept.read_text().strip())
        return done.stdout

    def run_python(self, block: Block) -> None:
        """Save a file and import it, or run a script."""
        name = re.match(r"# ([\w/]+\.py)\n", block.text)
        file = self.folder / (name[1] if name else "example.py")
        if SHOWN_ADDRESS.search(block.text):
            self.ensure_server()
        file.write_text(self.here(block.text), encoding="utf-8")
        done = ended(script(file.name, imported=name is not None), folder=self.folder, variables=self.environment())
        assert done.returncode == 0, f"{block.place}: exit {done.returncode}\n{done.stderr}"
        self.output = None if name else done.stdout

    def here(self, text: str) -> str:
        """Put what is there in the place of what is shown: the port of this page's server, and the stand-ins."""
        for shown, stand_in in self.stand_ins.items():
            text = text.replace(shown, stand_in)
        return text if self.port is None else SHOWN_ADDRESS.sub(f"127.0.0.1:{self.port}", text)

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.nursery), str(BIN), os.environ["PATH"]])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}
        return {**kept, "PATH": path, "PYTHONPATH": "", "TERM": "dumb", "NO_COLOR": "1"}

    # Servers

    def ensure_server(self) -> int:
        if self.port is None:
            self.serve("diptych serve", self.folder)
        assert self.port is not None
        return self.port

    def serve(self, command: str, where: Path) -> None:
        """Start a server on a free port and wait until it answers."""
        self.stop()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        environment = self.environment() | {"PORT": str(port), "DIPTYCH_PORT": str(port), "UVICORN_PORT": str(port)}
        if command.startswith("make"):
            environment["DIPTYCH_DATABASE"] = f"sqlite:///{self.folder}/made.db"
        log = self.folder / "server.log"
        with log.open("wb") as file:
            self.server = subprocess.Popen(
                ["bash", "-c", f"exec {self.here(command)}"], cwd=where, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        self.port = port
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.server.poll() is None:
            try:
                self.exchange("GET", "/", (), b"")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"{command} does not answer:\n{log.read_text()}")

    def stop(self) -> None:
        if self.server is not None:
            if self.server.poll() is None:
                os.killpg(self.server.pid, signal.SIGINT)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()
            self.server = None

    # Requests

    def send(self, block: Block) -> Answer:
        head, _, body = block.text.rstrip("\n").partition("\n\n")
        line, *rest = head.splitlines()
        method, target = line.split()
        self.ensure_server()
        fields = [(name, value.strip()) for name, _, value in (each.partition(":") for each in rest)]
        return self.exchange(method, target, fields, body.encode())

    def exchange(self, method: str, target: str, fields: Sequence[tuple[str, str]], body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in fields:
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            came: dict[str, list[str]] = {}
            for name, value in response.getheaders():
                came.setdefault(name.lower(), []).append(value)
            return Answer(response.status, came, response.read().decode())
        finally:
            connection.close()

    def compare_http(self, block: Block) -> None:
        shown = read_answer(block.text)
        if self.answer is None:
            # Nobody was asked, since it cannot be had at will; then the table is what it must agree with.
            body = json.loads(shown.body)
            kind = PROBLEMS[body["code"]]
            told = (body["type"], body["title"], body["status"], shown.status)
            assert told == (kind.path, kind.title, kind.status, kind.status), f"{block.place}: the table has another {body['title']}"
            facts = body.keys() - {"type", "title", "status", "detail", "code"}
            assert set(kind.facts) == facts, f"{block.place}: the table has other facts, {kind.facts}"
            return
        compare_answers(block.place, shown, self.answer)
        self.forget()

    def take_graphql(self, block: Block) -> None:
        definitions = parse(block.text).definitions
        types = [each for each in definitions if isinstance(each, TypeDefinitionNode)]
        if not types:
            self.asked, self.owed = (block, {}), block
            return
        schema = {each.name.value: each for each in parse(demo_schema()).definitions if isinstance(each, TypeDefinitionNode)}
        for shown in types:
            assert bare(shown) == bare(schema[shown.name.value]), f"{block.place}: the schema has\n{bare(schema[shown.name.value])}"

    def compare_json(self, block: Block) -> None:
        if self.asked is not None:
            operation, variables = self.asked
            self.ensure_server()
            body = json.dumps({"query": operation.text, "variables": variables}).encode()
            came = self.exchange("POST", "/graphql", [("Content-Type", "application/json")], body)
            compare_json(block.place, block.text, came.body)
        else:
            assert self.output is not None, f"{block.place}: the answer to what?"
            compare_json(block.place, block.text, self.output)
        self.forget()


@cache
def demo_schema() -> str:
    return subprocess.run([BIN / "diptych", "schema"], capture_output=True, text=True, check=True, cwd=ROOT).stdout


def bare(node: DefinitionNode) -> str:
    """A definition without its descriptions."""
    without = re.sub(r'""".*?"""\s*', "", print_ast(node), flags=re.DOTALL)
    return re.sub(r'^\s*"(?:[^"\\\n]|\\.)*"\n', "", without, flags=re.MULTILINE)
