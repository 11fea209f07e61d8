"""Where a backup and other files for the user may be written, and what they leave alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import World
from tests.faults.commands import ROOT, SEEN, ended, separately, strace
from tests.faults.replay import snapshot

HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: renames that a system does not know are NOT TRIED\n")


@pytest.fixture
def filled(world: World) -> World:
    """A home with a secret."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    return world


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder outside of the vault."""
    folder = tmp_path / "place"
    folder.mkdir(mode=0o700)
    return folder


def test_a_backup_removes_nothing_but_its_own_draft(filled: World, place: Path) -> None:
    """Whatever is named like a draft stays, whether the backup is made or refused."""
    (place / "kept.part").write_text("precious")
    assert ended(filled, "backup", str(place / "kept")).status == 0
    assert ended(filled, "backup", str(place / "kept")).status == 255
    assert (place / "kept.part").read_text() == "precious"
    assert sorted(os.listdir(place)) == ["kept", "kept.part"]


def test_of_backups_with_one_name_the_first_stays(filled: World, place: Path) -> None:
    """Begun at once: one is made and says so, the others say that something is there."""
    environ = {"HOME": str(filled.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for number in range(3):
        words = [sys.executable, "-c", SEEN, "backup", str(place / f"kept-{number}")]
        running = [
            subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
            for _ in range(6)
        ]
        said = [process.communicate()[1].decode() for process in running]
        assert sorted(process.returncode for process in running) == [0] + [255] * 5
        assert sum("something is there already" in text for text in said) == 5
    assert sorted(os.listdir(place)) == ["kept-0", "kept-1", "kept-2"]


@pytest.mark.parametrize("name", ["kept", "none/kept"])
def test_a_backup_that_has_no_place_is_on_record_as_failed(
    filled: World, place: Path, name: str
) -> None:
    """The name is taken, or its folder is missing: no record says that something was copied."""
    (place / "kept").write_text("mine")
    assert ended(filled, "backup", str(place / name)).status == 255
    journal = Path(filled.directory, "audit", "00000001.jsonl").read_text().splitlines()
    told = [event for event in map(json.loads, journal) if event["eventName"] == "BackUpVault"]
    assert [event["errorCode"] for event in told] == ["StoreError"]


INSIDE = ("b", "vault.db", "vault.db-wal", "audit/00000002.jsonl", "audit/state", "new/b")
WRITERS = {
    "backup": ("backup",),
    "checkpoint": ("audit", "checkpoint", "--out"),
    "journal": ("audit", "export", "--out"),
    "page": ("audit", "stats", "--html"),
    "export": ("export", "a", "--format", "json", "--out"),
    "inject": ("inject", "t", "--out"),
}
GITHUB = ("export", "a", "--format", "github")


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_nothing_is_written_into_the_vaults_directory(
    filled: World, place: Path, words: tuple[str, ...]
) -> None:
    """By its name or over a link to it: refused, and not a byte of the vault is another."""
    (place / "link").symlink_to(filled.directory)
    before = snapshot(Path(filled.directory))
    for folder in (filled.directory, str(place / "link"), f"{place}/link/audit/.."):
        for name in INSIDE:
            done = ended(filled, *words, f"{folder}/{name}")
            assert done.status == 252, done
            assert "would lie in the vault's directory" in done.stderr
            assert f"secretctl: hint: name one outside of '{filled.directory}'" in done.stderr
    assert snapshot(Path(filled.directory)) == before


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_nothing_is_written_among_keys_and_settings(
    filled: World, place: Path, words: tuple[str, ...]
) -> None:
    """Into the folders of configuration, key files and trust, whichever way they are named."""
    (place / "link").symlink_to(filled.home / ".config")
    folders = (".config/secretctl", ".config/secretctl/keys", ".local/state/secretctl/trust")
    before = snapshot(filled.home)
    for folder in (*(str(filled.home / each) for each in folders), f"{place}/link/secretctl/keys"):
        for name in ("new", *os.listdir(folder)):
            done = ended(filled, *words, f"{folder}/{name}")
            assert (done.status, done.stdout) == (252, "")
            assert "would lie in a folder of secretctl itself" in done.stderr
    assert snapshot(filled.home) == before


@pytest.mark.parametrize("words", [*WRITERS.values(), GITHUB], ids=[*WRITERS, "github"])
@pytest.mark.parametrize("which", ["KEY_FILE", "CONFIG", "PASSPHRASE_FILE"])
def test_files_that_variables_name_are_kept(
    filled: World, place: Path, words: tuple[str, ...], which: str
) -> None:
    """A key file or configuration outside of our folders is not written over either."""
    (key,) = (filled.home / ".config/secretctl/keys").iterdir()
    file = place / "file"
    file.write_bytes(key.read_bytes() if which == "KEY_FILE" else b"")
    file.chmod(0o600)
    environ = {f"SECRETCTL_{which}": str(file), "GITHUB_ENV": str(file)}
    context = filled.context._replace(environ={**filled.context.environ, **environ})
    before = file.read_bytes()
    done = ended(filled, *words, *([] if words == GITHUB else [str(file)]), context=context)
    assert (done.status, done.stdout) == (252, "")
    assert "that file is one that secretctl itself reads" in done.stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["checkpoint", "journal", "page", "export", "inject"])
def test_a_hyphen_is_standard_output(
    filled: World, place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every command that writes a file otherwise; none is called so."""
    monkeypatch.chdir(place)
    (place / "t").write_text("<secretctl://a>")
    done = ended(filled, *WRITERS[name], "-")
    assert (done.status, done.stderr) == (0, "")
    begins = {"checkpoint": "secretctl/", "journal": '{"', "page": "<!doctype html>"}
    begins |= {"export": '{\n    "A"', "inject": "<v>"}
    assert done.stdout.startswith(begins[name])
    assert os.listdir(place) == ["t"]


