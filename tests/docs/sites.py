"""The documentation built as a site, by the command that `make site` runs."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.docs.blocks import ROOT

BUILD: Final = re.compile(r"^\t\$\(BIN\)/python (-m sphinx --fail-on-warning .*)$", re.MULTILINE)


def build_site(docs: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Build `docs` into `folder`/site, as strictly as `make site` does."""
    found = BUILD.search((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert found is not None
    words = found[1].split()
    assert words[-2:] == ["docs", "build/site"]
    places = {"docs/site": str(ROOT / "docs" / "site"), "build/site-trees": str(folder / "trees")}
    command = [sys.executable, *(places.get(word, word) for word in words[:-2]), docs, folder / "site"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@dataclass
class Built(HTMLParser):
    """One built page: the ids that can be linked to, where its links lead, and what a browser loads for it."""

    file: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            match tag, name:
                case _, "id" if value:
                    self.ids.add(value)
                case "a", "href" if value:
                    self.links.append(value)
                case ("script" | "img" | "iframe" | "source" | "video", "src") | ("link", "href") if value:
                    self.loaded.append(value)


def read_site(site: Path) -> dict[Path, Built]:
    return {file.resolve(): Built(file) for file in sorted(site.rglob("*.html"))}


def broken_links(pages: dict[Path, Built]) -> Iterator[str]:
    """Links within the site that lead nowhere, as `page: link`."""
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            anchor = unquote(parts.fragment)
            leads_to = target in pages and (not anchor or anchor in pages[target].ids)
            if not leads_to and not (target.is_file() and target not in pages):
                yield f"{file.name}: {link}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "the tests of the site need Chromium: `make test` installs it on Debian"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
