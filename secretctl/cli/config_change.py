"""Changing the configuration file: what it says otherwise stays, right or wrong."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping

from secretctl.cli import places
from secretctl.cli.config_file import check_size, document
from secretctl.errors import ConfigError


def change(environ: Mapping[str, str], profile: str | None, key: str, value: str) -> None:
    """Write one value; an empty one takes the key out.

    Args:
        environ: the environment.
        profile: the profile, None for the top level; it is made where there is none.
        key: one of KEYS.
        value: checked already.

    Raises:
        ConfigError: as `edit`.
        UnsafePermissionsError: as `edit`.
    """
    edit(environ, lambda content: _put(content, profile, key, value))


def edit(environ: Mapping[str, str], changed: Callable[[dict[str, object]], None]) -> None:
    """Have *changed* change what the file says. Comments in it are lost.

    Whether the rest of the file means anything is not asked, so that wrong settings can be put
    right one by one. The file is read, changed and replaced under a lock on its folder, so that of
    two changes at once none is lost, and no reader meets half a file.

    Raises:
        ConfigError: the file is not TOML, or cannot be written.
        UnsafePermissionsError: somebody else could have written it.
    """
    import fcntl

    from secretctl.store import directories

    # A link set up by hand (dotfiles in a repository) is to stay one.
    given = places.config_file(environ)
    path = os.path.realpath(given)
    folder = os.path.dirname(path)
    try:
        directories.make(folder)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = document(given)
            changed(content)
            written = _text(content)
            check_size(written)
            _replace(path, written)
            os.fsync(lock)
        finally:
            os.close(lock)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise ConfigError(f"the configuration file cannot be written: {reason}") from None


def _text(content: dict[str, object]) -> bytes:
    import tomli_w

    try:
        return tomli_w.dumps(content).encode()
    except RecursionError:
        raise ConfigError("the configuration file holds tables too deep to be written") from None


def _put(content: dict[str, object], profile: str | None, key: str, value: str) -> None:
    """Set *key* in what stands in the file; what should be a table and is none makes way."""
    section = content if profile is None else table_in(table_in(content, "profile"), profile)
    if "." not in key:
        _assign(section, key, value)
        return
    section.pop(key, None)  # written in quotation marks, where it has no meaning
    table, _, name = key.partition(".")
    _assign(table_in(section, table), name, value)
    if not section[table]:
        del section[table]


def table_in(above: dict[str, object], name: str) -> dict[str, object]:
    """Return the table of that name in *above*; one is made in the place of anything else."""
    found = above.get(name)
    if isinstance(found, dict):
        return found
    made: dict[str, object] = {}
    above[name] = made
    return made


def _assign(section: dict[str, object], name: str, value: str) -> None:
    if value:
        section[name] = value
    else:
        section.pop(name, None)


def _replace(path: str, content: bytes) -> None:
    temporary = f"{path}.{os.urandom(8).hex()}.new"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