def test_what_cannot_go_to_standard_output_is_said(
    filled: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup, which is verified where it lies, and what would be mixed with GitHub's masks."""
    monkeypatch.chdir(place)
    done = ended(filled, "backup", "-")
    assert done.status == 252
    assert "hint: name one; a file called - is ./-" in done.stderr
    done = ended(filled, "export", "a", "--format", "github", "--out", "-")
    assert (done.status, done.stdout) == (252, "")
    assert "standard output has the masks" in done.stderr
    assert os.listdir(place) == []


def test_no_vault_is_put_into_another(filled: World, place: Path) -> None:
    """Restored or made, by a name in it or over a link: it would go where that one goes."""
    file = str(place / "kept")
    assert ended(filled, "backup", file).status == 0
    (place / "link").symlink_to(filled.directory)
    before = snapshot(Path(filled.directory))
    for folder in (f"{filled.directory}/sub", f"{filled.directory}/audit/a/b", f"{place}/link/sub"):
        for words in (("restore", file), ("restore", file, "--replace"), ("init",)):
            done = ended(filled, *words, "--vault", folder)
            assert done.status == 252, done
            assert "that vault would lie in the directory of another vault" in done.stderr
            assert f"secretctl: hint: name one outside of '{filled.directory}'" in done.stderr
    assert snapshot(Path(filled.directory)) == before
    beside = f"{filled.directory}-2"
    assert ended(filled, "restore", file, "--vault", beside).status == 0


def unknown_rename(filled: World, place: Path) -> None:
    """Where a rename onto a free name is not to be had, a backup is made and replaces nothing."""
    inject = ("-e", "inject=renameat2:error=EINVAL")
    before = strace("-o", "/dev/null", "-e", "trace=renameat2", *inject)
    for status in (0, 255):
        done = separately(filled, ["backup", str(place / "kept")], before=before)
        assert done.status == status, done
    assert os.listdir(place) == ["kept"]


if HAS_STRACE:
    test_a_backup_needs_no_new_system_calls = unknown_rename
