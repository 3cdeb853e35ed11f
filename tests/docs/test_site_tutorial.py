"""The page of the tutorial, built from the tutorial's own words and clicked through by two people in a real Chromium."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.docs.blocks import ROOT, read_blocks
from tests.docs.sites import chromium
from tests.docs.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.node]

TUTORIAL: Final = ROOT / "docs" / "tutorial.md"
PACKAGES: Final = ROOT / "tests" / "generated" / "node_modules"
STRICT: Final = (
    *("--noEmit", "--strict", "--skipLibCheck"),
    *("--jsx", "react-jsx", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"),
)
PICTURE: Final = ROOT / "build" / "pictures" / "tutorial-conflict.png"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader's folder after the eighth step: every file that the tutorial has saved, and the page built."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "page").mkdir()
    (folder / "node_modules").symlink_to(PACKAGES)
    for block in read_blocks(TUTORIAL):
        named = re.match(r"(?:#|//) ([\w/]+\.\w+)\n", block.text)
        name = named[1] if named else "page/index.html" if block.language == "html" else None
        if name is not None:
            (folder / name).write_text(block.text, encoding="utf-8")
    [build] = [block.text for block in read_blocks(TUTORIAL) if "esbuild" in block.text and block.language == "bash"]
    _, command = build.splitlines()
    assert command.startswith("npx ")
    done = subprocess.run([PACKAGES / ".bin" / "esbuild", *command.split()[2:]], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def address(shop: Path, programs: Path) -> Iterator[str]:
    """The server of the eighth step, with the lamp as the seventh has left it."""
    for file in shop.glob("shop.db*"):
        file.unlink()
    story = Story(shop, programs)
    story.serve("uvicorn with_page:app", shop)
    story.exchange("POST", "/api/products", [("Content-Type", "application/json")], b'{"name": "Lamp", "priceCents": 4900}')
    for version, price in enumerate((3900, 4100, 3900), start=1):
        fields = [("Content-Type", "application/merge-patch+json"), ("If-Match", f'"{version}"')]
        story.exchange("PATCH", "/api/products/1", fields, b'{"priceCents": %d}' % price)
    yield f"http://127.0.0.1:{story.port}"
    story.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 620, "height": 320})
    page.goto(f"{address}/page/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamp, version 4")
    return page


def test_the_conflict_is_met_and_resolved(browser: Browser, address: str) -> None:
    """What the ninth step says is what happens: a refusal that shows Ann's price, and in the end both changes."""
    ann, ben = opened(browser, address), opened(browser, address)
    ann.get_by_label("Price in cents").fill("2900")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_role("status")).to_have_text("Saved as version 5.")

    ben.get_by_label("Note").fill("Last one")
    ben.get_by_role("button", name="Save").click()
    expect(ben.get_by_role("alert")).to_contain_text("Somebody has saved version 5 meanwhile")
    expect(ben.get_by_role("alert")).to_contain_text("Price 2900 cents, note none.")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    ben.screenshot(path=PICTURE)

    ben.get_by_role("button", name="Put my change on top").click()
    expect(ben.get_by_role("status")).to_have_text("Saved as version 6.")
    shown = next(block.text for block in read_blocks(TUTORIAL) if block.language == "json" and '"version": 6' in block.text)
    assert ben.evaluate("async () => (await fetch('/api/products/1')).json()") == ben.evaluate("JSON.parse", shown)


def test_theirs_can_be_taken(browser: Browser, address: str) -> None:
    ann, ben = opened(browser, address), opened(browser, address)
    ann.get_by_label("Price in cents").fill("2900")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_role("status")).to_have_text("Saved as version 5.")

    ben.get_by_label("Price in cents").fill("100")
    ben.get_by_role("button", name="Save").click()
    ben.get_by_role("button", name="Take theirs").click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("Lamp, version 5")
    expect(ben.get_by_label("Price in cents")).to_have_value("2900")


def test_another_refusal_is_told_in_its_words(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.get_by_label("Price in cents").fill("-1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("One violation was found.")


def test_the_page_is_sound_typescript(shop: Path) -> None:
    done = subprocess.run([PACKAGES / ".bin" / "tsc", *STRICT, "page/page.tsx"], cwd=shop, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
