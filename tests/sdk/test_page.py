"""docs/python.md does what it says: its examples are run."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/python.md"


def test_examples_show_what_they_say(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a home with a new vault."""
    monkeypatch.chdir(home)
    subprocess.run([sys.executable, "-m", "secretctl", "init"], check=True, capture_output=True)
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 6) == (0, True)


def test_the_examples_for_pytest_pass(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of pytest's own."""
    section = PAGE.read_text().partition("\n## Tests with pytest\n")[2].partition("\n## ")[0]
    code = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (home / "test_example.py").write_text("".join(code))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_example.py"]
    subprocess.run(words, cwd=home, check=True)
