"""The command itself, without any of its commands."""

from importlib.metadata import version

from typer.testing import CliRunner

from diptych.cli import app


def test_it_says_which_diptych_it_is() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output) == (0, f"diptych {version('diptych')}\n")


def test_it_says_what_it_can_do() -> None:
    said = CliRunner().invoke(app, ["--help"])
    assert said.exit_code == 0
    assert "every write guarded by a version" in " ".join(said.output.split())
