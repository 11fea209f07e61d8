"""Folders above a file that others could change."""

import os
from pathlib import Path

import pytest

from secretctl.errors import UnsafePermissionsError
from secretctl.store.parents import check_above


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o702, 0o720])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_folder_that_others_may_write_is_named(tmp_path: Path, mode: int, depth: int) -> None:
    """At any height, by group or by all; the hint puts it right."""
    folders = [tmp_path / "a", tmp_path / "a/b", tmp_path / "a/b/c"]
    folders[-1].mkdir(parents=True)
    folders[depth].chmod(mode)
    with pytest.raises(UnsafePermissionsError) as caught:
        check_above(str(folders[-1] / "file"))
    assert f"'{folders[depth]}'" in caught.value.message
    assert caught.value.hints == (f"chmod go-w {folders[depth]}",)


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o1777, 0o2755])
def test_folder_that_others_may_not_change_is_fine(tmp_path: Path, mode: int) -> None:
    """Readable, or sticky: there they cannot replace what is ours."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(mode)
    check_above(str(tmp_path / "a" / "file"))


def test_both_ways_of_a_symbolic_link_are_looked_at(tmp_path: Path) -> None:
    """Where the link lies, and where it leads."""
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open" / "link").symlink_to(tmp_path / "closed")
    (tmp_path / "closed" / "link").symlink_to(tmp_path / "open")
    for path in ("open/link/file", "closed/link/file"):
        with pytest.raises(UnsafePermissionsError, match="others may write"):
            check_above(str(tmp_path / path))


def test_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns a folder can replace what is in it, whatever its mode."""
    if os.geteuid() == 0:
        os.chown(tmp_path, 54321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(UnsafePermissionsError, match="belongs to somebody else"):
        check_above(str(tmp_path / "file"))


def test_no_file_is_alone_in_a_folder_that_others_may_add_to(tmp_path: Path) -> None:
    """A sticky one, by its name or behind a link; above the file's own it does no harm."""
    shared, own = tmp_path / "shared", tmp_path / "shared/own"
    own.mkdir(parents=True)
    shared.chmod(0o1777)
    check_above(str(own / "file"), alone=True)
    (own / "link").symlink_to(shared / "file")
    for path in (shared / "file", own / "link"):
        with pytest.raises(UnsafePermissionsError, match=r"may put files beside it, .*shared'"):
            check_above(str(path), alone=True)
