"""Command lines run as a user runs them; what is seen, free of what differs from run to run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.terminal import on_terminal

_VARIABLE = (
    ("digest", re.compile(r"\b[0-9a-f]{64}\b")),
    ("version", re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")),
    ("vault", re.compile(r"\b[0-9a-f]{32}\b")),
    ("slot", re.compile(r"\b[0-9a-f]{16}\b")),
    ("id", re.compile(r"\bA(?:IDA|GPA|ROA|NPA)[A-Z2-7]{17}\b")),
    ("key", re.compile(r"\bA[KS]IA[A-Z2-7]{16}\b")),
    ("secret", re.compile(r'(?<="SecretAccessKey": ")[A-Za-z0-9+/]{40}(?=")')),
    ("policy", re.compile(r"\ballow-[0-9a-f]{8}\b")),
    ("local", re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")),
    ("day", re.compile(r"\b\d{4}-\d\d-\d\dT00:00:00\+00:00")),
    ("time", re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}000)?\+00:00")),
)
_SUFFIX = re.compile(r"(\barn:aws:secretsmanager:[\w:-]+:secret:[\w/.@+=-]+-)([A-Za-z0-9]{6})\b")
_HOME = re.compile(r"(?<![\w/])/[^\s']*(?=/\.(?:local|config)/)")


class Seen(NamedTuple):
    """What a command showed, and its exit status."""

    stdout: str
    stderr: str
    status: int


class Masks:
    """Replaces what differs from run to run by a name, the same name for the same thing."""

    def __init__(self, home: str = "") -> None:
        self._home = home
        self._names: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return *text* with homes, ids, suffixes of ARNs and times replaced."""
        text = _HOME.sub("~", text)
        text = text.replace(self._home, "~") if self._home else text
        text = _SUFFIX.sub(lambda match: match[1] + self._name("suffix", match[2]), text)
        for kind, pattern in _VARIABLE:
            text = self._replaced(text, kind, pattern)
        return text

    def _replaced(self, text: str, kind: str, pattern: re.Pattern[str]) -> str:
        return pattern.sub(lambda match: self._name(kind, match[0]), text)

    def _name(self, kind: str, found: str) -> str:
        if kind in ("day", "time", "local"):
            return f"<{kind}>"
        known = sum(name.startswith(f"<{kind} ") for name in self._names.values())
        return self._names.setdefault(found, f"<{kind} {known + 1}>")


def environment(home: Path) -> dict[str, str]:
    """Return a bare environment in which ``secretctl`` is the program under test."""
    programs = Path(sys.executable).parent
    return {
        "HOME": str(home),
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        "COLUMNS": "80",
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def run(command: str, home: Path) -> Seen:
    """Run *command* with nothing on standard input and no terminal."""
    done = subprocess.run(
        ["sh", "-c", command],
        env=environment(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        start_new_session=True,
    )
    return Seen(done.stdout, done.stderr, done.returncode)


def run_on_terminal(command: str, typed: list[str], home: Path) -> Seen:
    """Run *command* on a pseudo-terminal; each line is typed when a prompt is waiting."""
    screen, answers = b"", list(typed)
    with on_terminal(["sh", "-c", command], environment(home), home) as terminal:
        while part := terminal.read():
            screen += part
            if answers and screen.endswith(b": "):
                terminal.write(answers.pop(0).encode() + b"\n")
        status = terminal.status
    assert not answers, f"never asked for: {answers}"
    assert status is not None
    return Seen(screen.decode().replace("\r\n", "\n"), "", status)
