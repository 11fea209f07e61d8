"""Files for the user appear whole, for their owner alone, or not at all."""

import resource
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.cli import outfile
from secretctl.errors import OutputError
from secretctl.store import unnamed


def broken() -> Iterator[str]:
    """Yield a line and fail."""
    yield "half\n"
    raise OutputError("no more")


def test_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    """Mode 0600 even where the file was open to all; content byte for byte."""
    path = tmp_path / "out"
    path.write_text("before")
    path.chmod(0o644)
    outfile.write(str(path), iter(["a\r\n", "ü\n"]), [str(tmp_path / "v")])
    assert path.read_bytes() == "a\r\nü\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """Nothing is left of a file that could not be finished."""
    path = tmp_path / "out"
    path.write_text("before")
    with pytest.raises(OutputError, match="no more"):
        outfile.write(str(path), broken(), [str(tmp_path / "v")])
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_only_files_are_replaced(tmp_path: Path) -> None:
    """A link, a device or a folder stays what it is; a folder that is not there is an error."""
    target = tmp_path / "target"
    target.write_text("before")
    link = tmp_path / "link"
    link.symlink_to(target)
    for path in (link, tmp_path, Path("/dev/null"), tmp_path / "none" / "out"):
        with pytest.raises(OutputError, match="output not delivered"):
            outfile.write(str(path), ["x"], [str(tmp_path / "v")])
    assert link.is_symlink()
    assert target.read_text() == "before"


def test_an_unfinished_file_has_no_name(tmp_path: Path) -> None:
    """A program that is killed while it writes leaves nothing."""
    path = tmp_path / "out"
    seen: list[list[Path]] = []

    def parts() -> Iterator[str]:
        yield "a"
        seen.append(list(tmp_path.iterdir()))
        yield "b"

    outfile.write(str(path), parts(), [str(tmp_path / "v")])
    assert seen == [[]]
    assert path.read_text() == "ab"


def test_a_file_system_without_unnamed_files_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has a name of its own until it is whole."""
    monkeypatch.setattr(unnamed, "_UNNAMED", 0)
    path = tmp_path / "out"
    outfile.write(str(path), ["a"], [str(tmp_path / "v")])
    assert path.read_text() == "a"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OutputError, match="no more"):
        outfile.write(str(path), broken(), [str(tmp_path / "v")])
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_appended_whole_is_taken_back(tmp_path: Path) -> None:
    """The file is as it was where the disk is full half way."""
    path, vault = tmp_path / "out", [str(tmp_path / "v")]
    path.write_text("before\n")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        with pytest.raises(OutputError, match="output not delivered"):
            outfile.append(str(path), "a long line\n", vault)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "before\n"
    outfile.append(str(path), "more\n", vault)
    assert path.read_text() == "before\nmore\n"
