"""Lines as browsers and people write them, and code that must not lose what it carries."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from shutil import which

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.explain import Explainer, InGraphql, NotUnderstood
from diptych.explain.code import fetch
from diptych.explain.curl import read_curl, shell_words
from diptych.explain.messages import Message
from diptych.rest.spelling import Request
from diptych.semantics.json_value import JSON

BASE = "http://127.0.0.1:8000"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
# Whatever quotes and joins, and what stands behind a backslash; no globs, braces or operators, for which bash has its own rules.
WRITTEN = st.text(st.sampled_from(list("'\"\\$ \nab0x41ué\t")), max_size=24)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN)
def test_words_are_those_of_bash(written: str) -> None:
    """Where a line is understood at all, bash makes the same words of it."""
    joined = written.replace("\\\n", "")
    try:
        words = shell_words(written)
    except NotUnderstood:
        return
    # Bash ends a command at a newline, and a word at U+0000.
    if "\n" in joined or any("\x00" in word for word in words):
        return
    script = f"set -f; printf '%s\\0' begin {joined}"
    told = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=20, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert told.stdout.decode().split("\x00")[1:-1] == words


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])).map(lambda text: text.replace("\r\n", ""))))
def test_quoted_words_come_back(words: list[str]) -> None:
    assert shell_words(shlex.join(words)) == words


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(f"curl \\\n{BASE}/a", Message("GET", "/a"), id="an-address-at-the-start-of-a-line"),
        pytest.param(
            f"curl {BASE}/a\\\n -H 'If-Match: \"1\"'\\\n -XPUT", Message("PUT", "/a", (("If-Match", '"1"'),)), id="no-space-before"
        ),
        pytest.param(f"curl -XPUT {BASE}/a -H $'If-Match: \"1\"'", Message("PUT", "/a", (("If-Match", '"1"'),)), id="dollar-quotes"),
        pytest.param(
            f"curl {BASE}/a -d $'\\u0021\\'\\n\\xc3\\xa9\\ud83d\\ude00'", Message("POST", "/a", (FORM,), "!'\né😀".encode()), id="ansi-c"
        ),
        pytest.param(f'curl {BASE}/a -d "a\\\nb\\"c\\$d\\n"', Message("POST", "/a", (FORM,), b'ab"c$d\\n'), id="joined-within-quotes"),
        pytest.param(f"curl {BASE}/a -d ''", Message("POST", "/a", (FORM,)), id="empty-content"),
        pytest.param(f"curl {BASE}/a?b=$", Message("GET", "/a?b=$"), id="a-dollar-that-is-one"),
    ],
)
def test_curl_lines(line: str, message: Message) -> None:
    assert read_curl(shell_words(line)[1:]) == message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(f'curl {BASE}/api/users -d "$HOME"', "would put something in place of", id="a-variable"),
        pytest.param(f"curl {BASE}/api/users/$ID", "would put something in place of", id="a-variable-outside"),
        pytest.param(f'curl "{BASE}/api/users/`id`"', "would put something in place of", id="backticks"),
        pytest.param(f"curl {BASE}/api/users \\", "it ends in a backslash", id="a-backslash-at-the-end"),
        pytest.param(f"curl {BASE}/api/users -d $'a", "no closing quotation", id="open-dollar-quotes"),
        pytest.param(f'curl {BASE}/api/users -d "a\\"', "no closing quotation", id="open-double-quotes"),
        pytest.param(f"curl {BASE}/api/users -d $'\\xff'", "not UTF-8", id="no-text"),
        pytest.param(f"curl {BASE}/api/users -d $'\\Uffffffff'", "number of no character", id="no-character"),
    ],
)
def test_lines_that_only_a_shell_could_read(explainer: Explainer, line: str, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        explainer.explain(line)


def test_a_condition_in_dollar_quotes_is_a_condition(explainer: Explainer) -> None:
    """It was once left out, and the operation deleted whatever was there."""
    told = explainer.explain(f"curl -X DELETE $'{BASE}/api/users/1' -H $'If-Match: \"3\"'")
    assert isinstance(told, InGraphql)
    assert told.operation is not None
    assert (told.operation.variables, told.exact, told.notes) == ({"id": "1", "version": 3}, True, ())


@pytest.mark.parametrize("asked", ["GET /api/documents/é☃", f"curl {BASE}/api/documents/é☃", "GET /api/documents/%C3%A9%E2%98%83"])
def test_a_key_that_is_not_encoded(explainer: Explainer, asked: str) -> None:
    """curl sends the octets as they are, and the server reads UTF-8."""
    told = explainer.explain(asked)
    assert isinstance(told, InGraphql)
    assert told.operation is not None
    assert told.operation.variables == {"id": "é☃"}


def test_an_operation_in_a_query_that_is_not_encoded(explainer: Explainer) -> None:
    with pytest.raises(NotUnderstood, match="cannot be read"):
        explainer.explain('GET /graphql?query={document(id:"é"){id}}')


@pytest.mark.node
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"a": {"__proto__": {"b": 1}}}, id="proto"),
        pytest.param({"a": [2**53 + 1, -(2**53) - 1]}, id="beyond-doubles"),
        pytest.param({"a": [2**53 - 1, "2", True, None, 1.5], "\u2028": "'\"`${x}\n"}, id="plain"),
    ],
)
def test_fetch_carries_the_content_whole(body: JSON, tmp_path: Path) -> None:
    node = which("node")
    assert node is not None
    script = tmp_path / "run.mjs"
    stand_in = "globalThis.fetch = async (url, options) => { process.stdout.write(options.body); };\n"
    script.write_text(stand_in + fetch(Request("POST", "/a", (), body), BASE), encoding="utf-8")
    told = subprocess.run([node, str(script)], check=True, capture_output=True, timeout=60)
    assert json.loads(told.stdout) == body
