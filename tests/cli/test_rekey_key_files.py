"""Key files around a rekey: copies, what a killed one left, two at once."""

import shutil
from pathlib import Path

import pytest

from secretctl.cli import keyfile, keyfile_exchange
from secretctl.errors import StoreBusyError, StoreError
from secretctl.service import rekeying
from secretctl.store import replacing
from tests.cli.machine import Machine, cut_off, cut_off_before, new_key_files


def beside(path: Path, ending: str) -> Path:
    """Return the file that is named so."""
    return path.with_name(path.name + ending)


def test_a_copy_of_the_key_file_that_is_named_is_renewed_as_well(
    machine: Machine, tmp_path: Path
) -> None:
    """Both open the vault afterwards, with the same content; both old ones are kept."""
    old, copy = machine.key_file.read_bytes(), tmp_path / "copy.key"
    shutil.copy(machine.key_file, copy)
    said = machine("rekey", "--key-file", str(copy))
    assert said.status == 0
    for path in (machine.key_file, copy):
        aside = beside(path, ".old-1")
        assert f"  new key file   {path}\n  old key file   {aside}\n" in said.stdout
        assert aside.read_bytes() == old
        assert machine.opens_by(path)
    assert machine.key_file.read_bytes() == copy.read_bytes() != old
    assert len(machine.slots()) == 1
    said = machine("rekey", "--dry-run", "--key-file", str(copy))
    assert all(f"{path}: new content" in said.stdout for path in (machine.key_file, copy))
    assert machine("rekey", "--same-key-files", "--key-file", str(copy)).status == 0
    assert machine.opens_by(machine.key_file)
    assert machine.opens_by(copy)


