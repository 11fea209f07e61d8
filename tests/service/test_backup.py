"""A backup made while others work is of one moment; what is damaged is refused whole."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.audit import checkpoint, segments
from secretctl.audit.verdict import Keys
from secretctl.cli import opening
from secretctl.errors import JournalDamagedError, SecretctlError
from secretctl.service.opening import UNNAMED, Recording
from secretctl.service.proof import keys_of
from secretctl.service.restore import Place, restore
from secretctl.vault.header import decode
from tests.audit.conftest import forge
from tests.conftest import Service, World
from tests.faults.commands import ROOT, ended

WRITERS, SECRETS = 4, 3
WORKER = """
import json, os, sys
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import begin

context = of_process()
session = begin(context, opening.open_vault(sys.argv[1], context), "us-east-1")
put, number = BY_NAME["PutSecretValue"], 0
while not os.path.exists(sys.argv[2]):
    name, value = f"s{number % 3}", os.urandom(16).hex()
    call(session, put, {"SecretId": name, "SecretString": value, "ClientRequestToken": value})
    print(json.dumps([name, value]), flush=True)
    number += 1
"""


@pytest.fixture
def filled(world: World) -> World:
    """A home with three secrets, with a clock that runs."""
    for number in range(SECRETS):
        words = ("--name", f"s{number}", "--secret-string", "first")
        assert ended(world, "create-secret", *words).status == 0
    return world


def restored(world: World, file: Path, name: str) -> str:
    """Restore into a directory of that name and check what is there; return the directory."""
    directory = str(world.home / name)
    done = ended(world, "restore", str(file), "--vault", directory)
    assert done.status == 0, done.stderr
    for words in (("fsck",), ("audit", "verify", "--deep")):
        checked = ended(world, *words, "--vault", directory)
        assert checked.status == 0, checked.stdout + checked.stderr
    return directory


def value(world: World, directory: str, secret: str) -> str:
    """Return the current value of a secret."""
    got = ended(world, "get-secret-value", "--secret-id", secret, "--vault", directory)
    assert got.status == 0, got.stderr
    return str(json.loads(got.stdout)["SecretString"])


def acknowledged(log: Path) -> list[tuple[str, str]]:
    """Return the secrets and values that a writer has put."""
    lines = log.read_text().split("\n")[:-1]
    return [(name, put) for name, put in map(json.loads, lines)]


def test_backups_made_while_others_write_are_of_one_moment(
    filled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound, intact, with all that was acknowledged before and nothing that never was."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 100_000)
    stop = tmp_path / "stop"
    logs = [tmp_path / f"log-{number}" for number in range(WRITERS)]
    environ = {"HOME": str(filled.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    writers = []
    for log in logs:
        with log.open("w") as out:
            words = [sys.executable, "-c", WORKER, filled.directory, str(stop)]
            writers.append(subprocess.Popen(words, env=environ, stdout=out))
    backups, before = [tmp_path / f"backup-{number}" for number in range(4)], []
    while not all(log.stat().st_size for log in logs):
        assert all(writer.poll() is None for writer in writers)
    for file in backups:
        before.append([put for log in logs for put in acknowledged(log)])
        made = ended(filled, "backup", str(file))
        assert made.status == 0, made.stderr
    stop.touch()
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS
    ever = {(f"s{number}", "first") for number in range(SECRETS)}
    ever |= {put for log in logs for put in acknowledged(log)}
    for number, (file, known) in enumerate(zip(backups, before, strict=True)):
        directory = restored(filled, file, f"restored-{number}")
        for secret in (f"s{each}" for each in range(SECRETS)):
            assert (secret, value(filled, directory, secret)) in ever
        told = b"".join(path.read_bytes() for path in Path(directory, "audit").glob("*.jsonl"))
        assert all(put.encode() in told for _, put in known)


def test_a_restored_vault_goes_on_in_its_place(filled: World, tmp_path: Path) -> None:
    """With --replace, which keeps what was there; both the backup and the restore are recorded."""
    file = tmp_path / "backup"
    assert ended(filled, "backup", str(file)).status == 0
    assert file.stat().st_mode & 0o777 == 0o600
    words = ("put-secret-value", "--secret-id", "s0", "--secret-string")
    assert ended(filled, *words, "later").status == 0
    assert ended(filled, "restore", str(file)).status == 253
    assert ended(filled, "restore", str(file), "--replace").status == 0
    assert value(filled, filled.directory, "s0") == "first"
    assert ended(filled, *words, "latest").status == 0
    assert ended(filled, "audit", "verify", "--deep").status == 0
    names = [
        json.loads(line)["eventName"]
        for line in Path(filled.directory, "audit", "00000001.jsonl").read_text().splitlines()
    ]
    assert {"BackUpVault", "RestoreBackup"} <= set(names)
    assert Path(f"{filled.directory}.replaced-1", "vault.db").exists()


def test_a_backup_never_replaces_a_file(filled: World, tmp_path: Path) -> None:
    """Whatever has that name stays as it is, and no draft is left."""
    file = tmp_path / "backup"
    file.write_text("mine")
    assert ended(filled, "backup", str(file)).status == 255
    assert file.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def restoring(world: World, file: Path, directory: str) -> None:
    """Restore a backup as the command does."""

    def unlock(header: bytes) -> tuple[bytes, Recording]:
        found = decode(header)
        return opening.root_key_of(found, directory, world.context, opening.UNRECORDED)[0], UNNAMED

    restore(world.context, str(file), Place(directory, "us-east-1"), unlock)


def damaged(content: bytes) -> Iterator[bytes]:
    """Yield a backup with a byte flipped, cut short, or with something behind it."""
    chunk = 12 + int.from_bytes(content[8:12], "big") + 16
    lengths = range(chunk, chunk + 4)
    near_the_ends = (*range(80), *range(len(content) - 40, len(content)))
    for at in {*range(0, len(content), 97), *lengths, *near_the_ends}:
        for bit in (1, 0x80):
            yield content[:at] + bytes((content[at] ^ bit,)) + content[at + 1 :]
    for end in {*range(0, len(content), 211), *range(len(content) - 40, len(content))}:
        yield content[:end]
    yield content + b"\0"
    yield content + content[-100:]


def test_a_damaged_backup_is_refused(filled: World, tmp_path: Path) -> None:
    """Flipped bytes, each length: an error, and nothing is left behind."""
    file, there = tmp_path / "backup", tmp_path / "there"
    there.mkdir(mode=0o700)
    assert ended(filled, "backup", str(file)).status == 0
    for content in damaged(file.read_bytes()):
        file.write_bytes(content)
        with pytest.raises(SecretctlError):
            restoring(filled, file, str(there / "vault"))
        assert list(there.iterdir()) == []


def test_chunks_cannot_be_exchanged(filled: World, tmp_path: Path) -> None:
    """A backup of several chunks, two of them swapped or one left out."""
    big = tmp_path / "big"
    big.write_text("x" * 60_000)
    for _ in range(30):
        words = ("put-secret-value", "--secret-id", "s0", "--secret-string", f"file://{big}")
        assert ended(filled, *words).status == 0
    file = tmp_path / "backup"
    assert ended(filled, "backup", str(file)).status == 0
    content = file.read_bytes()
    header_end = 12 + int.from_bytes(content[8:12], "big") + 16
    chunks, at = [], header_end
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4], "big")
        chunks.append(content[at:end])
        at = end
    assert len(chunks) >= 2
    head = content[:header_end]
    for order in ([1, 0, *range(2, len(chunks))], range(1, len(chunks)), range(len(chunks) - 1)):
        file.write_bytes(head + b"".join(chunks[each] for each in order))
        with pytest.raises(SecretctlError):
            restoring(filled, file, str(tmp_path / "vault"))
        assert not (tmp_path / "vault").exists()
    file.write_bytes(content)
    restored(filled, file, "whole")


def elsewhere(world: World, tmp_path: Path) -> World:
    """Return another home with a vault of its own."""
    home = tmp_path / "other"
    home.mkdir(mode=0o700)
    environ = {**world.context.environ, "HOME": str(home)}
    other = world._replace(home=home, context=world.context._replace(environ=environ))
    assert ended(other, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    return other


def test_another_vaults_key_opens_no_backup(filled: World, tmp_path: Path) -> None:
    """An error, and nothing is left behind."""
    other = elsewhere(filled, tmp_path)
    file = tmp_path / "backup"
    assert ended(filled, "backup", str(file)).status == 0
    key = next((other.home / ".config/secretctl/keys").iterdir())
    environ = {**other.context.environ, "SECRETCTL_KEY_FILE": str(key)}
    context = other.context._replace(environ=environ)
    place = other.home / "there" / "vault"
    place.parent.mkdir(mode=0o700)
    done = ended(other, "restore", str(file), "--vault", str(place), context=context)
    assert done.status == 253
    assert list(place.parent.iterdir()) == []


@pytest.fixture
def long(world: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> World:
    """A journal of several segments, written over 40 days."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 8_000)
    service("CreateSecret", Name="a", SecretString="v")
    for _ in range(40):
        world.clock.pass_days(1)
        service("DescribeSecret", SecretId="a")
    assert len(names(world)) > 3
    return world


