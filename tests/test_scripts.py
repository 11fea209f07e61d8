"""Golden terminal sessions: what people type and exactly what they see.

Each file of ``tests/scripts`` is one session in an empty home. Its first line states the claim.

    $ COMMAND        run by sh, without a terminal and with nothing on standard input
    @ COMMAND        run on a pseudo-terminal
    > MORE           the command goes on
    < LINE           typed at a prompt
    | LINE           standard output, or the screen of the pseudo-terminal
    ! LINE           standard error
    ? STATUS         exit status, where it is not 0

Homes, ids, suffixes of ARNs and times stand as <KIND NUMBER>, the same number for the same thing.
``python tests/test_scripts.py`` writes the sessions anew; read the difference before keeping it.
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.transcript import Masks, Seen, run, run_on_terminal

SESSIONS = sorted((Path(__file__).parent / "scripts").glob("*.txt"))


class Step(NamedTuple):
    """One command of a session."""

    lead: list[str]
    """Remarks and empty lines before it."""

    command: list[str]
    typed: list[str]
    on_terminal: bool


def parse(text: str) -> list[Step]:
    """Return the steps of a session; what is expected is left out."""
    steps: list[Step] = []
    lead: list[str] = []
    for line in text.splitlines():
        mark, rest = line[:2], line[2:]
        if mark in ("$ ", "@ "):
            steps.append(Step(lead, [rest], [], on_terminal=mark == "@ "))
            lead = []
        elif mark == "> ":
            steps[-1].command.append(rest)
        elif mark == "< ":
            steps[-1].typed.append(rest)
        elif not line or mark == "# ":
            lead.append(line)
        else:
            assert line[0] in "|!?", f"not a line of a session: {line}"
    return steps


def played(text: str, home: Path) -> str:
    """Return the session as it went."""
    masks = Masks(str(home))
    lines: list[str] = []
    for step in parse(text):
        command = "\n".join(step.command)
        if step.on_terminal:
            seen = run_on_terminal(command, step.typed, home)
        else:
            seen = run(command, home)
        lines += [*step.lead, ("@ " if step.on_terminal else "$ ") + step.command[0]]
        lines += [f"> {more}" for more in step.command[1:]]
        lines += [f"< {typed}" for typed in step.typed]
        lines += _shown(seen, masks)
    return "\n".join(lines) + "\n"


def played_in_new_home(text: str) -> str:
    """Return the session as it went in an empty home, whose path is short: long ones are cut."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        return played(text, Path(folder))


def _shown(seen: Seen, masks: Masks) -> list[str]:
    lines = []
    for mark, stream in (("|", seen.stdout), ("!", seen.stderr)):
        shown = masks(stream)
        lines += [f"{mark} {line}".rstrip() for line in shown.splitlines()]
        if shown and not shown.endswith("\n"):
            lines[-1] += "<no newline>"
    if seen.status:
        lines.append(f"? {seen.status}")
    return lines


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session_goes_as_written(path: Path) -> None:
    """Output, errors and exit statuses are those of the file, byte for byte."""
    expected = path.read_text()
    assert expected.splitlines() == played_in_new_home(expected).splitlines()


def test_every_session_states_a_claim() -> None:
    """A session that fails says first what it was to show."""
    assert SESSIONS
    assert [path.name for path in SESSIONS if not path.read_text().startswith("# ")] == []


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    for session in SESSIONS:
        session.write_text(played_in_new_home(session.read_text()))
