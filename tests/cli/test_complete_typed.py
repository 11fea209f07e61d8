"""Completion as a person meets it: a real shell on a pseudo-terminal."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("prod/db@v2", "prod/db@v3", "prod/sub/one", "alone@2x", "a=b@c:d", "rds!cluster")
_PROGRAM = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from secretctl.cli.complete import candidates
words = sys.stdin.read().split("\\0")[:-1]
kinds = {{"secret": {NAMES!r}, "stage": ("AWSCURRENT", "two words")}}
print("\\n".join(candidates(words, lambda kind, _words: kinds.get(kind, ()))))
"""
_BASH = """
PS1=; set +o history; bind 'set bell-style none'
bind -x '"\\C-g": printf "%s" "$READLINE_LINE" >seen.new; command mv seen.new seen'
source {script}.bash
: >seen
"""
_ZSH = """
PS1=; setopt no_beep; bindkey -e; bindkey '^G' show; zle -N show
show() {{ print -rn -- $BUFFER >seen.new; command mv seen.new seen; }}
autoload -Uz compinit; compinit -u -D; source {script}.zsh
: >seen
"""
_SETUP = {"bash": _BASH, "zsh": _ZSH}
_COMMAND = {"bash": ["bash", "--noprofile", "--rcfile", ".zshrc", "-i"], "zsh": ["zsh", "-d", "-i"]}
_ON_TERMINAL = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, shell: str, home: Path, more: str = "") -> None:
        self._seen = home / "seen"
        (home / "secretctl").write_text(_PROGRAM)
        (home / "secretctl").chmod(0o755)
        setup = _SETUP[shell].format(script=ROOT / "completions" / "secretctl")
        (home / ".zshrc").write_text(f"{more}\n{setup}")
        self._keys, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_TERMINAL, *_COMMAND[shell]],
            env={
                "PATH": f"{home}:/usr/bin:/bin",
                "HOME": str(home),
                "TERM": "vt100",
                "LC_ALL": "C.UTF-8",
            },
            cwd=home,
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        self._wait()

    def line_after(self, typed: str) -> str:
        """Return what stands on the line once *typed* and TAB were typed."""
        os.write(self._keys, f"{typed}\t\x07".encode())
        line = self._wait()
        os.write(self._keys, b"\x05\x15")
        return line

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._keys)

    def _wait(self) -> str:
        end = time.monotonic() + 20
        while not self._seen.exists():
            assert time.monotonic() < end, "the shell does not answer"
            assert self._process.poll() is None, "the shell ended"
            time.sleep(0.01)
        line = self._seen.read_text()
        self._seen.unlink()
        return line


@pytest.fixture(scope="module", params=["", "shopt -u hostcomplete", "COMP_WORDBREAKS=$' \\t\\n'"])
def bash(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Terminal]:
    """Bash as it comes, without completion of host names, and cutting words at blanks alone."""
    terminal = Terminal("bash", tmp_path_factory.mktemp("bash"), request.param)
    yield terminal
    terminal.close()


LINES = {
    "at": ("get-secret-value --secret-id prod/d", "get-secret-value --secret-id prod/db@v"),
    "at-typed": ("get-secret-value --secret-id prod/db@", "get-secret-value --secret-id prod/db@v"),
    "at-whole": ("get-secret-value --secret-id al", "get-secret-value --secret-id alone@2x "),
    "at-inside": ("get-secret-value --secret-id alone@2", "get-secret-value --secret-id alone@2x "),
    "at-joined": ("get-secret-value --secret-id=alone@", "get-secret-value --secret-id=alone@2x "),
    "at-exec": ("exec alone@", "exec alone@2x "),
    "at-variable": ("exec X=alone@", "exec X=alone@2x "),
    "at-file": ("exec --file X=alone@", "exec --file X=alone@2x "),
    "at-file-joined": ("exec --file=X=alone@", "exec --file=X=alone@2x "),
    "file-quoted": ("exec --file='X=prod/s", "exec --file='X=prod/sub/one' "),
    "all-breaks": ("exec X=a=b@c:", "exec X=a=b@c:d "),
    "equals-then-at": ("exec X=a=b@", "exec X=a=b@c:d "),
    "escaped": ("exec rds", "exec rds\\!cluster "),
    "escaped-typed": ("exec X=rds\\!c", "exec X=rds\\!cluster "),
    "quoted": ('exec "prod/s', 'exec "prod/sub/one" '),
    "quoted-at": ('exec "alone@', 'exec "alone@2x" '),
    "single-quoted": ("exec 'prod/s", "exec 'prod/sub/one' "),
    "quoted-joined": (
        'get-secret-value --secret-id="prod/s',
        'get-secret-value --secret-id="prod/sub/one" ',
    ),
    "quoted-variable": ('exec X="prod/s', 'exec X="prod/sub/one" '),
    "quoted-variable-at": ("exec X='alone@", "exec X='alone@2x' "),
    "quoted-before": ('exec "prod/sub/one" \'al', "exec \"prod/sub/one\" 'alone@2x' "),
    "quote-closed": ('exec "prod/"s', "exec prod/sub/one "),
    "label-kind": ("exec X=alone@2x?st", "exec X=alone@2x?stage="),
    "label": ("exec X=alone@2x?stage=A", "exec X=alone@2x?stage=AWSCURRENT "),
    "label-blank": ("exec X=alone@2x?stage=t", "exec X=alone@2x?stage=two\\ words "),
    "label-quoted": ("exec 'X=alone@2x?stage=A", "exec 'X=alone@2x?stage=AWSCURRENT' "),
    "option": ("get-secret-value --version-st", "get-secret-value --version-stage "),
}


@pytest.mark.parametrize("name", LINES)
def test_tab_completes_the_line_in_bash(bash: Terminal, name: str) -> None:
    """TAB adds what is missing, and leaves what was typed as it was."""
    typed, expected = LINES[name]
    line = bash.line_after("secretctl " + typed)
    assert line.replace("\\?", "?") == "secretctl " + expected


ZSH_LINES = {
    "at": ("get-secret-value --secret-id alone@", "get-secret-value --secret-id alone@2x "),
    "variable": ("exec X=alone@", "exec X=alone@2x "),
    "file": ("exec --file X=alone@", "exec --file X=alone@2x "),
    "file-joined": ("exec --file=X=alone@", "exec --file=X=alone@2x "),
    "quoted-variable": ('exec X="prod/s', "exec X=prod/sub/one "),
    "kind-bare": ("exec X=prod/db@v2?v", "exec X=prod/db@v2\\?version="),
    "kind": ("exec X=prod/db@v2\\?v", "exec X=prod/db@v2\\?version="),
    "label": ("exec X=prod/db@v2\\?stage=A", "exec X=prod/db@v2\\?stage=AWSCURRENT "),
}


@pytest.fixture(scope="module")
def zsh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Zsh with its completion system, as it comes."""
    terminal = Terminal("zsh", tmp_path_factory.mktemp("zsh"))
    yield terminal
    terminal.close()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize("name", ZSH_LINES)
def test_tab_completes_the_line_in_zsh(zsh: Terminal, name: str) -> None:
    """TAB adds what is missing; a space only where nothing can follow."""
    typed, expected = ZSH_LINES[name]
    assert zsh.line_after("secretctl " + typed) == "secretctl " + expected
