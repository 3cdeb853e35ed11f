"""The console's own tests and types, run by what the console is built with."""

import subprocess
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "src" / "console"
pytestmark = pytest.mark.node


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=CONSOLE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_units_of_the_console() -> None:
    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        pytest.fail("vitest is not installed: `make test` does it, or `npm ci --ignore-scripts` in src/console")
    # Fewer would mean that files of tests are no longer found.
    assert "Test Files  4 passed (4)" in run("node", "node_modules/vitest/vitest.mjs", "run", "--no-color")


def test_the_console_is_typed() -> None:
    run("node", "node_modules/typescript/bin/tsc", "--noEmit")


def test_a_wrong_type_is_seen(tmp_path: Path) -> None:
    """The test above can fail."""
    wrong = tmp_path / "wrong.ts"
    wrong.write_text("export const number: number = 'text';\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="TS2322"):
        run("node", "node_modules/typescript/bin/tsc", "--noEmit", "--ignoreConfig", str(wrong))
