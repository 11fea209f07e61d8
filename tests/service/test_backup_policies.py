"""The documents of policies in a backup: which are taken, and what ends it with an error."""

import os
from pathlib import Path

import pytest

from tests.conftest import World
from tests.faults.commands import ended


@pytest.fixture
def folder(world: World) -> Path:
    """The folder of the policies of a vault."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    folder = Path(world.directory, "policies")
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.parametrize("name", ["ci", ".hidden", "._ci", "..", "a+b=c,d@e-f_g.h", "x" * 128])
def test_whatever_policys_name_is_backed_up_can_be_restored(
    world: World, folder: Path, tmp_path: Path, name: str
) -> None:
    """Names that begin with a dot too: IAM gives them."""
    (folder / f"{name}.json").write_text("{}")
    made = ended(world, "backup", str(tmp_path / "backup"))
    assert (made.status, made.stderr) == (0, "")
    done = ended(world, "restore", str(tmp_path / "backup"), "--replace")
    assert done.status == 0, done
    assert (folder / f"{name}.json").read_text() == "{}"


def test_what_no_policy_can_be_named_is_left_out_and_said(
    world: World, folder: Path, tmp_path: Path
) -> None:
    """One warning names all of them; whether they are files is not looked at."""
    (folder / "ci.json").write_text("{}")
    (folder / "a b.json").write_text("{}")
    (folder / ("x" * 129 + ".json")).write_text("{}")
    (folder / "é.json").mkdir()
    (folder / "notes.txt").write_text("mine")
    Path(os.fsdecode(os.fsencode(folder) + b"/a\xff.json")).write_text("{}")
    made = ended(world, "backup", str(tmp_path / "backup"))
    assert made.status == 0, made
    assert made.stderr.count("\n") == 1
    assert "left out, for no policy can be named so: a b.json, a\\udcff.json, x" in made.stderr
    assert ended(world, "restore", str(tmp_path / "backup"), "--replace").status == 0
    assert [path.name for path in folder.iterdir()] == ["ci.json"]


@pytest.mark.parametrize(
    "kind", ["link", "dangling", "folder", "pipe", "others", "binary", "empty"]
)
def test_what_is_no_document_ends_a_backup_by_name(
    world: World, folder: Path, tmp_path: Path, kind: str
) -> None:
    """Nothing is followed, nothing hangs, and no file is left."""
    path, elsewhere = folder / "ci.json", tmp_path / "elsewhere"
    elsewhere.write_text("{}")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind in ("link", "dangling"):
        path.symlink_to(elsewhere if kind == "link" else tmp_path / "none")
    else:
        path.write_bytes({"others": b"{}", "binary": b"\xff", "empty": b""}[kind])
        path.chmod(0o666 if kind == "others" else 0o600)
    made = ended(world, "backup", str(tmp_path / "backup"))
    assert (made.status, made.stdout) == (253, "")
    assert made.stderr.startswith("secretctl: error: the file of the policy ci "), made
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("backup")] == []


def test_a_folder_that_is_none_holds_no_policies(world: World, tmp_path: Path) -> None:
    """It is said, rather than a backup made without them."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    Path(world.directory, "policies").write_text("no folder")
    made = ended(world, "backup", str(tmp_path / "backup"))
    assert made.status == 253
    assert "the vault's policies is no directory" in made.stderr
