"""nginx with a configuration that stands in the documentation."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.docs.blocks import ROOT, read_blocks
from tests.proofs.server import free_port
from tests.scaling.programs import Program, program, running

PAGE = ROOT / "docs" / "how-to" / "proxies.md"

# What a snippet stands in: nothing of it is about what is proxied.
AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  gzip on; gzip_types application/json; gzip_min_length 1; gzip_proxied any;
{inside}
}}
"""


def snippets() -> list[str]:
    """The blocks of nginx's language on the page of proxies."""
    return [block.text for block in read_blocks(PAGE) if block.language == "nginx"]


def with_ports(text: str, servers: Sequence[int], port: int) -> str:
    """The configuration for the servers at these ports; everything else stays."""
    for shown, found in zip((8000, 8001), servers, strict=False):
        assert f"127.0.0.1:{shown}" in text
        text = text.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{found}")
    text, count = re.subn(r"listen 80;", f"listen 127.0.0.1:{port};", text)
    assert count == 1
    return text


@contextmanager
def nginx(inside: str, folder: Path) -> Iterator[Program]:
    """nginx with this inside its `http`, and gzip on for JSON unless that says otherwise."""
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, inside=inside))
    with running(Program([program("nginx"), "-p", str(folder), "-c", str(config)], folder / "nginx.log")) as found:
        yield found


@contextmanager
def in_front_of(servers: Sequence[int], folder: Path) -> Iterator[str]:
    """The documentation's nginx in front of two servers; its address."""
    port = free_port()
    with nginx(with_ports(snippets()[0], servers, port), folder):
        yield f"http://127.0.0.1:{port}"


async def answering(client: httpx.AsyncClient, path: str = "/api/users/1") -> None:
    """Wait until a proxy passes requests on."""
    for _ in range(600):
        try:
            if (await client.get(path)).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("the proxy did not come up")
