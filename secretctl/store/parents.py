"""The folders above a file: whoever may change one of them can put another file in its place."""

from __future__ import annotations

import os
import stat

from secretctl.errors import UnsafePermissionsError


def check_above(path: str, *, alone: bool = False) -> None:
    """Refuse *path* where somebody else could replace it, or a folder that leads to it.

    Every folder up to the root must be ours, root's, or that of the root folder's owner (who is
    root, where a user namespace shows him as somebody else), and no other may write to it unless
    it is sticky, as /tmp is. A path over symbolic links is looked at as written and as resolved.

    Args:
        path: The file, which need not be there.
        alone: Whether others may not put files beside it either, so that its own folder, the lowest
            one, may not be sticky and open.

    Raises:
        UnsafePermissionsError: One of them is otherwise.
    """
    given, real = os.path.abspath(path), os.path.realpath(path)
    ours, lowest = trusted(), {os.path.dirname(given), os.path.dirname(real)}
    for folder in above(given) if given == real else [*above(given), *above(real)]:
        try:
            state = os.stat(folder)
        except OSError:
            continue  # what cannot be reached leads nowhere: opening says so
        if state.st_uid not in ours:
            raise UnsafePermissionsError(
                f"the folder '{folder}' belongs to somebody else, who could replace what is in it",
                f"ls -ld {folder}",
            )
        if not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            continue
        if not state.st_mode & stat.S_ISVTX:
            raise UnsafePermissionsError(
                f"others may write to the folder '{folder}' and replace what is in it",
                f"chmod go-w {folder}",
            )
        if alone and folder in lowest:
            raise UnsafePermissionsError(
                f"others may put files beside it, into the folder '{folder}'",
                "put it into a folder that only you may write",
            )


def trusted() -> set[int]:
    """Return whose files and folders are followed: ours, root's, the root folder's owner's."""
    return {os.geteuid(), 0, os.stat("/").st_uid}


def is_within(path: str, directory: str) -> bool:
    """Tell whether a file at *path* would lie in *directory*, or in a folder of it.

    Folders are compared by what they are, not by their names: links, mounts and letters of another
    case lead to the same ones.
    """
    real = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    return any(is_same(folder, directory) for folder in above(os.path.join(real, "file")))


def is_same(one: str, other: str) -> bool:
    """Tell whether two paths lead to the same folder or file."""
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them is not there
        return False


def work_tree(path: str) -> str:
    """Return the work tree of git in which a file at *path* lies; empty if in none."""
    folders = above(os.path.realpath(path))
    return next((each for each in folders if os.path.lexists(os.path.join(each, ".git"))), "")


def above(path: str) -> list[str]:
    """Return the folders above an absolute path, the lowest first."""
    folders = []
    while (parent := os.path.dirname(path)) != path:
        folders.append(parent)
        path = parent
    return folders
