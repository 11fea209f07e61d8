"""``--color`` holds for everything that is written, wherever it stands."""

import io
import re

import pytest

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import World

HELP = ("--help", "init --help", "unlock-slot add --help", "get-secret-value --help", "exec --help")
ERRORS = ("list-secrets", "get-secret-value", "nonsense", "init --nonsense", "exec a -- true")


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Claim so."""
        return True


def shown(line: str, context: Context, *, terminal: bool, **environ: str) -> str:
    """Return all that a command line writes."""
    stream = (Terminal if terminal else io.TextIOWrapper)(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", stream)  # where Typer writes
        around = {**context.environ, **environ}
        main(line.split(), context._replace(stdout=stream, stderr=stream, environ=around))
    stream.seek(0)
    return stream.read()


@pytest.mark.parametrize("line", [*HELP, *ERRORS])
def test_color_is_what_was_asked_for(line: str, world: World) -> None:
    """``on`` colors into a file, ``off``, NO_COLOR and a dumb terminal keep a terminal plain."""
    before, behind = f"--color {{}} {line}", line.replace(" -- ", " --color {} -- ")
    if behind == line:
        behind = f"{line} --color={{}}"
    for form in (before, behind):
        assert "\x1b[" in shown(form.format("on"), world.context, terminal=False)
        assert "\x1b" not in shown(form.format("off"), world.context, terminal=True)
    assert "\x1b[" in shown(line, world.context, terminal=True, TERM="xterm")
    assert "\x1b" not in shown(line, world.context, terminal=True, NO_COLOR="1")
    assert "\x1b" not in shown(line, world.context, terminal=True, TERM="dumb")
    assert "\x1b" not in shown(line, world.context, terminal=False)


@pytest.mark.parametrize("line", [*HELP, *ERRORS])
def test_nothing_is_yellow(line: str, world: World) -> None:
    """It is not seen on white."""
    assert not re.search(
        r"\x1b\[[\d;]*[39]3m", shown(f"--color on {line}", world.context, terminal=False)
    )


def test_color_changes_no_word(world: World) -> None:
    """Without its color a text is the plain one."""
    for line in (*HELP[3:], *ERRORS):
        colored = shown(f"--color on {line}", world.context, terminal=False)
        plain = shown(f"--color off {line}", world.context, terminal=False)
        assert re.sub("\x1b\\[\\d+m", "", colored) == plain


def test_help_names_options_whole_in_a_narrow_terminal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are 20 columns, lines break rather than names."""
    monkeypatch.setenv("COLUMNS", "20")
    text = shown("init --help", world.context, terminal=False)
    for option in ("--account-id", "--passphrase", "--key-file", "--vault", "--profile"):
        assert option in text
