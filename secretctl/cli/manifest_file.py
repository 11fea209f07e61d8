"""The manifest of the project one is in: found upwards, and followed only if it is one's own.

It decides which secrets a program gets. So it is looked for as git looks for a repository: in the
present folder and those above it, up to the home folder or the root, and no farther than a folder
that belongs to another user. Of what lies there only a file of one's own (or root's) is followed
that not everybody may write; a group may, as it may write the program. A file that ``--manifest``
names was chosen by a person and is read like any other.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from secretctl.cli import paramfile
from secretctl.cli.config_file import check_owner
from secretctl.cli.toml_text import line_of, parsed
from secretctl.context import Context
from secretctl.delivery import manifest
from secretctl.delivery.manifest import Manifest, ManifestFault
from secretctl.delivery.references import shown
from secretctl.errors import ConfigError, UnsafePermissionsError, UsageError
from secretctl.store.inputs import open_input
from secretctl.store.parents import above, trusted

NAME = "secretctl.toml"
ENVIRONMENT = "SECRETCTL_ENVIRONMENT"
_LARGEST = 64 * 1024


def load(path: str | None, environment: str | None, context: Context, form: str) -> Manifest:
    """Return the manifest that holds here.

    Args:
        path: What ``--manifest`` says, - for standard input; it is looked for if None.
        environment: What ``--environment`` says; SECRETCTL_ENVIRONMENT does if None.
        context: The environment.
        form: A command that needs none, for the hint where there is none.

    Raises:
        UsageError: There is none, it cannot be read, or has no such environment.
        ConfigError: It is no manifest.
        UnsafePermissionsError: Somebody else could have written it.
    """
    if path is None:
        path = _nearest(context.environ, form, is_named=environment is not None)
        content = _content(path)
    else:
        path = paramfile.path_of(path)
        content = paramfile.content("--manifest", path, context.environ)
    if len(content) > _LARGEST:
        raise ConfigError(f"'{path}' is larger than {_LARGEST // 1024} KiB")
    if environment is not None:
        return _read(content, path, environment)
    try:
        return _read(content, path, context.environ.get(ENVIRONMENT, ""))
    except UsageError as error:
        raise UsageError(error.message, *error.hints, f"it is named by {ENVIRONMENT}") from None


def _read(content: bytes, path: str, environment: str) -> Manifest:
    document = parsed(content, path, "docs/manifest.md has the grammar")
    try:
        return manifest.read(document, environment)._replace(path=path)
    except ManifestFault as fault:
        line = line_of(content, fault.place)
        where = f", line {line}" if line else ""
        keys = f"{'.'.join(map(shown, fault.place))}: " if fault.place else ""
        raise ConfigError(f"'{path}'{where}: {keys}{fault.message}", *fault.hints) from None


def _nearest(environ: Mapping[str, str], form: str, *, is_named: bool) -> str:
    """Return the path of the manifest here; *is_named* is whether ``--environment`` asks for it."""
    try:
        here = os.getcwd()
    except OSError:
        raise UsageError("the present folder is not there any more", "cd") from None
    home = os.path.realpath(environ["HOME"]) if environ.get("HOME") else ""
    ended: list[str] = []
    for folder in above(os.path.join(here, NAME)):
        path, is_ours = os.path.join(folder, NAME), _is_ours(folder)
        if os.path.lexists(path):
            _check_folder(folder, path, is_ours=is_ours)
            return path
        if not is_ours:
            ended = [f"the search ended at '{folder}', which belongs to another user"]
        if folder == home or ended:
            break
    wanted = "--environment is one of a manifest" if is_named else "no source is given"
    raise UsageError(
        f"{wanted}, and there is no '{NAME}' in this folder or above it",
        *ended,
        form,
        f"or write one: printf '{manifest.MINIMAL}' > {NAME}",
    )


def _is_ours(folder: str) -> bool:
    try:
        return os.stat(folder).st_uid in trusted()
    except OSError:
        return False


def _check_folder(folder: str, path: str, *, is_ours: bool) -> None:
    if not is_ours:
        raise _not_followed(f"the folder '{folder}' belongs to another user", path)
    mode = os.stat(folder).st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise _not_followed(f"everybody may write to the folder '{folder}'", path)


def _not_followed(why: str, path: str, *hints: str) -> UnsafePermissionsError:
    from shlex import quote

    return UnsafePermissionsError(
        f"'{path}' is not followed: {why}",
        *hints,
        f"if you trust what it says: --manifest {quote(path)}",
    )


def _content(path: str) -> bytes:
    try:
        file = open_input(path)
    except OSError as error:
        raise ConfigError(f"'{path}' cannot be read: {error.strerror}") from None
    with file:
        try:
            check_owner(path, os.fstat(file.fileno()), others=stat.S_IWOTH)
            check_owner(path, os.lstat(path), link=True)
        except UnsafePermissionsError as error:
            raise _not_followed(error.message, path, *error.hints) from None
        return file.read(_LARGEST + 1)
