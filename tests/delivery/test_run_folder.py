"""Folders in memory: where they lie, who holds them, and what is removed of them."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import secretctl
from secretctl.delivery import run_folder
from secretctl.delivery.run_folder import Base, bases, make, reap, remove

ROOT = Path(secretctl.__file__).parents[1]
SHARED = "/dev/shm"
MAKING = """
import os, sys
from secretctl.delivery.run_folder import bases, make, reap, remove
base = bases({"XDG_RUNTIME_DIR": sys.argv[1]})[0]
for _ in range(150):
    folder = make(base, os.urandom)
    open(folder.path + "/value", "w").close()
    reap(base)
    os.stat(folder.path + "/value")
    remove(folder)
    os.close(folder.handle)
"""
"""Makes folders among others that do so, and loses none to them."""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder in memory for us alone, as a login makes one."""
    folder = Path(SHARED, f"test-{secrets.token_hex(8)}")
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def base(runtime: Path) -> Iterator[Base]:
    """Where folders are made."""
    found = bases({"XDG_RUNTIME_DIR": str(runtime)})
    yield found[0]
    for each in found:
        os.close(each.handle)


def left(base: Base, **contents: str) -> Path:
    """Leave a folder behind, as a run does that is killed."""
    folder = make(base, os.urandom)
    for name, content in contents.items():
        Path(folder.path, name).write_text(content)
    os.close(folder.handle)
    return Path(folder.path)


def paths(environ: dict[str, str]) -> list[str]:
    """Return where folders of runs may lie."""
    found = bases(environ)
    for each in found:
        os.close(each.handle)
    return [each.path for each in found]


def test_folder_of_the_login_comes_first(runtime: Path) -> None:
    """It is private already; /dev/shm serves where there is none."""
    assert paths({"XDG_RUNTIME_DIR": str(runtime)}) == [str(runtime), SHARED]
    assert paths({}) == paths({"XDG_RUNTIME_DIR": ""}) == [SHARED]


def test_what_is_not_private_in_memory_and_real_is_passed_over(
    runtime: Path, tmp_path: Path
) -> None:
    """A disk, a folder others may enter, a link, a relative path, and what is not there."""
    tmp_path.chmod(0o700)
    link, open_to_all = runtime / "link", runtime / "open"
    (runtime / "real").mkdir(mode=0o700)
    link.symlink_to(runtime / "real")
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    odd = (tmp_path, link, open_to_all, runtime / "none", os.path.relpath(runtime))
    assert [paths({"XDG_RUNTIME_DIR": str(path)}) for path in odd] == [[SHARED]] * len(odd)


def test_folder_is_for_us_alone(base: Base) -> None:
    """Nobody else may look into it."""
    folder = make(base, os.urandom)
    assert os.stat(folder.path).st_mode & 0o7777 == 0o700
    assert os.listdir(base.path) == [folder.name]
    remove(folder)
    assert os.listdir(base.path) == []


def test_only_what_nobody_holds_is_reaped(base: Base) -> None:
    """The folder of a living run stays; one of a dead run goes with all that is in it."""
    living, dead = make(base, os.urandom), left(base, value="v")
    (dead / "inner").mkdir()
    (dead / "inner" / "value").write_text("v")
    reap(base)
    assert os.listdir(base.path) == [living.name]
    os.close(living.handle)
    reap(base)
    assert os.listdir(base.path) == []


def test_lock_is_held_by_copies_of_a_process(base: Base) -> None:
    """Whoever was forked keeps the folder alive until its descriptor is closed as well."""
    folder = make(base, os.urandom)
    copy = os.dup(folder.handle)
    os.close(folder.handle)
    reap(base)
    assert os.path.isdir(folder.path)
    os.close(copy)
    reap(base)
    assert not os.path.exists(folder.path)