def test_of_two_rekeys_at_once_the_later_leaves_the_key_file_of_the_other(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has made none as long as it waits for its turn."""
    check, locked = rekeying._check, rekeying._locked

    def wait(*_: object) -> int:
        raise StoreBusyError("another process changes the vault")

    def meanwhile(*given: object) -> None:
        monkeypatch.setattr(rekeying, "_locked", wait)
        assert machine("rekey").status != 0
        monkeypatch.setattr(rekeying, "_locked", locked)
        check(*given)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(rekeying, "_check", meanwhile)
    said = machine("rekey")
    assert (said.status, f"new key file   {machine.key_file}\n" in said.stdout) == (0, True)
    assert machine.opens()


@pytest.mark.parametrize("options", [(), ("--same-key-files",)])
def test_what_a_killed_rekey_left_is_cleared_by_the_next(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """The new key file, by the draft that it opens; another command leaves both."""
    folder = machine.key_file.parent
    cut_off_before(machine, monkeypatch)
    assert machine.opens()
    assert machine("create-secret", "--name", "b", "--secret-string", "v").status == 0
    assert len(new_key_files(folder)) == 1
    assert list(Path(machine.world.directory).glob("vault.rekeying-*"))
    assert machine("rekey", *options).status == 0
    assert new_key_files(folder) == []
    assert not list(Path(machine.world.directory).glob("vault.rekeying-*"))
    assert machine.opens()


@pytest.mark.parametrize("reason", ["no draft", "another's draft", "opens the vault"])
def test_a_new_key_file_that_may_be_needed_is_never_removed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """Only what opens a vault that never had its place goes, and not this vault."""
    folder, path = machine.key_file.parent, machine.key_file
    cut_off_before(machine, monkeypatch)
    (left,) = Path(machine.world.directory).glob("vault.rekeying-*")
    (new,) = new_key_files(folder)
    if reason == "no draft":
        shutil.rmtree(left)
    elif reason == "another's draft":
        new.unlink()
        keyfile.create(str(new), machine.world.directory, bytes(32))
    else:
        assert machine("unlock-slot", "add", "--key-file", str(new)).status == 0
    before = new.read_bytes()
    words = ("rekey", "--same-key-files", "--key-file", str(new))
    assert machine(*(words if reason == "opens the vault" else words[:1])).status == 0
    assert new.read_bytes() == before
    assert machine.opens_by(path)


@pytest.mark.parametrize("name", ["new", "new-1", "old-1", f"new-{'0a' * 16}"])
def test_a_file_of_somebody_else_is_neither_removed_nor_in_the_way(
    machine: Machine, name: str
) -> None:
    """Whatever it is called."""
    notes = beside(machine.key_file, f".{name}")
    notes.write_text("notes")
    assert machine("rekey").status == 0
    assert notes.read_text() == "notes"
    assert machine.opens()
    assert machine("rekey", "--same-key-files").status == 0
    assert notes.read_text() == "notes"


def test_a_folder_that_is_called_like_a_new_key_file_is_not_in_the_way(machine: Machine) -> None:
    """Nor does the dry run promise what the rekey does not do."""
    for name in (".new", f".new-{'0a' * 16}"):
        beside(machine.key_file, name).mkdir()
    before = machine.key_file.read_bytes()
    for words in (("--dry-run",), ()):
        assert machine("rekey", *words).status == 0
    assert machine.key_file.read_bytes() != before
    assert beside(machine.key_file, ".new").is_dir()


def test_a_key_file_is_whole_or_has_no_name(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A kill as it is written leaves nothing, so that the same command can be typed again."""

    def fail(*_: object) -> None:
        assert not list(tmp_path.glob("*.key"))
        raise OSError(5, "Input/output error")

    words = ("unlock-slot", "add", "--key-file", str(tmp_path / "second.key"))
    with monkeypatch.context() as patched:
        patched.setattr(keyfile, "_write", fail)
        assert machine(*words).status == 255
    assert not list(tmp_path.glob("*.key"))
    assert machine(*words).status == 0


def test_no_key_file_in_force_is_called_an_old_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one is kept beside the new when that has its place, whoever puts it there."""

    def fail(*_: object) -> int:
        assert not beside(machine.key_file, ".old-1").exists()
        raise StoreError("no")

    with monkeypatch.context() as patched:
        patched.setattr(replacing, "put_in_place", fail)
        assert machine("rekey").status == 255
    old = machine.key_file.read_bytes()
    cut_off(machine, monkeypatch)
    assert machine.key_file.read_bytes() == old
    assert machine.opens()
    assert beside(machine.key_file, ".old-1").read_bytes() == old
    assert machine.key_file.read_bytes() != old
    assert not new_key_files(machine.key_file.parent)


def test_the_new_key_file_waits_where_the_old_cannot_be_kept(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said where both are, and the next command tries again."""

    def refuse(*_: object) -> str:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(keyfile_exchange, "keep", refuse)
        said = machine("rekey")
        (waiting,) = new_key_files(machine.key_file.parent)
        new = f"new key file   {waiting}\n  old key file   {machine.key_file}\n"
        assert (said.status, new in said.stdout) == (0, True)
        assert machine.opens()
        assert waiting.exists()
    assert machine.opens()
    assert not waiting.exists()
    assert beside(machine.key_file, ".old-1").exists()


@pytest.mark.parametrize("options", [(), ("--same-key-files",)])
def test_a_rekey_goes_on_with_the_new_key_file_that_waits_beside_one_that_is_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """As where it was cut off on another machine; what it opens has the name that was given."""
    other = tmp_path / "other.key"
    assert machine("unlock-slot", "add", "--key-file", str(other)).status == 0
    old = other.read_bytes()
    cut_off(machine, monkeypatch, "--key-file", str(other))
    assert machine.opens()
    assert not machine("rekey", "--dry-run", "--key-file", str(other)).status
    assert len(new_key_files(tmp_path)) == 1
    assert machine("rekey", "--key-file", str(other), *options).status == 0
    assert not new_key_files(tmp_path)
    assert machine.opens_by(other)
    assert beside(other, ".old-1").read_bytes() == old