def names(world: World) -> list[str]:
    """Return the segments that are there."""
    return sorted(path.name for path in Path(world.directory, "audit").glob("*.jsonl"))


def test_what_is_pruned_stays_on_record(long: World) -> None:
    """Old segments go, the journal verifies, also where more goes later; the last one stays."""
    before = names(long)
    done = ended(long, "audit", "prune", "--before", "20d")
    assert done.status == 0, done.stderr
    left = names(long)
    assert 0 < len(left) < len(before)
    assert left == [name for name in before if name in left]
    verified = ended(long, "audit", "verify", "--deep")
    assert (verified.status, "were pruned" in verified.stdout) == (0, True)
    nothing = ended(long, "audit", "prune", "--before", "20d")
    assert nothing.stdout == "nothing to prune: no closed segment is older\n"
    long.clock.pass_days(30)
    assert ended(long, "audit", "prune", "--before", "10d").status == 0
    assert names(long)[0] > left[0]
    assert ended(long, "audit", "verify", "--deep").status == 0
    assert ended(long, "list-secrets").status == 0


def test_a_backup_counts_the_records_that_verify_counts(long: World, tmp_path: Path) -> None:
    """Those that were pruned as well; its own announcement is the last one in it."""
    assert ended(long, "audit", "prune", "--before", "20d").status == 0
    made = ended(long, "backup", str(tmp_path / "backup"))
    verified = ended(long, "audit", "verify")
    count = verified.stdout.split()[1]
    assert f", {count} records of the journal\n" in made.stdout


