"""Real proxies and a real browser between client and server: what becomes of tags on the way (nginx, Varnish, Chromium)."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.proofs.server import Server, free_port, serving

JANE = {"name": "Jane", "email": "jane@example.com"}

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  gzip {gzip}; gzip_types application/json; gzip_min_length 1; gzip_proxied any;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {behind}; }} }}
}}
"""
VARNISH = 'vcl 4.1; backend default {{ .host = "127.0.0.1"; .port = "{port}"; }}'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(folder=tmp_path) as (server,):
        yield server


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert found is not None, f"the tests of proxies need {name}: `make test` installs it on Debian"
    return found


@contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def answering(client: httpx.AsyncClient) -> None:
    """Wait until a proxy passes requests on."""
    for _ in range(300):
        try:
            if (await client.get("/api/users/1")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("the proxy did not come up")


@pytest.mark.parametrize(
    ("gzip", "tag", "status"),
    [
        pytest.param("off", '"1"', 200, id="a-strong-tag-passes-and-comes-back"),
        pytest.param("on", 'W/"1"', 412, id="compression-weakens-the-tag-and-a-weak-tag-never-matches"),
    ],
)
async def test_tags_behind_nginx(server: Server, tmp_path: Path, gzip: str, tag: str, status: int) -> None:
    """Source: RFC 9110 sections 8.8.3.2, 13.1.1."""
    port, config = free_port(), tmp_path / "nginx.conf"
    config.write_text(NGINX.format(folder=tmp_path, gzip=gzip, port=port, behind=server.base))
    with running([program("nginx"), "-p", str(tmp_path), "-c", str(config)]):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await answering(client)
            assert (await client.get("/api/users/1", headers={"Accept-Encoding": "gzip"})).headers["etag"] == tag
            written = await client.put("/api/users/1", json=JANE, headers={"If-Match": tag})
            assert written.status_code == status
            # Whoever sends the number as a strong tag, or in the document, is not touched by compression.
            version = written.json()["version"] if status == 200 else 1
            assert (await client.put("/api/users/1", json={**JANE, "version": version})).status_code == 200


async def test_a_shared_cache_never_answers_with_an_old_state(server: Server, tmp_path: Path) -> None:
    """Varnish with its own rules: what it may not keep it asks for again. Source: RFC 9111 section 5.2.2."""
    port, rules = free_port(), tmp_path / "rules.vcl"
    rules.write_text(VARNISH.format(port=server.port))
    command = [
        program("varnishd"),
        "-j",
        "none",
        "-F",
        "-a",
        f"127.0.0.1:{port}",
        "-f",
        str(rules),
        "-n",
        str(tmp_path / "varnish"),
        "-s",
        "malloc,16m",
    ]
    with running(command):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await answering(client)
            for version in (1, 2, 3):
                assert (await client.get("/api/users/1")).headers["etag"] == f'"{version}"'
                changed = await client.put("/api/users/1", json={**JANE, "role": f"r{version}"}, headers={"If-Match": f'"{version}"'})
                assert changed.status_code == 200
                assert (await client.get("/api/users/1")).json()["version"] == version + 1
