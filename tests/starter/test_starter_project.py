"""A project that `diptych new` wrote passes its own checks and tests, and serves; nothing is installed for it."""

import os
import shutil
import signal
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from diptych.starter import Database, files_of
from tests.proofs.server import free_port
from tests.starter.projects import attempt, make, run

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "generated" / "node_modules"


def new_project(folder: Path, database: Database = "sqlite") -> Path:
    """A project as `diptych new` writes it, which the first test sees it do."""
    shop = folder / "shop"
    for path, text in files_of("shop", database=database, version=version("diptych")).items():
        (shop / path).parent.mkdir(parents=True, exist_ok=True)
        (shop / path).write_text(text, encoding="utf-8")
    return shop


def test_a_project_is_sound(tmp_path: Path) -> None:
    """Its checks and its tests pass, as it was written by the command."""
    run(tmp_path, "diptych", "new", "shop")
    shop = tmp_path / "shop"
    said = run(shop, *make("check", "test"))
    assert "Success: no issues found" in said
    assert "9 passed" in said
    for path, text in files_of("shop", database="sqlite", version=version("diptych")).items():
        assert (shop / path).read_text(encoding="utf-8") == text


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("good", "bad", "target", "told"),
    [
        pytest.param("ge=0, ", "", "test", "test_what_is_no_item_is_refused[rest-sqlite-less-than-nothing]", id="a-bound-is-gone"),
        pytest.param("quantity: int", "amount: int", "check", "quantity", id="the-schema-has-drifted"),
        pytest.param("str | None", "str | int", "check", "models.py", id="a-wrong-type"),
        pytest.param("import Field", "import Field, select", "check", "F401", id="an-import-too-many"),
    ],
)
def test_what_is_wrong_in_a_project_is_noticed(tmp_path: Path, good: str, bad: str, target: str, told: str) -> None:
    shop = new_project(tmp_path)
    run(shop, *make("schema", "check"))
    assert "type Item " in (shop / "schema.graphql").read_text()
    assert "/api/items/{id}" in (shop / "openapi.json").read_text()
    models = shop / "shop" / "models.py"
    models.write_text(models.read_text().replace(good, bad))
    code, said = attempt(shop, *make(target))
    assert code != 0
    assert told in said


@pytest.mark.postgres
@pytest.mark.thorough
def test_a_project_over_postgresql_is_sound(tmp_path: Path) -> None:
    said = run(new_project(tmp_path, "postgresql"), *make("check", "test"))
    assert "9 passed" in said


def test_a_project_serves(tmp_path: Path) -> None:
    """`make run` as it is typed, on another port; a stop ends it."""
    shop = new_project(tmp_path)
    port = free_port()
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}, "DIPTYCH_PORT": str(port)}
    process = subprocess.Popen(make("run"), cwd=shop, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_until_ready(client, process)
            made = client.post("/api/items", json={"name": "Lamp", "quantity": 3})
            assert (made.status_code, made.headers["etag"]) == (201, '"1"')
            asked = client.post("/graphql", json={"query": '{ item(id: "1") { name quantity version } }'})
            assert asked.json() == {"data": {"item": {"name": "Lamp", "quantity": 3, "version": 1}}}
            assert client.patch("/api/items/1", json={"quantity": 2}).status_code == 428
        assert (shop / "shop.db").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        assert process.poll() is None, "the server ended"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the server did not start")


def test_its_image_waits_for_an_authenticator(tmp_path: Path) -> None:
    """With what the Dockerfile sets, the server does not start before somebody is asked who they are."""
    shop = new_project(tmp_path)
    dockerfile = (shop / "Dockerfile").read_text()
    stages = dockerfile.split("\nFROM ")
    assert "USER 10001:10001" in stages[-1]
    joined = stages[-1].replace("\\\n", " ")
    said = next(line for line in joined.splitlines() if line.startswith("ENV "))
    variables = dict(part.split("=", 1) for part in said.split()[1:] if part.startswith("DIPTYCH_"))
    assert variables["DIPTYCH_BRIDGE"] == "shop.bridge:bridge"
    code, told = attempt(shop, "env", *(f"{name}={value}" for name, value in variables.items()), "diptych", "serve")
    assert code == 1
    assert "authenticator" in told


@pytest.mark.node
@pytest.mark.thorough
def test_its_typescript_client_is_generated(tmp_path: Path) -> None:
    """`make client`, with the packages that are installed already; what it writes compiles, strictly."""
    assert (NODE_MODULES / ".ready").exists(), "`make test` installs the packages from npm"
    shop = new_project(tmp_path)
    (shop / "node_modules").symlink_to(NODE_MODULES)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "npm").write_text("#!/bin/sh\nexit 0\n")
    (tools / "npm").chmod(0o755)
    node = Path(shutil.which("npx") or "").parent
    said = run(shop, "env", f"PATH={tools}{os.pathsep}{node}{os.pathsep}{os.environ['PATH']}", *make("client"))
    assert "error" not in said.lower()
    written = (shop / "client" / "generated" / "graphql.ts").read_text()
    for name in ("PatchItemMutation", "PatchItemMutationVariables", "ReadItemQuery"):
        assert f"export type {name} =" in written
    (shop / "use.ts").write_text(
        "import { PatchItemDocument, type PatchItemMutationVariables } from './client/generated/graphql'\n"
        "export const variables: PatchItemMutationVariables = { id: '1', version: 1, patch: { note: null } }\n"
        "export const document = PatchItemDocument\n"
    )
    strict = ("tsc", "--strict", "--noEmit", "--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck", "use.ts")
    run(shop, "node_modules/.bin/" + strict[0], *strict[1:])
    (shop / "use.ts").write_text((shop / "use.ts").read_text().replace("version: 1, ", ""))
    code, said = attempt(shop, "node_modules/.bin/" + strict[0], *strict[1:])
    assert code != 0
    assert "version" in said
