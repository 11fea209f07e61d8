"""Become another program, with secrets in its environment.

The process is replaced (execve): the program has our process id, our terminal and our parent, so
exit status and signals are its own, and nothing of ours lingers with plaintext.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping

from secretctl.context import Context, tell
from secretctl.delivery.references import shown
from secretctl.errors import CommandNotExecutableError, CommandNotFoundError, SecretctlError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal
    from typing import NoReturn
else:
    try:  # signal itself loads enum, which no other part of this start does
        from _signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal
    except ImportError:  # pragma: no cover - another Python
        from signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal

_OPENING = ("PASSPHRASE", "ACCESS_KEY", "SESSION_TOKEN")
_PRISTINE = ("PATH", "HOME", "TERM", "LANG", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR")
_LONGEST_STRING = 128 * 1024
"""Bytes of ``NAME=value`` and its NUL that Linux accepts (MAX_ARG_STRLEN, execve(2))."""

_LARGEST_NAMED = 3
_SHELL = "/bin/sh"
_LOOKED_AT = 128
"""Bytes of a program of unknown kind in which a NUL tells that it is no script."""


class Program(NamedTuple):
    """A program, and what it is given."""

    path: bytes
    argv: list[str]
    environment: dict[bytes, bytes]
    variables: dict[str, str]
    """What is set of its environment: secrets, and what stands in files as it is."""


def replace(program: Program, context: Context) -> NoReturn:
    """Replace this process by *program*.

    Raises:
        CommandNotExecutableError: it cannot be run.
    """
    context.stdout.flush()
    tell(context, "")
    raise explained(become(program, context), program) from None


def prepared(  # noqa: PLR0913 what the program is given, and what it is not
    context: Context,
    variables: dict[str, str],
    path: bytes,
    argv: list[str],
    *,
    pristine: bool,
    keep: frozenset[str] = frozenset(),
) -> Program:
    """Return the program at *path* with what it is given.

    Args:
        context: its environment is passed on, less the variables that unlock vaults.
        variables: they overwrite inherited variables of the same name.
        path: of the program, as `resolved` gives it.
        argv: the program as it was called, and its arguments.
        pristine: keep only PATH, HOME, TERM, LANG, LC_*, TZ, USER, LOGNAME, SHELL, TMPDIR.
        keep: names that are kept besides these.

    Raises:
        CommandNotExecutableError: a variable is too large for any environment.
    """
    environment = child_environment(context.environ, variables, pristine=pristine, keep=keep)
    _refuse_long(variables)
    return Program(path, argv, environment, variables)


def become(program: Program, context: Context) -> OSError:
    """Replace this process by *program*; return why it could not be."""
    _empty_stdin(context)
    _restore(context)
    return _start(program.path, program.argv, program.environment)


def resolved(program: str, inherited: Mapping[str, str]) -> bytes:
    """Return the absolute path of the program to start, before anything is read for it.

    It is the first file along PATH that may be executed, as for execvp(3) and shells. Links are not
    followed: a program may do what it is called.

    Args:
        program: A path, or a name to look for along PATH.
        inherited: The environment; a secret never changes its PATH.

    Raises:
        CommandNotFoundError: There is nothing of that name.
        CommandNotExecutableError: It is no file, or may not be executed.
    """
    candidates = _candidates(program, os.fsencode(inherited.get("PATH", os.defpath)))
    for candidate in candidates:
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return _absolute(candidate)
    number = errno.EACCES if any(map(os.path.exists, candidates)) else errno.ENOENT
    raise _explained(OSError(number, ""), program, {})


def child_environment(
    inherited: Mapping[str, str],
    variables: dict[str, str],
    *,
    pristine: bool,
    keep: frozenset[str],
) -> dict[bytes, bytes]:
    """Return the environment of the program: inherited as it was, secrets as UTF-8.

    NOTE: bytes, because the locale's encoding (Latin-1, say) would alter values. An entry without
    a name, which execve(2) would take and Python does not, is left out.
    """
    kept = {
        os.fsencode(name): os.fsencode(value)
        for name, value in inherited.items()
        if is_passed_on(name, pristine=pristine, keep=keep)
    }
    return kept | {name.encode(): value.encode() for name, value in variables.items()}


def is_passed_on(name: str, *, pristine: bool, keep: frozenset[str]) -> bool:
    """Tell whether the program gets the inherited variable *name*."""
    is_kept = not pristine or name in _PRISTINE or name.startswith("LC_") or name in keep
    return bool(name) and is_kept and not is_own_key(name)


def is_own_key(name: str) -> bool:
    """Tell whether the variable *name* holds, or leads to, what unlocks a vault."""
    return name.startswith("SECRETCTL_") and (
        name.startswith("SECRETCTL_KEY") or any(part in name for part in _OPENING)
    )


def _refuse_long(variables: dict[str, str]) -> None:
    frame = len("=\0")
    long = [
        name
        for name, value in variables.items()
        if len(name) + len(value.encode()) + frame > _LONGEST_STRING
    ]
    if long:
        raise CommandNotExecutableError(
            f"too large for an environment variable (128 KiB): {_names(long)}",
            "let the program read the secret itself: secretctl get-secret-value",
        )


def _empty_stdin(context: Context) -> None:
    """Give the program nothing on standard input where a passphrase comes from it.

    Other descriptors were closed to it at the start; without a standard input it might take the
    first file it opens for one.
    """
    if 0 in context.descriptors:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def _restore(context: Context) -> None:
    """Undo what Python and this program changed and execve would hand on.

    Python ignores SIGPIPE and SIGXFSZ at its start, and what they were is lost: they get their
    defaults, which programs expect. Handlers are reset by execve itself.
    """
    for number in (SIGPIPE, SIGXFSZ):
        signal(number, SIG_DFL)
    context.restore()


def _start(path: bytes, argv: list[str], environment: dict[bytes, bytes]) -> OSError:
    """Execute a program; return why it could not be."""
    try:
        os.execve(path, argv, environment)  # noqa: S606 no shell is what is wanted
    except FileNotFoundError as error:
        # Where the file is there, what is missing is its interpreter.
        return OSError(errno.ENOEXEC, "") if os.path.exists(path) else error
    except OSError as error:
        is_script = error.errno == errno.ENOEXEC and _is_text(path)
        return _start_script(path, argv, environment, error) if is_script else error


def _start_script(
    path: bytes, argv: list[str], environment: dict[bytes, bytes], reason: OSError
) -> OSError:
    """Execute a script that names no interpreter, as execvp(3) and shells do; return why not."""
    try:
        os.execve(_SHELL, [_SHELL, os.fsdecode(path), *argv[1:]], environment)  # noqa: S606 as asked
    except FileNotFoundError:
        return reason
    except OSError as error:
        return error


def _is_text(path: bytes) -> bool:
    """Tell whether a shell may read the file at *path*, by its first line.

    See: POSIX.1-2017, 2.9.1.1 Command Search and Execution
    """
    try:
        with open(path, "rb") as file:
            line, _, _ = file.read(_LOOKED_AT).partition(b"\n")
    except OSError:
        return False
    return b"\0" not in line and not line.startswith(b"\x7fELF")


def _candidates(program: str, path: bytes) -> list[bytes]:
    name = os.fsencode(program)
    if not name:
        return []
    if b"/" in name:
        return [name]
    return [os.path.join(folder, name) for folder in path.split(b":")]


def _absolute(path: bytes) -> bytes:
    """Return *path* from the root on; ``..`` stays, which behind a link is another folder."""
    return path if os.path.isabs(path) else os.path.join(os.getcwdb(), path.removeprefix(b"./"))


def explained(error: OSError, program: Program) -> SecretctlError:
    """Return what is said of a program that could not be executed because of *error*."""
    return _explained(error, program.argv[0], program.variables)


def _explained(error: OSError, program: str, variables: dict[str, str]) -> SecretctlError:
    name = shown(program)
    if error.errno == errno.ENOENT and _is_one_word(program):
        return CommandNotFoundError(f"command not found: '{name}'", "behind '--' stands a program")
    if error.errno == errno.ENOENT:
        return CommandNotFoundError(
            "command not found", "behind '--' stand a program and its arguments, each its own word"
        )
    if error.errno == errno.E2BIG:
        largest = sorted(variables, key=lambda one: -len(variables[one]))[:_LARGEST_NAMED]
        return CommandNotExecutableError(
            f"arguments and environment are too large together to run '{name}'; "
            f"the largest variables are {_names(largest)}",
            "hand over fewer of them: SECRET-ID#KEY, or --pristine",
        )
    reason = {
        errno.EACCES: "it is a folder, or not marked as executable",
        errno.ENOEXEC: "it is no program, or its interpreter is missing",
    }.get(error.errno or 0, os.strerror(error.errno or 0).lower())
    hints = () if error.errno != errno.EACCES or os.path.isdir(program) else (_marking(program),)
    return CommandNotExecutableError(f"command cannot be run: '{name}': {reason}", *hints)


def _marking(program: str) -> str:
    from shlex import quote

    return f"chmod +x {quote(program)}"


def _is_one_word(program: str) -> bool:
    """Tell whether a word can be repeated; a whole command line in quotes may hold a secret."""
    return "=" not in program and program.split() == [program]


def _names(names: list[str]) -> str:
    return ", ".join(f"'{shown(name)}'" for name in names)
