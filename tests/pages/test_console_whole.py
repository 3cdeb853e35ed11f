"""The console as a whole: the conflict theatre, for keyboards, in the dark, on a phone, for assistive technology, and the playgrounds."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from diptych.demo import demo_bridge
from diptych.pages import PAGE_HEADERS
from tests.pages.browsing import serving, watched
from tests.pages.consoling import AXE, field, go, graphql, look, make_user, rest, told, user

pytestmark = pytest.mark.browser
REFUSALS = frozenset({400, 412})
# Where somebody may be; `{key}` is a user's.
PLACES = ["#/users", "#/users/row/{key}", "#/users/new", "#/users/theatre/{key}", "#/?text=%7Busers%7BtotalCount%7D%7D"]


@pytest.fixture
def page(browser: Browser, address: str, tmp_path: Path) -> Iterator[Page]:
    with watched(browser, address, tmp_path, refusals=REFUSALS) as page:
        yield page


def collide(page: Page, key: int, doors: tuple[str, str]) -> None:
    """Two editors of one row: the first saves, and the second is refused."""
    go(page, f"#/users/theatre/{key}")
    page.get_by_role("button", name="Fill in two edits").click()
    first, second = (page.get_by_role("region", name=f"{who} editor") for who in ("First", "Second"))
    expect(field(first, "name")).to_have_value(re.compile("first edit"))
    first.get_by_role("button", name=f"Replace through {doors[0]}").click()
    expect(first.get_by_text("The row is at version 2")).to_be_visible()
    second.get_by_role("button", name=f"Replace through {doors[1]}").click()
    expect(second.locator(".note.bad")).to_contain_text("Nothing was written")


@pytest.mark.parametrize("doors", [("REST", "GraphQL"), ("GraphQL", "REST")], ids=lambda doors: "-then-".join(doors))
def test_a_lost_update_is_prevented_and_merged(page: Page, address: str, doors: tuple[str, str]) -> None:
    key = make_user(address, "Ada")["id"]
    before = user(address, key)
    collide(page, key, doors)
    assert user(address, key) == before | {"name": "Ada (first edit)", "version": 2}
    second = page.get_by_role("region", name="Second editor")
    # The other door says the same, since a stale write changes nothing however often it is sent.
    second.get_by_role("button", name=f"Replace through {doors[0]}").click()
    expect(second.get_by_label("REST says", exact=True)).to_contain_text("412 Precondition Failed")
    expect(second.get_by_label("REST says", exact=True)).to_contain_text('"currentVersion": 2')
    expect(second.get_by_label("GraphQL says", exact=True)).to_contain_text('"__typename": "UserVersionMismatch"')
    assert user(address, key)["version"] == 2
    merge = second.get_by_role("region", name="Merge")
    expect(merge).to_contain_text("Both changed it; it was Ada")
    expect(merge).to_contain_text("You alone changed it")
    merge.get_by_label("Yours: Ada (second edit)").check()
    merge.get_by_role("button", name="Put the merge into the form").click()
    assert user(address, key)["version"] == 2, "nothing is sent until somebody sends it"
    second.get_by_role("button", name=f"Replace through {doors[1]}").click()
    expect(second.get_by_text("The row is at version 3")).to_be_visible()
    assert user(address, key) == before | {"name": "Ada (second edit)", "bio": "Words (second edit)", "version": 3}
    record = page.get_by_role("region", name="Record").locator("li")
    expect(record).to_have_text(
        [
            "Both editors read version 1.",
            f"First editor, through {doors[0]}: version 1 became version 2.",
            f"Second editor, through {doors[1]}: refused. It was made on version 1, and the row is at 2. No update was lost.",
            f"Second editor, through {doors[0]}: refused. It was made on version 1, and the row is at 2. No update was lost.",
            "Second editor merged, and goes on from version 2.",
            f"Second editor, through {doors[1]}: version 2 became version 3.",
        ]
    )
    look(page, f"theatre-{doors[0].lower()}")


def test_an_editor_of_one_row_merges_as_well(page: Page, address: str) -> None:
    key = make_user(address, "Ada")["id"]
    go(page, f"#/users/row/{key}")
    page.get_by_role("button", name="Patch", exact=True).click()
    field(page, "role").fill("admin")
    httpx.patch(f"{address}/api/users/{key}", json={"bio": "Somebody was faster."})
    page.get_by_role("button", name="Patch through REST").click()
    expect(page.get_by_text("Only the other changed it")).to_be_visible()
    page.get_by_role("button", name="Put the merge into the form").click()
    expect(field(page, "bio")).to_have_value("Somebody was faster.")
    page.get_by_role("button", name="Patch through REST").click()
    expect(page.get_by_test_id("version")).to_have_text("3")
    assert user(address, key) | {"email": ""} == {
        "id": key,
        "name": "Ada",
        "email": "",
        "role": "admin",
        "bio": "Somebody was faster.",
        "version": 3,
    }


def test_without_a_version_one_is_warned(page: Page, address: str) -> None:
    key = make_user(address, "Blind")["id"]
    go(page, f"#/users/row/{key}")
    page.get_by_role("button", name="Patch", exact=True).click()
    page.get_by_label("send it along").uncheck()
    expect(page.get_by_text("whatever is there now is overwritten")).to_be_visible()
    expect(rest(page)).not_to_have_value(re.compile("If-Match"))
    go(page, "#/stock-items/row/1")
    page.get_by_role("button", name="Patch", exact=True).click()
    expect(page.get_by_label("send it along")).to_have_count(0)


def test_by_keyboard_alone(page: Page, address: str) -> None:
    """From the top of the page to a stored row, without a pointer; the focus is always to be seen."""
    go(page, "#/users")
    page.locator("body").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="New User")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(field(page, "name")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.insert_text("Keys")
    page.keyboard.press("Control+Enter")
    expect(told(page, "email")).not_to_be_empty()
    expect(field(page, "email")).to_be_focused()
    page.keyboard.insert_text("keys@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert user(address, int(page.url.rsplit("/", 1)[1]))["name"] == "Keys"
    graphql(page).focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Answer of GraphQL", exact=True)).to_contain_text("keys@example.com")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.thorough)])
def test_accessible_and_within_the_window(
    browser: Browser, address: str, tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    """axe-core finds nothing serious in any view, and no view is wider than its window."""
    key = make_user(address, "Ada <b>Lovelace</b>")["id"]
    with watched(browser, address, tmp_path, scheme, width=width, refusals=REFUSALS) as page:
        for place in PLACES:
            go(page, place.format(key=key))
            if "theatre" in place:
                collide(page, key, ("REST", "REST"))
            elif "new" in place:
                page.get_by_role("button", name="Create through REST").click()
                expect(told(page, "name")).not_to_be_empty()
            else:
                expect(rest(page)).to_have_value(re.compile("curl"))
            name = re.sub(r"\W+", "-", place.format(key="").split("?")[0]).strip("-") or "translate"
            look(page, f"{name}-{scheme}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, place
            assert serious(page) == [], place
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(22, 25, 26)" if scheme == "dark" else "rgb(251, 250, 247)")


def serious(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    # Had it not looked, it would have found nothing either.
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{one['id']}: {one['help']} {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_would_find_something(page: Page) -> None:
    go(page, "#/users")
    page.evaluate("document.querySelector('.filters input').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('h1').style.color = '#eee'")
    assert {found.split(":")[0] for found in serious(page)} >= {"color-contrast"}


def test_colours_are_chosen_and_remembered(page: Page) -> None:
    go(page, "#/users")
    page.get_by_label("Colours").select_option("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 26)"
    page.reload()
    expect(page.get_by_label("Colours")).to_have_value("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 26)"


def test_the_console_is_small(address: str) -> None:
    """Everything that the page loads, compressed as it is sent, is far below 300 kB."""
    html = httpx.get(address)
    files = re.findall(r'(?:src|href)="(/diptych/assets/[^"]+)"', html.text)
    assert sorted(file.rsplit("/", 1)[1] for file in files) == ["console.css", "console.js"]
    sizes = [len(gzip.compress(html.content))]
    for file in files:
        with httpx.stream("GET", address + file, headers={"accept-encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            sizes.append(sum(map(len, answer.iter_raw())))
    assert sum(sizes) < 60_000, sizes


def test_the_policy_of_the_pages_stays(address: str) -> None:
    answer = httpx.get(address)
    for name, value in PAGE_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert "<script>" not in answer.text


def test_without_scripts_the_page_says_where_everything_is(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="diptych demo")).to_be_visible()
    expect(page.get_by_role("link", name="/api/stock-items")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.locator("body").evaluate("body => body.scrollWidth") <= 390
    context.close()


def test_beneath_a_prefix(browser: Browser, tmp_path: Path) -> None:
    outer = FastAPI(openapi_url=None)
    bridge = demo_bridge(f"sqlite:///{tmp_path}/demo.db")
    outer.mount("/v1", bridge.app())
    with serving(outer, lifespan="off") as address, watched(browser, address, tmp_path) as page:
        page.goto("/v1/#/users/row/1")
        page.get_by_role("button", name="Patch", exact=True).click()
        field(page, "role").fill("owner")
        expect(rest(page)).to_have_value(re.compile(f"{address}/v1/api/users/1"))
        page.get_by_role("button", name="Patch through GraphQL").click()
        expect(page.get_by_test_id("version")).to_have_text("2")
        page.get_by_role("link", name="GraphQL playground").click()
        expect(page.get_by_role("link", name="Console")).to_have_attribute("href", "/v1/")


def test_the_playground_has_examples_that_run(page: Page, address: str) -> None:
    """Nothing runs until somebody runs it, neither what a link has filled in nor an example."""
    key = make_user(address, "Linked")["id"]
    page.goto(f"/graphql#query=mutation{{deleteUser(id:{key}){{__typename}}}}")
    page.get_by_label("Show Examples").click()
    expect(page.locator(".graphiql-query-editor .monaco-editor").first).to_contain_text("deleteUser")
    page.get_by_role("button", name="Patch Document").click()
    editor = page.locator(".graphiql-query-editor .monaco-editor").first
    expect(editor).to_contain_text("patchDocument")
    assert httpx.get(f"{address}/api/documents/notes").json()["version"] == 1
    assert user(address, key)["version"] == 1
    page.get_by_role("button", name="Execute query (Ctrl-Enter)").click()
    expect(page.locator(".graphiql-response")).to_contain_text("PATCHED")
    assert httpx.get(f"{address}/api/documents/notes").json()["version"] == 2
    page.get_by_role("link", name="REST reference").click()
    page.wait_for_url("**/docs")


def test_the_reference_has_operations_that_run(page: Page, address: str) -> None:
    page.goto("/docs#/StockItem/patchStockItem")
    operation = page.locator("#operations-StockItem-patchStockItem")
    expect(operation.get_by_role("button", name="Execute")).to_be_visible()
    assert httpx.get(f"{address}/api/stock-items/1").json()["version"] == 1, "a link runs nothing"
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('etag: "2"')
    page.get_by_role("link", name="Console", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("User")