def test_an_interrupted_pruning_is_finished_by_the_next(long: World) -> None:
    """Whichever of the removed segments are still there: intact, with a note, until then."""
    folder = Path(long.directory, "audit")
    before = {name: (folder / name).read_bytes() for name in names(long)}
    assert ended(long, "audit", "prune", "--before", "10d").status == 0
    gone = [name for name in before if name not in names(long)]
    assert len(gone) > 2
    for left in ([gone[0]], [gone[-1]], gone[1:], [gone[0], gone[2]]):
        for name in left:
            (folder / name).write_bytes(before[name])
            (folder / name).chmod(0o600)
        verified = ended(long, "audit", "verify", "--deep")
        assert verified.status == 0, verified
        for name in left:
            assert f"note: {name} was pruned; the next audit prune removes it\n" in verified.stdout
        assert ended(long, "list-secrets").status == 0
        done = ended(long, "audit", "prune", "--before", "3000d")
        assert done.stdout == f"removed what an interrupted pruning left: {', '.join(left)}\n"
        assert not set(left) & set(names(long))


@pytest.mark.parametrize("command", ["accept-restore", "restore"])
def test_going_on_finishes_an_interrupted_pruning(
    long: World, tmp_path: Path, command: str
) -> None:
    """It verified: nothing of it is put aside, and nothing of it stays."""
    folder = Path(long.directory, "audit")
    before = {name: (folder / name).read_bytes() for name in names(long)}
    assert ended(long, "audit", "prune", "--before", "10d").status == 0
    left = [name for name in before if name not in names(long)][1:]
    for name in left:
        (folder / name).write_bytes(before[name])
        (folder / name).chmod(0o600)
    words = [command]
    if command == "restore":
        assert ended(long, "backup", str(tmp_path / "backup")).status == 0
        words += [str(tmp_path / "backup"), "--replace"]
    done = ended(long, *words)
    assert done.status == 0, done
    assert f"removed what an interrupted pruning left: {', '.join(left)}\n" in done.stdout
    assert "was moved" not in done.stdout
    assert not set(left) & set(names(long))
    verified = ended(long, "audit", "verify", "--deep")
    assert (verified.status, verified.stdout.count("note: ")) == (0, 1)
    told = (folder / names(long)[-1]).read_text()
    assert '"prunedBefore":["' in told


def test_another_segment_in_the_place_of_a_pruned_one_is_found(long: World) -> None:
    """Nobody slips records in by calling them pruned; accept-restore puts the file aside."""
    folder = Path(long.directory, "audit")
    first = folder / names(long)[0]
    content = first.read_bytes()
    assert ended(long, "audit", "prune", "--before", "20d").status == 0
    first.write_bytes(content.replace(b'"Root"', b'"Rood"', 1))
    first.chmod(0o600)
    verified = ended(long, "audit", "verify")
    assert verified.status == 1
    assert f"{first.name} is there again, though it was pruned" in verified.stdout
    assert ended(long, "accept-restore").status == 0
    assert ended(long, "audit", "verify").status == 0
    assert (folder / f"aside-1-{first.stem}").exists()


