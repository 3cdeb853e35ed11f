"""The pages in a real Chromium: they work, complain of nothing, and ask no other host for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import strawberry
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from playwright.sync_api import Browser, Page, expect
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from diptych import ALLOWED_HEADERS, ALLOWED_METHODS, EXPOSED_HEADERS
from diptych.demo import demo_bridge
from diptych.pages import PAGE_HEADERS, Assets, ProblemHelp
from diptych.pages import html as pages
from tests.pages.browsing import serving, watched

pytestmark = pytest.mark.browser

PROBLEM = ProblemHelp(
    code="version_mismatch",
    title="The row is not at the version you named",
    status=412,
    happened="The write named a version, with `If-Match` or the `version` argument, and somebody else has changed the row since. "
    "Nothing was written.",
    rest='HTTP/1.1 412 Precondition Failed\nETag: "3"\nContent-Type: application/problem+json\n\n'
    '{\n  "type": "/problems/version-mismatch",\n  "status": 412,\n  "code": "version_mismatch",\n  "currentVersion": 3\n}',
    graphql='{\n  "data": {\n    "replaceUser": {\n      "__typename": "UserVersionMismatch",\n      "currentVersion": 3\n    }\n  }\n}',
    next=("Look at the current row, which came with the refusal.", "Make the change again on top of it and send it with the new version."),
)


def hello(name: str = "you") -> str:
    return f"Hello {name}"


@strawberry.type
class Query:
    greeting: str = strawberry.field(resolver=hello, description="Says hello to somebody.")


def demo() -> FastAPI:
    schema = strawberry.Schema(Query)
    app = FastAPI(title="Small", docs_url=None, redoc_url=None)
    assets = Assets()

    @app.get("/graphql", include_in_schema=False)
    def playground() -> Response:
        return Response(pages.graphiql_page("/graphql", assets.url, "Small"), headers=headers())

    @app.post("/graphql", include_in_schema=False)
    async def run(request: Request) -> Response:
        asked = await request.json()
        result = await schema.execute(asked["query"], asked.get("variables"), operation_name=asked.get("operationName"))
        return JSONResponse({"data": result.data, **({"errors": [e.formatted for e in result.errors]} if result.errors else {})})

    @app.get("/docs", include_in_schema=False)
    def reference() -> Response:
        return Response(pages.swagger_page("/openapi.json", assets.url, "Small"), headers=headers())

    @app.get("/problems", include_in_schema=False)
    def problems() -> Response:
        return Response(pages.problems_index_page([PROBLEM]), headers=headers())

    @app.get("/problems/version-mismatch", include_in_schema=False)
    def problem() -> Response:
        return Response(pages.problem_page(PROBLEM), headers=headers())

    @app.get("/api/greeting", summary="Say hello")
    def greeting(name: str = "you") -> str:
        return f"Hello {name}"

    app.router.routes.append(Route("/assets/{rest:path}", assets))
    return app


def headers() -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in PAGE_HEADERS}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(demo(), lifespan="off") as address:
        yield address


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str, tmp_path: Path) -> Iterator[Page]:
    """A page of a small application, in both colour schemes."""
    with watched(browser, address, tmp_path, request.param) as page:
        yield page


def test_graphiql_runs_a_query(page: Page) -> None:
    page.goto("/graphql")
    editor = page.locator(".graphiql-query-editor .monaco-editor").first
    editor.wait_for()
    expect(editor).to_contain_text("__typename")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text('{ greeting(name: "Jane") }')
    page.keyboard.press("Control+Enter")
    expect(page.locator(".graphiql-response")).to_contain_text("Hello Jane")


def test_graphiql_knows_the_schema_of_the_demo(browser: Browser, tmp_path: Path) -> None:
    """The demo has a default that is an object, which the worker of the editor cannot print by itself."""
    bridge = demo_bridge(f"sqlite:///{tmp_path}/demo.db")
    with serving(bridge.app(), lifespan="on") as address, watched(browser, address, tmp_path) as page:
        page.goto("/graphql")
        page.get_by_label("Show Documentation Explorer").click()
        page.locator(".graphiql-doc-explorer").get_by_text("Mutation", exact=True).first.wait_for()
        editor = page.locator(".graphiql-query-editor .monaco-editor").first
        editor.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text("{ stock")
        page.keyboard.press("Control+Space")
        expect(page.locator(".suggest-widget")).to_contain_text("stockItems")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text('mutation { createDocument(input: {id: "seen", title: "Seen"}) { ... on DocumentWritten { outcome } } }')
        page.keyboard.press("Control+Enter")
        expect(page.locator(".graphiql-response")).to_contain_text("CREATED")


def test_graphiql_explains_the_schema(page: Page) -> None:
    page.goto("/graphql")
    page.get_by_label("Show Documentation Explorer").click()
    page.locator(".graphiql-doc-explorer").get_by_text("Query", exact=True).first.click()
    expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Says hello to somebody.")


def test_graphiql_completes_and_checks_what_is_written(page: Page) -> None:
    """Both come from the editor's GraphQL worker, so this shows that workers start."""
    page.goto("/graphql")
    page.get_by_label("Show Documentation Explorer").click()
    page.locator(".graphiql-doc-explorer").get_by_text("Query", exact=True).first.wait_for()  # the schema has arrived
    editor = page.locator(".graphiql-query-editor .monaco-editor").first
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("{ nothing }")
    expect(page.locator(".graphiql-query-editor .squiggly-error").first).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("{ greet")
    page.keyboard.press("Control+Space")
    expect(page.locator(".suggest-widget")).to_contain_text("greeting")


def test_swagger_shows_and_tries_an_operation(page: Page) -> None:
    page.goto("/docs")
    page.get_by_text("Say hello").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text("Hello you")


def test_problems_fit_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/problems", "/problems/version-mismatch"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_problems_lead_to_one_another(page: Page) -> None:
    page.goto("/problems")
    page.get_by_role("link", name="version_mismatch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PROBLEM.title)
    page.get_by_role("link", name="Problems").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Problems")


def test_a_problem_is_readable(page: Page) -> None:
    page.goto("/problems/version-mismatch")
    expect(page.get_by_text("412 Precondition Failed").first).to_be_visible()


def test_a_script_of_another_origin_reads_the_tag(browser: Browser, address: str, tmp_path: Path) -> None:
    """CORS with the fields that diptych names shows a browser's script the version. Source: Fetch standard, CORS protocol."""
    allowed = Middleware(
        CORSMiddleware,
        allow_origins=[address],
        allow_methods=ALLOWED_METHODS,
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
    app = demo_bridge(f"sqlite:///{tmp_path}/demo.db").app(middleware=[allowed])
    with serving(app, lifespan="on") as other:
        page = browser.new_page()
        page.goto(address + "/api/greeting")
        script = """async base => {
            const tag = (await fetch(base + '/api/users/1')).headers.get('etag');
            const headers = {'If-Match': tag, 'Content-Type': 'application/merge-patch+json'};
            const changed = await fetch(base + '/api/users/1', {method: 'PATCH', headers, body: '{"role": "reader"}'});
            return [tag, changed.status, changed.headers.get('etag')];
        }"""
        assert page.evaluate(script, other) == ['"1"', 200, '"2"']
        page.close()
