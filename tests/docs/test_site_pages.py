"""The site in a real Chromium: it works without a server and without a network, on a phone and on a desk, in light and dark."""

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.docs.blocks import ROOT
from tests.docs.sites import Built, broken_links, build_site, chromium, read_site

pytestmark = [pytest.mark.browser, pytest.mark.node]

DOCS: Final = ROOT / "docs"
AXE: Final = ROOT / "tests" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
DESK: Final = (1280, 900)
PHONE: Final = (390, 844)
# One of each kind: a list of links, running text with code, a drawing, tables, results.
KINDS: Final = ("index.html", "tutorial.html", "explanation/architecture.html", "reference/settings.html", "search.html?q=If-Match")
EVERY: Final = tuple(str(file.relative_to(DOCS).with_suffix(".html")) for file in sorted(DOCS.rglob("*.md")))

# What reaches out of the screen, and stands in nothing that scrolls.
CUT_OFF: Final = """() => [...document.querySelectorAll('article *')].filter(each => {
    if (each.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let frame = each; frame.tagName !== 'ARTICLE'; frame = frame.parentElement)
        if (/auto|scroll/.test(getComputedStyle(frame).overflowX)) return frame.getBoundingClientRect().right > innerWidth + 1;
    return true;
}).map(each => each.outerHTML.slice(0, 100)).slice(0, 5)"""

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one build that all of these tests look at."""
    folder = tmp_path_factory.mktemp("site")
    done = build_site(DOCS, folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Built]:
    return read_site(site)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def opened(browser: Browser, *, size: tuple[int, int] = DESK, scheme: Scheme = "light", offline: bool = False) -> Page:
    """A page in a context of its own; a complaint of the browser's is an error here."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        offline=offline,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{page.url}: {error}"))
    return page


def go(page: Page, url: str) -> None:
    """Open a page, and let a search come to its end."""
    page.goto(url)
    if "search.html" in url:
        expect(page.locator("#search-results")).to_contain_text("Search finished")


def test_every_page_is_there_and_in_the_navigation(site: Path, pages: dict[Path, Built]) -> None:
    written = {file.relative_to(DOCS).with_suffix(".html") for file in DOCS.rglob("*.md")}
    index = pages[(site / "index.html").resolve()]
    assert {str(page) for page in written} - set(index.links) == {"index.html"}
    assert [str(page) for page in written if not (site / page).is_file()] == []


def test_links_within_the_site_lead_somewhere(pages: dict[Path, Built]) -> None:
    assert list(broken_links(pages)) == []


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Built]) -> None:
    """Neither a page nor a style sheet names another host for anything that a browser loads by itself."""
    assert [each for page in pages.values() for each in page.loaded if re.match(r"[a-z]+:|//", each)] == []
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(\s*[\"']?|@import\s+[\"'])((?:https?:)?//[^\"')]+)", style.read_text(encoding="utf-8")) == [], (
            style.name
        )


def test_no_request_leaves_the_origin(browser: Browser, address: str) -> None:
    page = opened(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for kind in KINDS:
        go(page, f"{address}/{kind}")
    assert len(asked) > len(KINDS)
    assert [url for url in asked if not url.startswith((f"{address}/", "data:"))] == []


def test_a_header_field_is_found_without_server_and_network(browser: Browser, site: Path) -> None:
    """`If-Match` is one word: it is typed into the box of a page, and the pages that explain it come first."""
    page = opened(browser, offline=True)
    # Beside each result stands where the word is found, which a page that is no server's may not read.
    page.add_init_script("window.fetch = () => new Promise(() => undefined)")
    page.goto(f"{site.as_uri()}/tutorial.html")
    box = page.get_by_role("search").get_by_placeholder("Search")
    box.fill("If-Match")
    box.press("Enter")
    results = page.locator("#search-results ul.search > li > a")
    expect(page.locator("#search-results")).to_contain_text("Search finished")
    titles = results.all_inner_texts()
    assert "HTTP, condition by condition" in titles[:8]
    assert "Types" not in titles
    results.filter(has_text="HTTP, condition by condition").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("HTTP, condition by condition")
    expect(page.locator("article .highlighted").first).to_have_text("If-Match")


@pytest.mark.parametrize("word", ["DIPTYCH_BUSY_SECONDS", "diptych.client"])
def test_what_is_looked_for_is_found(browser: Browser, address: str, word: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/search.html?q={word}")
    expect(page.locator("#search-results")).to_contain_text(re.compile(r"found (?:\d+|one) pages? matching"))


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESK, "light", id="desk-light"),
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(DESK, "dark", id="desk-dark", marks=pytest.mark.thorough),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.thorough),
    ],
)
def test_axe_finds_nothing_serious(browser: Browser, address: str, size: tuple[int, int], scheme: Scheme) -> None:
    page = opened(browser, size=size, scheme=scheme)
    page.add_init_script(path=AXE)
    found = []
    for kind in KINDS:
        go(page, f"{address}/{kind}")
        told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert told["passes"], kind
        serious = [each for each in told["violations"] if each["impact"] in ("serious", "critical")]
        found += [(kind, each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in serious]
    assert found == []


@pytest.mark.parametrize("names", [pytest.param(KINDS, id="one-of-a-kind"), pytest.param(EVERY, id="all", marks=pytest.mark.thorough)])
def test_no_page_is_wider_than_a_phone(browser: Browser, address: str, names: tuple[str, ...]) -> None:
    """What is wider than the screen scrolls by itself, in a frame of its own, and nothing is cut off."""
    page = opened(browser, size=PHONE)
    wide = {}
    for name in names:
        go(page, f"{address}/{name}")
        if (found := page.evaluate(CUT_OFF)) or page.evaluate("document.documentElement.scrollWidth") > PHONE[0]:
            wide[name] = found
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_follow_the_choice_of_the_page(browser: Browser, address: str, scheme: Scheme) -> None:
    """Whatever the system says, a reader may choose the other, and the words of a drawing stay readable on it."""
    page = opened(browser, scheme=scheme)
    page.goto(f"{address}/explanation/architecture.html")
    word = "getComputedStyle(document.querySelector('#drawing-one-way text')).fill"
    ground = "getComputedStyle(document.body).backgroundColor"
    page.evaluate("localStorage.setItem('theme', 'light')")
    page.reload()
    light = page.evaluate(word), page.evaluate(ground)
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    dark = page.evaluate(word), page.evaluate(ground)
    assert light == ("rgb(36, 41, 47)", "rgb(255, 255, 255)")
    assert dark[0] == "rgb(230, 237, 243)"
    assert dark[1] != light[1]


def test_the_button_turns_light_into_dark(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/index.html")
    toggle = page.locator(".theme-toggle-header, .theme-toggle").locator("visible=true").first
    seen = set()
    for _ in range(3):
        toggle.click()
        seen.add(page.evaluate("document.body.dataset.theme"))
    assert seen == {"auto", "light", "dark"}


def test_an_example_is_copied(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/tutorial.html")
    block = page.locator("div.highlight-bash").first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "make setup\nsource .venv/bin/activate"