def test_only_what_is_older_throughout_is_pruned(world: World, service: Service) -> None:
    """A segment that was closed while the clock was set back keeps its newer records."""
    service("CreateSecret", Name="a", SecretString="v")
    now_ms = world.clock.now_ms
    world.clock.now_ms = now_ms - 3000 * 86_400_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "LARGEST_BYTES", 1)
        assert ended(world, "list-secrets").status == 0
    world.clock.now_ms = now_ms
    assert len(names(world)) > 1
    done = ended(world, "audit", "prune", "--before", "1000d")
    assert done.stdout == "nothing to prune: no closed segment is older\n"


def test_the_owners_word_is_good_for_the_journal_it_was_said_in(
    long: World, tmp_path: Path
) -> None:
    """A pruning's record, put into an older copy by whoever has its state, excuses no gap."""
    before = tmp_path / "before"
    shutil.copytree(long.directory, before)
    pruned = names(long)
    assert ended(long, "audit", "prune", "--before", "20d").status == 0
    gone = [name for name in pruned if name not in names(long)]
    lines = Path(long.directory, "audit", names(long)[-1]).read_text().splitlines()
    line = next(each for each in lines if '"eventName":"PruneJournal"' in each)
    said = json.loads(line)["requestParameters"]
    shutil.rmtree(long.directory)
    shutil.copytree(before, long.directory)
    assert ended(long, "accept-restore").status == 0
    directory = Path(long.directory, "audit")
    text = json.dumps(
        {"eventName": "PruneJournal", "requestParameters": said}, separators=(",", ":")
    )
    forge(directory, text[1:-1], is_told=True)
    for name in gone[:-1]:
        (directory / name).unlink()
    kept = (directory / gone[-1]).read_bytes()
    verified = ended(long, "audit", "verify", "--deep")
    assert verified.status == 1
    assert "which the pruning knows" in verified.stdout or "not the one" in verified.stdout
    assert ended(long, "accept-restore").status == 0
    assert kept in [path.read_bytes() for path in directory.glob("aside-*")]


def test_a_segment_removed_without_pruning_is_found(long: World) -> None:
    """Before any was pruned, and behind those that were."""
    folder = Path(long.directory, "audit")
    first = folder / names(long)[0]
    content = first.read_bytes()
    first.unlink()
    assert ended(long, "audit", "verify").status == 1
    first.write_bytes(content)
    first.chmod(0o600)
    assert ended(long, "audit", "verify").status == 0
    assert ended(long, "audit", "prune", "--before", "20d").status == 0
    (folder / names(long)[0]).unlink()
    assert ended(long, "audit", "verify").status == 1


def test_a_checkpoint_is_read_back(long: World, tmp_path: Path) -> None:
    """By its own vault it is one; every changed byte, and another vault, make none of it."""
    note = tmp_path / "note"
    assert ended(long, "audit", "checkpoint", "--out", str(note)).status == 0
    assert note.stat().st_mode & 0o777 == 0o600
    assert ended(long, "audit", "verify", "--checkpoint", str(note)).status == 0
    vault = opening.open_vault(long.directory, long.context)
    keys = keys_of(vault)
    vault.close()
    text = note.read_text()
    assert checkpoint.note(checkpoint.read(text, keys), keys) == text
    stranger = Keys(bytes(32), keys.vault_id)
    for forged in (
        *(text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :] for at in range(len(text) - 1)),
        *(text[:end] for end in range(len(text) - 1)),
        checkpoint.note(checkpoint.read(text, keys), stranger),
    ):
        with pytest.raises(JournalDamagedError):
            checkpoint.read(forged, keys)
    other = elsewhere(long, tmp_path)
    foreign = ended(other, "audit", "verify", "--checkpoint", str(note))
    assert foreign.status == 3
    assert "no checkpoint of this vault" in foreign.stdout


def test_a_signature_covers_number_and_hash(long: World, tmp_path: Path) -> None:
    """A note with the signature of another one is refused, and none without any is believed."""
    notes = []
    for number in range(2):
        path = tmp_path / f"note-{number}"
        assert ended(long, "audit", "checkpoint", "--out", str(path)).status == 0
        notes.append(path.read_text())
    body, _, signature = notes[0].partition("\n\n")
    later, _, _ = notes[1].partition("\n\n")
    mixed = tmp_path / "mixed"
    name, encoded = signature.strip().rsplit(" ", 1)
    shortened = f"{name} {b64encode(b64decode(encoded)[:-1]).decode()}\n"
    other = "signature is not this vault's"
    for text, why in (
        (f"{later}\n\n{signature}", other),
        (f"{body}\n\n{shortened}", other),
        (f"{body}\n\n", "its end is missing"),
    ):
        mixed.write_text(text)
        done = ended(long, "audit", "verify", "--checkpoint", str(mixed))
        assert done.status == 3, text
        assert why in done.stdout
