"""What the pages say, and that nothing put into them can become markup."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from diptych.pages import Console, Index, IndexLink, ProblemHelp, ResourceEntry
from diptych.pages import html as pages

NASTY = """</script><script>alert("1")</script><img src=x onerror='alert(2)'>&"""

USERS = ResourceEntry("User", "/api/users", ("user", "users"), ("createUser", "replaceUser"), "People who may `sign in`.")
MISMATCH = ProblemHelp(
    code="version_mismatch",
    title="The row has changed",
    status=412,
    happened="Somebody else was first.\n\nNothing was written.",
    rest='{"code": "version_mismatch", "note": "a < b"}',
    graphql="mutation { replaceUser { __typename } }",
    next=("Read the row again with `GET`.", "Decide again."),
)


def console(text: str, root: str = "") -> Console:
    """What the scripts are told, with the same text wherever text goes."""
    resource: dict[str, str | bool | list[str]] = {
        "name": text,
        "path": text,
        "singular": text,
        "key": text,
        "about": text,
        "clientKeyed": True,
        "versionsRequired": True,
        "readOnly": [text],
    }
    return Console(text, root, text, text, text, text, False, (resource,))


class Reader(HTMLParser):
    """Notes every element and every address that a browser would follow or load."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


def written(kind: str, text: str, root: str = "") -> bytes:
    """One page of each kind with the same text wherever text goes."""
    problem = ProblemHelp("gone", text, 404, text, text, text, (text,), text)
    match kind:
        case "graphiql":
            return pages.graphiql_page(text, "/assets/1", text, query=text, console=console(text))
        case "swagger":
            return pages.swagger_page(text, "/assets/1", text, console=console(text, root))
        case "index":
            entry = ResourceEntry(text, text, (text,), (text,), text)
            index = Index(text, (entry,), text, (IndexLink("/x", text, text),))
            return pages.console_page(console(text, root), "/assets/1", index, root=root)
        case "problem":
            return pages.problem_page(problem, root=root)
        case _:
            return pages.problems_index_page([problem], root=root)


KINDS = ["graphiql", "swagger", "index", "problem", "problems"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_never_becomes_markup(kind: str) -> None:
    assert Reader(written(kind, NASTY)).tags == Reader(written(kind, "plain")).tags


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_comes_from_elsewhere(kind: str) -> None:
    text = written(kind, "/plain")
    for address in Reader(text).addresses:
        assert address.startswith(("/", "data:")), address
        assert not address.startswith("//"), address
    assert b"url(" not in text
    assert b"@import" not in text


def test_settings_reach_the_script_unchanged() -> None:
    text = pages.graphiql_page(NASTY, "/a", "t", query="{ a }").decode()
    found = re.search(r'<script id="page" type="application/json">(.*?)</script>', text)
    assert found is not None
    assert json.loads(found[1]) == {"endpoint": NASTY, "query": "{ a }"}


def test_the_playgrounds_load_their_files_from_the_given_place() -> None:
    assert set(Reader(pages.graphiql_page("/graphql", "/v1/assets/7", "t")).addresses) >= {
        "/v1/assets/7/graphiql.js",
        "/v1/assets/7/graphiql.css",
    }
    assert set(Reader(pages.swagger_page("/v1/openapi.json", "/v1/assets/7", "t")).addresses) >= {
        "/v1/assets/7/swagger-ui-bundle.js",
        "/v1/assets/7/swagger.js",
        "/v1/assets/7/swagger-ui.css",
        "/v1/openapi.json",
    }


def test_the_index_leads_everywhere() -> None:
    text = pages.console_page(console("x", "/v1"), "/v1/assets/7", Index("Demo", (USERS,), "Both doors."), root="/v1")
    links = [address for address in Reader(text).addresses if address.startswith("/") and "assets" not in address]
    assert links == ["/v1/graphql", "/v1/docs", "/v1/openapi.json", "/v1/problems", "/v1/api/users"]
    for words in ("Demo", "Both doors.", "createUser", "replaceUser", "<code>sign in</code>"):
        assert words in text.decode()


def test_an_index_without_resources_has_no_table() -> None:
    assert "table" not in Reader(pages.console_page(console("x"), "/assets/7", Index("Empty", ()))).tags


def test_a_problem_says_what_happened_on_both_doors_and_what_to_do() -> None:
    text = pages.problem_page(MISMATCH, root="/v1").decode()
    words = unescape(re.sub(r"<style>.*</style>|<[^>]+>", " ", text, flags=re.DOTALL))
    for part in ("version_mismatch", "412 Precondition Failed", "Nothing was written.", MISMATCH.rest, "replaceUser", "Decide again."):
        assert part in words
    assert "<p>Somebody else was first.</p><p>Nothing was written.</p>" in text
    assert 'href="/v1/problems"' in text


def test_a_problem_that_graphql_cannot_have() -> None:
    problem = ProblemHelp("precondition_required", "t", 428, "h", "r", None, ("n",), "The schema refuses it.")
    text = pages.problem_page(problem)
    assert Reader(text).tags.count("pre") == 1
    assert b"The schema refuses it." in text


def test_problems_are_listed_in_the_given_order() -> None:
    gone = ProblemHelp("not_found", "Nothing is there", 404, "", "", "", ())
    text = pages.problems_index_page([MISMATCH, gone], root="/v1")
    assert Reader(text).addresses[-2:] == ["/v1/problems/version-mismatch", "/v1/problems/not-found"]


def test_every_page_may_only_load_from_its_own_host() -> None:
    policy = dict(pages.PAGE_HEADERS)[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http" not in policy
