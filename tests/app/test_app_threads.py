"""How the interpreter's threads share it under `diptych serve`."""

import sys
from pathlib import Path

import pytest

from diptych.cli.serve import application


def test_a_thread_of_sqlite_has_its_turn_before_a_commit_would_be_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By default a thread waits 5 ms for the interpreter; a worker's application shortens that."""
    monkeypatch.setenv("DIPTYCH_DATABASE", f"sqlite:///{tmp_path}/turns.db")
    usual = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.005)
        application()
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(usual)
