"""What a strict type checker says of code that uses the client: nothing where it is right, and each mistake where it is wrong."""

import re
import subprocess
import sys
from pathlib import Path

# Not a module, since it is wrong on purpose.
EXAMPLE = Path(__file__).with_name("typed_example.txt")
SOURCE = Path(__file__).parents[2] / "src"


def test_each_mistake_is_seen_and_nothing_else(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / "typed_example.py").write_text(text, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nstrict = True\nplugins = pydantic.mypy\nmypy_path = {SOURCE}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--config-file", "mypy.ini", "typed_example.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    expected = {(number, wrong[1]) for number, line in enumerate(text.splitlines(), 1) if (wrong := re.search(r"# wrong: ([\w-]+)$", line))}
    said = {(int(number), code) for number, code in re.findall(r"^typed_example\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.M)}
    assert len(expected) == 11
    assert said == expected, done.stdout + done.stderr
