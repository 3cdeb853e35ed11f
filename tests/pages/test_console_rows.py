"""The console in a real Chromium: rows are listed, made, changed and deleted, and every action is there in both spellings."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import watched
from tests.pages.consoling import NASTY, field, go, graphql, make_user, rest, told, user, variables

pytestmark = pytest.mark.browser
# What some stories are about: a refused write, and a row that has gone.
REFUSALS = frozenset({400, 404, 409, 412})
DOORS = ["REST", "GraphQL"]


@pytest.fixture
def page(browser: Browser, address: str, tmp_path: Path) -> Iterator[Page]:
    with watched(browser, address, tmp_path, refusals=REFUSALS) as page:
        yield page


def cells(page: Page, column: int) -> list[str]:
    return page.locator(f"tbody tr > :nth-child({column})").all_inner_texts()


def test_rows_are_listed_and_ordered(page: Page) -> None:
    go(page, "#/stock-items")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert page.locator("thead th").all_inner_texts()[0].startswith("id")
    page.get_by_role("button", name="quantity").click()
    expect(page).to_have_url(re.compile(r"order=quantity$"))
    expect(page.locator("tbody tr").first).to_contain_text("LAST")
    page.get_by_role("button", name="quantity").click()
    expect(page.locator("tbody tr").first).to_contain_text("BOLT-M4")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("quantity")
    assert [int(quantity) for quantity in cells(page, 4)] == [120, 80, 1]


def test_rows_are_filtered(page: Page) -> None:
    go(page, "#/stock-items")
    page.get_by_label("Field").select_option("quantity")
    page.get_by_label("Operator").select_option("gte")
    page.get_by_label("Value").fill("80")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"#/stock-items\?quantity\[gte\]=80$"))
    expect(rest(page)).to_have_value(re.compile(r"quantity\[gte\]=80"))
    expect(variables(page)).to_have_value(re.compile(r'"gte": 80'))
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_label("Value")).to_have_value("80")


def test_a_filter_that_cannot_be_is_told(page: Page) -> None:
    go(page, "#/stock-items?quantity[gte]=few")
    expect(page.get_by_text("Refused: Invalid")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


def test_pages_go_forth_and_back(page: Page) -> None:
    go(page, "#/stock-items?limit=2")
    expect(page.locator("tbody tr")).to_have_count(2)
    first = cells(page, 1)
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    assert not set(cells(page, 1)) & set(first)
    page.get_by_role("button", name="Previous").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert cells(page, 1) == first


def test_what_is_stored_never_becomes_markup(page: Page, address: str) -> None:
    """In the list, in the row, in its editor, in both spellings and in an answer."""
    key = make_user(address, NASTY)["id"]
    go(page, f"#/users?id={key}")
    expect(page.locator("tbody tr")).to_contain_text("<script>")
    go(page, f"#/users/row/{key}")
    expect(page.locator("dl")).to_contain_text(NASTY)
    page.get_by_role("button", name="Run through GraphQL").click()
    expect(page.get_by_label("Answer of GraphQL", exact=True)).to_contain_text("<script>")
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(field(page, "name")).to_have_value(NASTY)
    expect(rest(page)).to_have_value(re.compile("<script>"))
    go(page, f"#/users/theatre/{key}")
    page.get_by_role("button", name="Fill in two edits").click()
    expect(page.locator("main img, main script")).to_have_count(0)
    expect(page).to_have_title("diptych demo")


@pytest.mark.parametrize("door", DOORS)
def test_a_row_is_created_once_its_violations_are_mended(page: Page, address: str, door: str) -> None:
    go(page, "#/users/new")
    field(page, "name").fill("x" * 201)
    field(page, "email").fill("x")
    page.get_by_role("button", name=f"Create through {door}").click()
    expect(told(page, "name")).to_contain_text("200")
    expect(told(page, "email")).not_to_be_empty()
    expect(field(page, "name")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "role")).to_have_attribute("aria-invalid", "false")
    expect(field(page, "name")).to_be_focused()
    expect(field(page, "name")).to_have_attribute("aria-describedby", f"new-name-about {told(page, 'name').get_attribute('id')}")
    field(page, "name").fill(f"Made through {door}")
    field(page, "email").fill(f"{door.lower()}@example.com")
    page.get_by_role("button", name=f"Create through {door}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"User \d+"))
    key = int(page.url.rsplit("/", 1)[1])
    assert user(address, key) | {"id": 0} == {
        "id": 0,
        "name": f"Made through {door}",
        "email": f"{door.lower()}@example.com",
        "role": "user",
        "bio": None,
        "version": 1,
    }


def test_a_value_that_is_taken_is_told_at_its_field(page: Page) -> None:
    go(page, "#/users/new")
    field(page, "name").fill("Another Ada")
    field(page, "email").fill("ada@example.com")
    page.get_by_role("button", name="Create through REST").click()
    expect(told(page, "email")).to_contain_text("already")


def test_fields_are_typed(page: Page, address: str) -> None:
    """Lists and objects are JSON; what is none is told before anything is sent; what is left out gets its default."""
    go(page, "#/documents/new")
    field(page, "id").fill("typed")
    field(page, "title").fill("12")
    field(page, "tags").fill("[1")
    expect(told(page, "tags")).to_contain_text("JSON")
    page.get_by_role("button", name="Create through REST").click()
    expect(field(page, "tags")).to_be_focused()
    field(page, "tags").fill('["a", "b"]')
    page.get_by_label("ownerId", exact=True).fill("1")
    page.get_by_role("button", name="Create through REST").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Document typed")
    stored = httpx.get(f"{address}/api/documents/typed").json()
    expected = {"id": "typed", "title": "12", "content": "", "tags": ["a", "b"], "metadata": {}, "ownerId": 1, "version": 1}
    assert stored == expected


@pytest.mark.parametrize("door", DOORS)
def test_a_patch_sends_what_was_changed_and_the_version(page: Page, address: str, door: str) -> None:
    row = make_user(address, "Patched")
    go(page, f"#/users/row/{row['id']}")
    expect(page.get_by_test_id("version")).to_have_text("1")
    page.get_by_role("button", name="Patch", exact=True).click()
    field(page, "role").fill("admin")
    expect(rest(page)).to_have_value(re.compile(r"""If-Match: "1".*-d '\{"role": "admin"\}'""", re.DOTALL))
    expect(variables(page)).to_have_value(re.compile(r'"patch": \{\s+"role": "admin"\s+\}'))
    page.get_by_role("button", name=f"Patch through {door}").click()
    expect(page.get_by_text("The row is at version 2")).to_be_visible()
    expect(page.get_by_test_id("version")).to_have_text("2")
    assert user(address, row["id"]) == row | {"role": "admin", "version": 2}


def test_a_row_is_the_same_whichever_door_it_was_saved_through(page: Page, address: str) -> None:
    """GraphQL has references as text; a form that nobody has touched since has nothing to send."""
    httpx.put(f"{address}/api/documents/owned", json={"title": "Owned", "ownerId": 1})
    go(page, "#/documents/row/owned")
    page.get_by_role("button", name="Patch", exact=True).click()
    field(page, "title").fill("Renamed")
    page.get_by_role("button", name="Patch through GraphQL").click()
    expect(page.get_by_test_id("version")).to_have_text("2")
    expect(rest(page)).to_have_value(re.compile(r"""If-Match: "2".*-d '\{\}'""", re.DOTALL))


def test_null_and_absence_are_two_things(page: Page, address: str) -> None:
    """A replace without a field gives it its default; a patch without it leaves it as it is."""
    row = make_user(address, "Absent")
    httpx.patch(f"{address}/api/users/{row['id']}", json={"role": "admin", "bio": "Words."})
    go(page, f"#/users/row/{row['id']}")
    page.get_by_role("button", name="Patch", exact=True).click()
    page.get_by_role("button", name="Leave out role").click()
    page.get_by_label("bio is null").check()
    page.get_by_role("button", name="Patch through REST").click()
    expect(page.get_by_test_id("version")).to_have_text("3")
    assert (user(address, row["id"])["role"], user(address, row["id"])["bio"]) == ("admin", None)
    page.get_by_role("button", name="Replace", exact=True).click()
    page.get_by_role("button", name="Leave out role").click()
    page.get_by_role("button", name="Replace through REST").click()
    expect(page.get_by_test_id("version")).to_have_text("4")
    assert user(address, row["id"])["role"] == "user"


@pytest.mark.parametrize("door", DOORS)
def test_a_row_is_deleted(page: Page, address: str, door: str) -> None:
    key = make_user(address, "Deleted")["id"]
    go(page, f"#/users/row/{key}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name=f"Delete through {door}").click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    assert httpx.get(f"{address}/api/users/{key}").status_code == 404


def test_where_one_spelling_is_edited_the_other_follows(page: Page, address: str) -> None:
    key = make_user(address, "Spelled")["id"]
    go(page, f"#/users/row/{key}")
    page.get_by_role("button", name="Patch", exact=True).click()
    field(page, "name").fill("One")
    expect(variables(page)).to_have_value(re.compile('"One"'))
    variables(page).fill(variables(page).input_value().replace("One", "Two"))
    expect(rest(page)).to_have_value(re.compile(r'\{"name": "Two"\}'))
    page.get_by_role("button", name="fetch", exact=True).click()
    expect(rest(page, "fetch")).to_have_value(re.compile(r'"name": "Two"'))
    page.get_by_role("button", name="httpx", exact=True).click()
    expect(rest(page, "httpx")).to_have_value(re.compile(r"'name': 'Two'"))
    page.get_by_role("button", name="curl", exact=True).click()
    rest(page).fill(rest(page).input_value().replace("Two", "Three"))
    expect(variables(page)).to_have_value(re.compile('"Three"'))
    page.get_by_role("button", name="Run through REST").click()
    expect(page.get_by_label("Answer of REST", exact=True)).to_contain_text('etag: "2"')
    assert user(address, key)["name"] == "Three"
    page.get_by_role("button", name="Run through GraphQL").click()
    expect(page.get_by_label("Answer of GraphQL", exact=True)).to_contain_text("UserVersionMismatch")


def test_a_spelling_is_copied(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(page, "#/users/row/1")
    expect(rest(page)).to_have_value(re.compile("curl"))
    for label, place in (("curl", rest(page)), ("GraphQL", graphql(page))):
        page.get_by_role("button", name=f"Copy {label}").click()
        expect(page.get_by_role("button", name=f"Copy {label}")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == place.input_value()


def test_what_has_no_other_spelling_is_said(page: Page) -> None:
    go(page, "#/?text=" + "curl -X DELETE /api/users/1 -H 'If-Match: *'".replace(" ", "+"))
    expect(page.get_by_text("nothing like `If-Match: *`")).to_be_visible()
    expect(graphql(page)).to_have_value("")
    expect(page.get_by_role("button", name="Run through GraphQL")).to_be_disabled()


def test_an_operation_of_several_fields_is_several_requests(page: Page) -> None:
    go(page, "#/")
    graphql(page).fill('{ user(id: "1") { name } stockItems(first: 1) { edges { node { sku } } } }')
    expect(rest(page)).to_have_value(re.compile("users/1.*\n\ncurl.*stock-items", re.DOTALL))
    page.get_by_role("button", name="Run through REST").click()
    expect(page.locator(".reply")).to_have_count(2)


@pytest.mark.parametrize(
    "link", ["#/?text=curl+-X+DELETE+/api/users/{key}", "#/?text=mutation{{deleteUser(id:{key}){{__typename}}}}"], ids=["rest", "graphql"]
)
def test_a_link_fills_in_and_runs_nothing(page: Page, address: str, link: str) -> None:
    key = make_user(address, "Linked")["id"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}"))
    go(page, link.format(key=key))
    expect(rest(page)).to_have_value(re.compile("DELETE"))
    expect(graphql(page)).to_have_value(re.compile("deleteUser"))
    page.wait_for_load_state("networkidle")
    assert {one for one in asked if not one.startswith("GET")} == {"POST /diptych/explain"}
    assert user(address, key)["version"] == 1


def test_a_token_is_sent_and_kept_nowhere(page: Page) -> None:
    sent: list[str | None] = []
    page.on("request", lambda asked: sent.append(asked.headers.get("authorization")) if "/api/" in asked.url else None)
    go(page, "#/users/row/1")
    page.get_by_label("Bearer token").fill("s3cret-token")
    page.get_by_role("button", name="Use").click()
    expect(page.get_by_text("Your token goes along")).to_be_visible()
    assert sent[-1] == "Bearer s3cret-token"
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, location.href])")
    assert "s3cret" not in kept
    for text in (rest(page).input_value(), graphql(page).input_value(), page.content()):
        assert "s3cret" not in text
    page.reload()
    expect(rest(page)).to_have_value(re.compile("curl"))
    assert sent[-1] is None
