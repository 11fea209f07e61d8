"""The README cannot drift: its demo, its tour and its tables are compared with the program.

``python tests/test_readme.py`` writes what the program prints into both documents.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl import errors
from secretctl.audit.verdict import Verdict
from secretctl.model.operations import OPERATIONS
from tests.transcript import Masks, environment, run

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ACCESS_CONTROL = ROOT / "docs/access-control.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^\$ (?:.*<<'?END'?\n(?:.*\n)*?END\n|(?:.*\\\n)*.*\n)", re.MULTILINE)
_STATUSES_OF_MAIN = {0, 1, 130, 141}


def demo(home: Path) -> str:
    """Return what ``make demo`` prints."""
    done = subprocess.run(
        ["sh", ROOT / "docs/demo.sh"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    return done.stdout


def played(block: str, home: Path) -> str:
    """Return a block of commands with what they show."""
    parts = []
    for command in _COMMAND.findall(block):
        seen = run("{ " + command.removeprefix("$ ") + "} 2>&1", home)
        parts.append(command + seen.stdout)
    return "".join(parts)


def as_it_is(text: str, home: Path) -> tuple[str, str]:
    """Return the README's console blocks as they are, and as they should be."""
    blocks = _BLOCK.findall(text)
    shown = [demo(home), *(played(block, home) for block in blocks[1:])]
    return "".join(blocks), "".join(shown)


def masked(text: str, home: Path) -> list[str]:
    """Return the lines of *text* without what differs from run to run."""
    return Masks(str(home))(text).splitlines()


def test_console_blocks_are_what_the_program_prints(tmp_path: Path) -> None:
    """The demo's output and every command of the tour, byte for byte but ids and times."""
    blocks, shown = as_it_is(README.read_text(), tmp_path)
    assert masked(blocks, tmp_path) == masked(shown, tmp_path)


def test_five_minutes_lead_from_install_to_ci(tmp_path: Path) -> None:
    """The program that the README has one install does what stands behind it there."""
    text = README.read_text().partition("\n## Install\n")[2].partition("\n## A tour\n")[0]
    install = "".join(re.findall(r"^ {4}(.*\n)", text.partition("\n## ")[0], re.MULTILINE))
    here = environment(tmp_path)
    done = subprocess.run(
        ["sh", "-e", "-c", install],
        env=os.environ | {"PATH": here["PATH"], "HOME": str(tmp_path), "PIP_NO_COMPILE": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No matching distribution found" in done.stderr:
        pytest.skip("the packages it needs cannot be had here")
    assert done.returncode == 0, done.stderr
    programs = tmp_path / ".local/bin"
    assert (programs / "secretctl").resolve().is_relative_to(tmp_path)
    installed = f"PATH={programs}:$PATH; export PATH; "
    for block in _BLOCK.findall(text):
        for command in _COMMAND.findall(block):
            seen = run(f"{{ {installed}{command.removeprefix('$ ')}}} 2>&1", tmp_path)
            assert (command, seen.status) == (command, 0)
            assert command + seen.stdout in block


def test_access_control_is_what_the_program_does(tmp_path: Path) -> None:
    """Every command of the document, but for ids, secrets and times."""
    blocks = _BLOCK.findall(ACCESS_CONTROL.read_text())
    for block in blocks:
        assert masked(block, tmp_path) == masked(played(block, tmp_path), tmp_path)


def test_exit_statuses_are_those_of_the_error_tree() -> None:
    """The table lists each status that an error, a verdict or the program's start can give."""
    listed = {
        int(number) for number in re.findall(r"^\| (\d+) \|", README.read_text(), re.MULTILINE)
    }
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    statuses = {kind.exit_status for kind in classes if issubclass(kind, errors.SecretctlError)}
    assert listed == statuses | _STATUSES_OF_MAIN | set(map(int, Verdict))


def test_every_variable_is_explained() -> None:
    """No variable of ours is read that the README does not name, and none is only promised."""
    pattern = re.compile(r"\bSECRETCTL_[A-Z]+(?:_[A-Z]+)*\b")
    sources = "".join(path.read_text() for path in (ROOT / "secretctl").rglob("*.py"))
    assert set(pattern.findall(README.read_text())) == set(pattern.findall(sources)) - {
        "SECRETCTL_KEY"  # the mark in a key file, "SECRETCTL-KEY-1", is no variable
    }


def test_every_operation_is_in_the_parity_table() -> None:
    """The table has one row for each operation."""
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/parity.md").read_text(), re.MULTILINE)
    assert rows == [operation.name for operation in OPERATIONS]


def documents() -> list[Path]:
    """Return all pages."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_tables_are_tables() -> None:
    """Each row stands below a heading: no blank line parts it from there."""
    for document in documents():
        text = re.sub("^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
        for table in re.findall(r"^\|.*\n(?:\|.*\n)*", text, re.MULTILINE):
            _, _, rows = table.partition("\n")
            assert rows.startswith("| ---"), f"{document.name}: {table}"


def test_links_lead_somewhere() -> None:
    """Every relative link of the documents names a file."""
    for document in documents():
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        text = README.read_text()
        blocks = iter([demo(home), *(played(each, home) for each in _BLOCK.findall(text)[1:])])
        text = _BLOCK.sub(_next(blocks.__next__), text)
        README.write_text(text.replace(folder, "/home/you"))
    with tempfile.TemporaryDirectory() as folder:
        home, text = Path(folder), ACCESS_CONTROL.read_text()
        ACCESS_CONTROL.write_text(_BLOCK.sub(lambda it: _block(played(it[1], home)), text))


def _next(take: Callable[[], str]) -> Callable[[re.Match[str]], str]:
    return lambda _: _block(take())


def _block(text: str) -> str:
    return f"```console\n{text}```"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    _write()
