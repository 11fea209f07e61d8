"""The rooms hold: imports go downwards, every module loads, no file grows past what one reads."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import secretctl

ROOT = Path(__file__).parent.parent
LONGEST_FILE_LINES = 300
DATA = {"secretctl/model/operations.py"}
"""Tables, not code to read through."""

MODULES = sorted(module.name for module in pkgutil.walk_packages(secretctl.__path__, "secretctl."))


def test_import_contracts_are_kept() -> None:
    """import-linter finds no import that the layer rule forbids."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert " 0 broken." in done.stdout


@pytest.mark.parametrize("name", MODULES)
def test_module_can_be_imported(name: str) -> None:
    """No module is left that nothing could load."""
    assert importlib.import_module(name).__doc__


def test_no_file_is_too_long() -> None:
    """A file is read in one sitting; only tables of data may be longer."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "secretctl").rglob("*.py")
    }
    too_long = {name for name, lines in lengths.items() if lines > LONGEST_FILE_LINES}
    assert too_long - DATA == set()