def test_what_is_not_ours_is_left_alone(base: Base, runtime: Path, tmp_path: Path) -> None:
    """Other names, files, links to folders, and folders others may enter."""
    digits = "0123456789abcdef"
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (target / "mine").write_text("mine")
    (runtime / f"secretctl-run-{digits}").symlink_to(target)
    (runtime / f"secretctl-run-{digits[::-1]}").write_text("a file")
    for name in ("secretctl-run-", "secretctl-run-mine", f"secretctl-run-{digits.upper()}"):
        (runtime / name).mkdir(mode=0o700)
    open_to_all = runtime / f"secretctl-run-{'0' * 16}"
    open_to_all.mkdir()
    open_to_all.chmod(0o750)
    before = sorted(os.listdir(runtime))
    reap(base)
    assert sorted(os.listdir(runtime)) == before
    assert (target / "mine").read_text() == "mine"


def test_no_link_in_it_is_followed(base: Base, tmp_path: Path) -> None:
    """Links to files and folders go, what they lead to stays; so do pipes."""
    (tmp_path / "file").write_text("mine")
    folder = left(base)
    (folder / "file").symlink_to(tmp_path / "file")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    reap(base)
    assert not folder.exists()
    assert (tmp_path / "file").read_text() == "mine"


def test_value_is_gone_for_those_who_have_it_open(base: Base) -> None:
    """It is overwritten and cut, not only without a name."""
    folder = left(base, value="canary")
    with (folder / "value").open() as still_open:
        reap(base)
        assert still_open.read() == ""


def test_file_with_another_name_is_not_overwritten(base: Base, runtime: Path) -> None:
    """A program may have linked a file of its own there."""
    (runtime / "mine").write_text("mine")
    os.link(runtime / "mine", left(base) / "linked")
    reap(base)
    assert os.listdir(runtime) == ["mine"]
    assert (runtime / "mine").read_text() == "mine"


def test_folder_that_cannot_be_written_is_removed(base: Base) -> None:
    """What a program has done to its mode does not keep it there."""
    folder = left(base, value="v")
    (folder / "value").chmod(0)
    folder.chmod(0o500)
    reap(base)
    assert not folder.exists()


@pytest.fixture
def deep(base: Base) -> Path:
    """Folders left behind, more in each other than calls may be, or a path has room for."""
    folder = left(base, value="canary")
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(3 * sys.getrecursionlimit()):
        os.mkdir("a", dir_fd=handle)
        inner = os.open("a", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("value", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.fchmod(handle, 0o500)
    os.close(handle)
    return folder


def test_depth_keeps_nothing_there(base: Base, deep: Path) -> None:
    """Nor do several folders in each."""
    for name in ("b/c/d", "b/e/f", "b/g"):
        (deep / name).mkdir(parents=True)
        (deep / name / "value").write_text("v")
    reap(base)
    assert os.listdir(base.path) == []


def test_what_cannot_be_removed_ends_no_run(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with one folder, the others go all the same."""
    folders = {left(base, value="v").name for _ in range(3)}
    bad = os.listdir(base.handle)[0]

    def removing(folder: run_folder.Folder) -> None:
        if folder.name == bad:
            raise MemoryError
        remove(folder)

    monkeypatch.setattr(run_folder, "remove", removing)
    reap(base)
    assert bad in folders
    assert os.listdir(base.path) == [bad]


def test_makers_and_reapers_do_not_disturb_each_other(base: Base, runtime: Path) -> None:
    """A folder is made, locked and looked at again, so none is lost between two of the three."""
    words = [sys.executable, "-c", MAKING, str(runtime)]
    makers = [subprocess.Popen(words, env={"PYTHONPATH": str(ROOT)}) for _ in range(4)]
    assert [maker.wait(60) for maker in makers] == [0] * len(makers)
    assert os.listdir(base.path) == []


def test_names_are_those_of_runs() -> None:
    """Exactly the prefix and 16 hexadecimal digits."""
    base = Base("", -1)
    assert run_folder._is_one_of(base, "secretctl-run-0123456789abcdef")
    for name in ("secretctl-run-0123456789abcde", "secretctl-run-0123456789abcdefg", "x"):
        assert not run_folder._is_one_of(base, name)
