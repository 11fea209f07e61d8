"""Files that are written for the user: whole or not at all, and for their owner alone."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress

from secretctl.cli.output import deliver_bytes
from secretctl.cli.terminal import is_terminal, safe, safe_lines
from secretctl.context import Context, tell
from secretctl.errors import OutputError, UsageError
from secretctl.store import directories, unnamed
from secretctl.store.parents import above, is_same, is_within, work_tree
from secretctl.vault.vault import FILE

STDOUT = "-"
"""Names standard output where a file is asked for."""

_APPENDED = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def is_file(out: str) -> bool:
    """Tell whether what an option names is a file, and not standard output."""
    return out not in ("", STDOUT)


def refuse_ours(path: str, ours: Sequence[str]) -> None:
    """Refuse a file that would lie in one of *ours*, or replace one: see `places.ours`.

    Raises:
        UsageError: It would lie there.
    """
    for place in ours:
        if is_within(path, place):
            whose = "the vault's directory" if place == ours[0] else "a folder of secretctl itself"
            raise UsageError(f"that file would lie in {whose}", f"name one outside of '{place}'")
        if is_same(path, place):
            raise UsageError("that file is one that secretctl itself reads", "name another")


def refuse_nested(directory: str) -> None:
    """Refuse a place for a vault in the directory of another, which would take it along.

    Raises:
        UsageError: It is in one.
    """
    for folder in above(os.path.realpath(directory)):
        if os.path.lexists(os.path.join(folder, FILE)):
            raise UsageError(
                "that vault would lie in the directory of another vault",
                f"name one outside of '{folder}'",
            )


def refuse(path: str, ours: Sequence[str]) -> None:
    """Refuse a file as `refuse_ours` does, and what would not be replaced: all but a file.

    Raises:
        UsageError: It would lie there.
        OutputError: Something else than a file is there, or the folder is not.
    """
    refuse_ours(path, ours)
    refuse_nowhere(path)
    with suppress(OSError):  # nothing is there, or writing says what is wrong
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            raise _no_file(path, mode)


def refuse_nowhere(path: str) -> None:
    """Refuse a file in a folder that is not there.

    Raises:
        OutputError: It would lie in one; how it is made is the hint.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        from shlex import quote

        raise OutputError(
            f"output not delivered: there is no folder '{folder}'", f"mkdir -p {quote(folder)}"
        )


def hand_over(content: bytes, path: str, ours: Sequence[str], context: Context) -> None:
    """Write *content* into the file at *path*, or to standard output if it is empty or ``-``.

    A file in a work tree of git is told of, from which it could be committed.

    Raises:
        UsageError: As `write`.
        OutputError: As `write`, or standard output did not take it.
    """
    if is_file(path):
        write(path, [content], ours)
        if work_tree(path):
            ignored = f"{safe(path)} lies in a work tree of git: see that it is ignored"
            tell(context, f"secretctl: note: {ignored}\n")
    else:
        show(content, context)


def show(content: bytes, context: Context) -> None:
    """Write *content* to standard output; on a terminal, what would steer it as escapes.

    Raises:
        OutputError: Standard output did not take it.
    """
    if is_terminal(context.stdout):
        content = safe_lines(content.decode(errors="backslashreplace")).encode()
    deliver_bytes(content, context)


def write(path: str, parts: Iterable[str | bytes], ours: Sequence[str]) -> None:
    """Write *parts* into the file at *path* (0600), which appears or is replaced once it is whole.

    It may be none that `refuse_ours` refuses. Where the file system can, it has no name until then,
    so that nothing is left of it if the program is killed.

    Raises:
        UsageError: It would.
        OutputError: Something else than a file is there, or the file system refuses.
    """
    path = os.path.abspath(path)
    draft = f"{path}.{os.urandom(8).hex()}.new"
    try:
        refuse(path, ours)
        handle, has_name = unnamed.opened(draft)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(
                    part if isinstance(part, bytes) else part.encode() for part in parts
                )
                file.flush()
                os.fsync(handle)
                if not has_name:
                    unnamed.name(handle, draft)
            os.replace(draft, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        directories.sync(os.path.dirname(path))
    except OSError as error:
        raise OutputError(f"output not delivered: {error.strerror}") from None


def append(path: str, text: str, ours: Sequence[str]) -> None:
    """Append whole lines to a file that is there; where that fails, it is left as it was.

    Raises:
        UsageError: As `refuse_appending`.
        OutputError: As `refuse_appending`.
    """
    refuse_ours(path, ours)
    try:
        handle = _appendable(path)
        try:
            size = os.fstat(handle).st_size
            begun = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            try:
                _write_all(handle, ("\n" if begun else "") + text)
            except BaseException:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)
    except OSError as error:
        raise OutputError(f"output not delivered: {error.strerror}") from None


def refuse_appending(path: str, ours: Sequence[str]) -> None:
    """Refuse a file as `refuse_ours` does, and what cannot be appended to.

    Raises:
        UsageError: It lies there.
        OutputError: It is no file, or a link, or has a second name, or the file system refuses.
    """
    refuse_ours(path, ours)
    try:
        os.close(_appendable(path))
    except OSError as error:
        raise OutputError(f"output not delivered: {error.strerror}") from None


def _appendable(path: str) -> int:
    """Open a file that is there, and that has this one name.

    NOTE: another name could lie in a vault's directory.
    """
    handle = os.open(path, _APPENDED)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise _no_file(path, state.st_mode)
        if state.st_nlink > 1:
            raise OutputError("output not delivered: that file has a second name, a hard link")
    except BaseException:
        os.close(handle)
        raise
    return handle


def _write_all(handle: int, text: str) -> None:
    rest = memoryview(text.encode())
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)


def _no_file(path: str, mode: int) -> OutputError:
    if stat.S_ISLNK(mode):
        from shlex import quote

        leads = f"readlink -f {quote(path)} says where it leads"
        return OutputError(f"output not delivered: '{path}' is a link", leads)
    return OutputError(f"output not delivered: '{path}' is not a regular file")
