"""What the formats for shells say is what the shells understand, to the byte."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import writer
from secretctl.delivery.references import is_variable
from secretctl.delivery.steering import steers
from tests.delivery.formats import readers, values

SHELLS = {
    "sh": ["sh", "-c", '. "$0"; env -0'],
    "dash": ["dash", "-c", '. "$0"; env -0'],
    "bash": ["bash", "--norc", "-c", '. "$0"; env -0'],
    "posix bash": ["bash", "--posix", "-c", '. "$0"; env -0'],
    "zsh": ["zsh", "-f", "-c", '. "$0"; env -0'],
    "zsh with rc_quotes": ["zsh", "-f", "-o", "rc_quotes", "-c", '. "$0"; env -0'],
    "eval": ["sh", "-c", 'eval "$(cat "$0")"; env -0'],
    "fish": ["fish", "--no-config", "-c", "source $argv[1]; env -0"],
    "pwsh": ["pwsh", "-NoProfile", "-Command", ". $args[0]; env -0"],
}
KNOWN = {
    "bash": ["bash", "--norc", "-c", "compgen -v"],
    "zsh": [
        *("zsh", "-f", "-c"),
        "zmodload zsh/parameter; print -rl -- ${(k)parameters[(R)*(special|readonly)*]}",
    ],
    "fish": ["fish", "--no-config", "-c", "set --names"],
}
"""How to have a shell list the variables that it has from its start."""

_MODULES = "for each in $module_path/zsh/**/*.so; do zmodload ${${each#*/zsh/*/}%.so}; done"
_READ = '. "$0"; exec env -0'
MORE = {
    "dash": [["dash", "-ic", _READ]],
    "bash": [["bash", "--norc", "-ic", _READ], ["bash", "--norc", "--posix", "-ic", _READ]],
    "zsh": [["zsh", "-fic", _READ], ["zsh", "-fc", f"{{ {_MODULES} }} 2>/dev/null; {_READ}"]],
}
"""Shells as they have most variables."""

HERE = {name: words for name, words in SHELLS.items() if shutil.which(words[0])}
FORMS = {"fish": "fish", "pwsh": "powershell"}


def run(shell: str, locale: str, folder: Path, text: str) -> dict[str, str]:
    """Return the environment after *shell* has read *text*."""
    script = folder / ("script.ps1" if shell == "pwsh" else "script")
    script.write_bytes(text.encode())
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": locale}
    done = subprocess.run(
        [*SHELLS[shell], script], env=environ, capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    pairs = (each.partition(b"=") for each in done.stdout.split(b"\0"))
    return {name.decode(): value.decode() for name, _, value in pairs if name.startswith(b"V")}


@pytest.mark.skipif(len(HERE) == len(SHELLS), reason="every shell is here")
def test_shells_that_are_not_here() -> None:
    """What cannot be tried is told: PowerShell alone is no package of Debian."""
    missing = sorted(set(SHELLS) - set(HERE) - {"pwsh"})
    assert not (missing and os.environ.get("SECRETCTL_REQUIRE_SHELLS") == "1")
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("shell", HERE)
def test_a_shell_reads_what_was_written(shell: str, locale: str, tmp_path: Path) -> None:
    """Every value arrives in the environment of a program that the shell starts."""
    form = FORMS.get(shell, "shell")
    refused = values.check(form, partial(run, shell, locale, tmp_path))
    assert refused == (1 if shell == "pwsh" else 0)


def test_powershell_reads_what_was_written() -> None:
    """By the rules of its language for strings; only an empty value is refused."""
    assert values.check("powershell", readers.powershell) == 1


def test_powershell_is_ascii_in_one_line() -> None:
    """Neither the encoding of a file nor a pipe of lines can change a value."""
    every = [each for each in values.variables() if each.value]
    text = writer("powershell")(every)
    assert text.isascii()
    assert len(text.splitlines()) == len(every)


@pytest.mark.parametrize("shell", sorted(set(KNOWN) & set(HERE)))
def test_no_variable_of_the_shell_itself_is_written(
    shell: str, tmp_path: Path, refuses: Callable[[str, Variable], str]
) -> None:
    """A name the shell knows at its start is refused, or takes any value like another."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    listed = subprocess.run(KNOWN[shell], env=environ, capture_output=True, text=True, check=True)
    form = FORMS.get(shell, "shell")
    names = {name for name in listed.stdout.split() if is_variable(name) and not steers(name)}
    assert len(names) > 9
    offered = [Variable(name, "1:x y", "'s'") for name in sorted(names)]
    taken = [variable for variable in offered if not refuses(form, variable)]
    script = tmp_path / "script"
    for variable in taken:
        script.write_text(writer(form)([variable]))
        done = subprocess.run(
            [*SHELLS[shell], script], env=environ, capture_output=True, text=True, check=False
        )
        assert f"{variable.name}=1:x y" in done.stdout.split("\0"), done.stderr


def words_of(shell: str) -> set[str]:
    """Return all that looks like a name in the program of a shell and in its modules."""
    files = [Path(str(shutil.which(shell))), *Path("/usr/lib").glob(f"*/{shell}/**/*.so")]
    pattern = re.compile(rb"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]{0,40}(?![A-Za-z0-9_])")
    return {word.decode() for file in files for word in pattern.findall(file.read_bytes())}


@pytest.mark.parametrize("shell", sorted(set(MORE) & set(HERE)))
def test_no_word_of_the_shell_loses_a_value(
    shell: str, tmp_path: Path, refuses: Callable[[str, Variable], str]
) -> None:
    """With what it has when interactive, and in all its modules; or the name is refused."""
    names = sorted(name for name in words_of(shell) if not steers(name))
    assert len(names) > 99
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    script = tmp_path / "script"
    for value in ("1:x y", "7", ""):
        offered = [Variable(name, value, "'s'") for name in names]
        taken = [variable for variable in offered if not refuses("shell", variable)]
        script.write_text(writer("shell")(taken))
        for words in MORE[shell]:
            done = subprocess.run(
                [*words, script],
                env=environ,
                capture_output=True,
                start_new_session=True,
                check=False,
            )
            found = set(done.stdout.decode().split("\0"))
            assert not [name for name, value, _ in taken if f"{name}={value}" not in found]


@pytest.mark.skipif("fish" not in HERE, reason="fish is not here")
def test_fish_makes_no_list_of_a_value(tmp_path: Path) -> None:
    """As it does of every variable whose name ends in PATH, at the colons."""
    script = tmp_path / "script"
    script.write_text(writer("fish")([Variable("MY_PATH", "a:b", "'s'")]))
    command = ["fish", "--no-config", "-c", "source $argv[1]; count $MY_PATH; echo $MY_PATH"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run([*command, script], env=environ, capture_output=True, check=True)
    assert done.stdout == b"1\na:b\n"
