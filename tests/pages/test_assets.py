"""The files of the pages, asked for as a browser does and as nobody should."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from diptych.pages import Assets, AssetsMissing
from diptych.pages.assets import admits_gzip

SCRIPT = b"console.log('here');\n" * 40


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    """One build with a script that is also there in gzip, and a font that is not."""
    folder = tmp_path / "abc"
    folder.mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "abc", "sources": "", "files": ["main.js", "letters.ttf"]}))
    (folder / "main.js").write_bytes(SCRIPT)
    (folder / "main.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "letters.ttf").write_bytes(b"font")
    (folder / "unlisted.txt").write_bytes(b"not in the manifest")
    return Assets("/assets", static=tmp_path)


async def ask(
    assets: Assets, path: str, method: str = "GET", encoding: str | None = None, root: str = ""
) -> tuple[int, dict[str, str], bytes]:
    headers = [] if encoding is None else [(b"accept-encoding", encoding.encode())]
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a file is served without reading the request")

    await assets({"type": "http", "method": method, "path": path, "root_path": root, "headers": headers}, receive, send)
    start, body = sent
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


async def test_a_file_is_kept_for_ever(assets: Assets) -> None:
    status, headers, body = await ask(assets, f"{assets.url}/main.js")
    assert (status, body) == (200, SCRIPT)
    assert headers == {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "vary": "Accept-Encoding",
        "content-length": str(len(SCRIPT)),
    }


async def test_gzip_where_it_is_welcome(assets: Assets) -> None:
    status, headers, body = await ask(assets, f"{assets.url}/main.js", encoding="br, gzip")
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == SCRIPT
    assert headers["content-length"] == str(len(body))


async def test_a_file_without_gzip_comes_plain(assets: Assets) -> None:
    _, headers, body = await ask(assets, f"{assets.url}/letters.ttf", encoding="gzip")
    assert body == b"font"
    assert headers["content-type"] == "font/ttf"
    assert "content-encoding" not in headers
    assert "vary" not in headers


async def test_head_tells_the_same_without_the_body(assets: Assets) -> None:
    get = await ask(assets, f"{assets.url}/main.js", encoding="gzip")
    head = await ask(assets, f"{assets.url}/main.js", "HEAD", encoding="gzip")
    assert head == (*get[:2], b"")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/assets/abc/other.js", id="no-such-file"),
        pytest.param("/assets/abc/unlisted.txt", id="not-in-the-manifest"),
        pytest.param("/assets/abc/main.js.gz", id="the-packed-file-by-name"),
        pytest.param("/assets/abd/main.js", id="another-build"),
        pytest.param("/assets/main.js", id="no-version"),
        pytest.param("/assets/abc/", id="the-folder"),
        pytest.param("/assets/abc/../manifest.json", id="a-step-up"),
        pytest.param("/assets/abc//etc/passwd", id="an-absolute-path"),
        pytest.param("/assets/abc/..\\manifest.json", id="a-step-up-for-windows"),
        pytest.param("/assets/abc/main.js\x00.txt", id="a-nul-byte"),
        pytest.param("/x/assets/abc/main.js", id="below-something-else"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_all_else_is_not_found(assets: Assets, path: str, method: str) -> None:
    status, headers, body = await ask(assets, path, method)
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert "cache-control" not in headers
    assert body == (b"" if method == "HEAD" else b"There is no such file.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
async def test_other_methods_are_refused(assets: Assets, method: str) -> None:
    status, headers, _ = await ask(assets, f"{assets.url}/main.js", method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")


async def test_under_a_prefix(assets: Assets) -> None:
    status, _, _ = await ask(assets, f"/v1{assets.url}/main.js", root="/v1")
    assert status == 200


def test_a_package_without_scripts_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match="make setup"):
        Assets(static=tmp_path)


async def test_every_built_file_is_there() -> None:
    """The real build: what the manifest lists can be had, and the packed form is the same file."""
    assets = Assets()
    manifest = json.loads((Path(next(iter(assets._files.values()))).parent.parent / "manifest.json").read_bytes())
    assert {
        "console.js",
        "console.css",
        "graphiql.js",
        "graphiql.css",
        "graphql.worker.js",
        "swagger-ui-bundle.js",
        "swagger.js",
        "LICENSES.txt",
    } <= set(manifest["files"])
    for name in manifest["files"]:
        status, headers, plain = await ask(assets, f"{assets.url}/{name}")
        assert (status, headers["content-type"] != "application/octet-stream") == (200, True), name
        _, headers, packed = await ask(assets, f"{assets.url}/{name}", encoding="gzip")
        assert (gzip.decompress(packed) if "content-encoding" in headers else packed) == plain, name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("gzip", True, id="named"),
        pytest.param("GZip", True, id="in-any-case"),
        pytest.param("deflate, gzip;q=0.5, br", True, id="among-others"),
        pytest.param("x-gzip", True, id="by-its-old-name"),
        pytest.param("*", True, id="anything"),
        pytest.param("gzip;q=0", False, id="ruled-out"),
        pytest.param("gzip; q=0.0, *", False, id="ruled-out-where-anything-else-goes"),
        pytest.param("*;q=0, gzip", True, id="nothing-but-gzip"),
        pytest.param("br", False, id="not-named"),
        pytest.param("gzip;q=lots", False, id="unreadable-weight"),
        pytest.param("gzip;level=9", False, id="unknown-parameter"),
        pytest.param("", False, id="empty"),
    ],
)
def test_admits_gzip(value: str, expected: bool) -> None:
    assert admits_gzip([(b"accept", b"gzip"), (b"Accept-Encoding", value.encode())]) is expected


def test_without_the_header_nothing_is_packed() -> None:
    assert admits_gzip([(b"accept", b"*/*")]) is False
