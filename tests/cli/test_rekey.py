"""``rekey`` on the command line: what opens the vault afterwards, and what is said."""

import io
import json
import os
from pathlib import Path

import pytest

from secretctl.__main__ import main
from secretctl.cli import keyfile, passphrase
from secretctl.cli import prompt as terminal
from secretctl.errors import StoreError
from secretctl.service import opening, rekeying
from secretctl.service.recording import Recorder
from secretctl.store import unnamed
from tests.cli.machine import OTHER, WORDS, Machine
from tests.cli.test_warning import Terminal
from tests.conftest import World
from tests.faults.commands import ended
from tests.vault.stored import records_of

D = ("--dry-run",)


def test_the_key_file_has_new_content_and_the_old_is_kept_and_opens_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    """A copy that somebody made neither; nor the header's slot of before, with a copy of both."""
    copy = tmp_path / "copy.key"
    copy.write_bytes(machine.key_file.read_bytes())
    copy.chmod(0o600)
    header = records_of(Path(machine.world.directory, "vault.db"))[b"h"]
    said = machine("rekey")
    assert said.status == 0
    aside = machine.key_file.with_name(machine.key_file.name + ".old-1")
    assert f"  new key file   {machine.key_file}\n  old key file   {aside}\n" in said.stdout
    assert aside.read_bytes() == copy.read_bytes() != machine.key_file.read_bytes()
    assert (aside.stat().st_mode & 0o777, machine.key_file.stat().st_mode & 0o777) == (0o600, 0o600)
    assert machine.opens()
    assert not machine.opens_by(copy)
    assert records_of(Path(machine.world.directory, "vault.db"))[b"h"] != header
    assert {each.name for each in machine.key_file.parent.iterdir()} == {
        machine.key_file.name,
        aside.name,
    }
    assert machine("rekey").status == 0
    assert machine.key_file.with_name(machine.key_file.name + ".old-2").exists()
    assert machine.opens()


def test_the_same_key_file_goes_on_opening_it_if_that_is_wanted(machine: Machine) -> None:
    """Root key and all others are new all the same."""
    before = machine.key_file.read_bytes()
    records = records_of(Path(machine.world.directory, "vault.db"))
    said = machine("rekey", "--same-key-files")
    assert (said.status, "key file" in said.stdout) == (0, False)
    assert machine.key_file.read_bytes() == before
    after = records_of(Path(machine.world.directory, "vault.db"))
    assert not set(records.values()) & set(after.values())
    assert machine.opens()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(machine: Machine) -> None:
    """How many slots, secrets, keys and principals, and what is left to do by hand."""
    identifier = machine.add_passphrase(WORDS)
    machine("iam", "create-user", "--user-name", "ci")
    machine("iam", "create-access-key", "--user-name", "ci")
    path = Path(machine.world.directory, "vault.db")
    before = records_of(path), machine.key_file.read_bytes()
    said = machine("rekey", "--dry-run", SECRETCTL_PASSPHRASE=WORDS)
    assert said.status == 0
    assert (records_of(path), machine.key_file.read_bytes()) == before
    assert said.stdout == (
        "nothing was changed; a rekey would give the vault new keys:\n"
        f"  key file       {machine.key_file}: new content, the old kept beside it\n"
        f"  passphrase     {identifier}: stays as it is\n"
        "  unlock slots   2\n"
        "  secrets        1, with 1 value: sealed anew\n"
        "  KMS keys       1, with 1 material: one new for each\n"
        "  principals     1 user, 0 roles, 1 grant: new key pairs\n"
        "  access keys    1, which stay good; 0 sessions of roles, which end\n"
        "by hand:\n"
        "  copies of a key file open nothing any more: put the new one there\n"
        "  a backup from before is opened by what opened the vault then: make a new one: "
        "secretctl backup FILE\n"
        "  what somebody could read they may have kept: secretctl audit exposure lists what to "
        "rotate\n"
        "  an owner who leaves could read the secrets of access keys: make new ones: "
        "secretctl iam create-access-key\n"
    )
    said = machine("rekey", "--dry-run", "--drop-slot", identifier, "--same-key-files")
    assert f"  given up       {identifier} (passphrase)\n" in said.stdout
    assert ": the same content\n" in said.stdout
    assert "copies" not in said.stdout
    assert records_of(path) == before[0]


def test_a_dry_run_refuses_what_the_rekey_would(machine: Machine) -> None:
    """By the same words and status: a slot of which nothing was given, with no terminal."""
    slots = [machine.add_passphrase(each) for each in (WORDS, OTHER)]
    context = machine.context(SECRETCTL_PASSPHRASE=WORDS)._replace(interactive=True)
    dry, real = (ended(machine.world, "rekey", *words, context=context) for words in (D, ()))
    assert (dry.status, dry.stderr) == (real.status, real.stderr)
    assert dry.status == 253
    assert f"nothing was given that opens the unlock slot {slots[1]} (passphrase)" in real.stderr
    assert "comes from SECRETCTL_PASSPHRASE, and opens another" in real.stderr
    assert dry.stdout.startswith(
        "nothing was changed; a rekey would be refused:\n"
        f"  passphrase     {slots[1]}: nothing was given that opens it\n"
    )
    assert real.stdout == ""


def test_each_slot_is_given_or_given_up(machine: Machine, tmp_path: Path) -> None:
    """A passphrase by its variable, another key file by its name; else nothing is done."""
    other = tmp_path / "other.key"
    assert machine("unlock-slot", "add", "--key-file", str(other)).status == 0
    file_slot = machine.slots()[-1][0]
    words_slot, dropped = machine.add_passphrase(WORDS), machine.add_passphrase(OTHER)
    before = other.read_bytes()
    for words, missing in (
        ((), file_slot),
        (("--key-file", str(other)), dropped),
        (("--drop-slot", dropped), file_slot),
    ):
        said = machine("rekey", *words, SECRETCTL_PASSPHRASE=WORDS)
        assert said.status == 253
        assert f"nothing was given that opens the unlock slot {missing}" in said.stderr
        assert f"--drop-slot {missing}" in said.stderr
    assert not list(machine.key_file.parent.glob("*.new*"))
    given = ("--key-file", str(other), "--drop-slot", dropped)
    assert machine("rekey", *given, SECRETCTL_PASSPHRASE=WORDS).status == 0
    assert [identifier for identifier, _ in machine.slots()[1:]] == [file_slot, words_slot]
    assert other.read_bytes() != before
    assert machine.opens()
    assert machine.opens_by(other)
    assert machine.opens_with(WORDS)
    assert not machine.opens_with(OTHER)
    assert not machine.opens_by(Path(f"{other}.old-1"))
    told = (Path(machine.world.directory) / "audit/00000001.jsonl").read_text()
    assert f'"droppedSlots":["{dropped}"]' in told


def test_what_makes_no_sense_is_refused(machine: Machine, tmp_path: Path) -> None:
    """A slot that is not there, all of them, a key file that opens nothing; it is recorded."""
    (slot,) = machine.slots()
    stranger = tmp_path / "stranger.key"
    keyfile.create(str(stranger), machine.world.directory, bytes(32))
    for words, why in (
        (("--drop-slot", "00" * 8), "no such unlock slot"),
        (("--drop-slot", slot[0]), "nothing would open the vault"),
        (("--key-file", str(stranger)), "does not open this vault"),
        (("--key-file", "/no/such"), "cannot open the key file"),
    ):
        said = machine("rekey", *words)
        assert (said.status, why in said.stderr) == (253, True)
    told = (Path(machine.world.directory) / "audit/00000001.jsonl").read_text().splitlines()
    refused = [each for each in told if '"RekeyVault"' in each]
    assert [json.loads(each)["errorCode"] for each in refused] == ["VaultError"] * 2 + [
        "UnlockError"
    ] * 2
    assert machine.opens()


def test_a_key_file_that_is_named_and_none_is_told_what_to_name(
    machine: Machine, tmp_path: Path
) -> None:
    """The variable for the key file of the vault would not help."""
    link, notes = tmp_path / "link", tmp_path / "notes"
    link.symlink_to(machine.key_file)
    notes.write_text("notes")
    for path in (link, notes, tmp_path / "none"):
        said = machine("rekey", "--key-file", str(path))
        assert said.status == 253
        hint = "hint: name one that opens this vault, or give its slot up: --drop-slot ID\n"
        assert hint in said.stderr
        assert "SECRETCTL_KEY_FILE" not in said.stderr


def test_a_key_file_for_a_slot_in_the_vaults_folder_is_told_how_to_add_another(
    machine: Machine,
) -> None:
    """There is a vault already: none is to be made."""
    folder = machine.world.directory
    said = machine("unlock-slot", "add", "--key-file", f"{folder}/a.key")
    hints = [each for each in said.stderr.splitlines() if "hint" in each]
    assert (said.status, hints) == (
        253,
        [
            f"secretctl: hint: choose a FILE outside of {folder}: "
            "secretctl unlock-slot add --key-file FILE",
            "secretctl: hint: or do without a key file: secretctl unlock-slot add --passphrase",
        ],
    )


def test_where_the_key_files_lie_is_told_where_the_outcome_is_not_recorded(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault has its new keys then."""

    def refuse(*_: object) -> None:
        raise StoreError("the disk is full")

    path = machine.key_file
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "hand_over", refuse)
        patched.setattr(opening, "_compare", lambda *_: None)
        said = machine("rekey")
    assert (said.status, said.stdout) == (
        251,
        f"  new key file   {path}\n  old key file   {path}.old-1\n",
    )
    assert machine.opens()


def test_a_passphrase_alone_opens_it_as_before(world: World) -> None:
    """Its slot has a new salt, at the cost of today; a descriptor is read once for both."""
    machine = Machine(world)
    assert machine("init", "--passphrase", SECRETCTL_NEW_PASSPHRASE=WORDS).status == 0
    machine.environ["SECRETCTL_PASSPHRASE"] = WORDS
    assert machine("create-secret", "--name", "a", "--secret-string", "v").status == 0
    machine.environ.clear()
    reading, writing = os.pipe()
    os.write(writing, WORDS.encode())
    os.close(writing)
    context = machine.context(SECRETCTL_PASSPHRASE_FD=str(reading))
    context = context._replace(descriptors=frozenset((reading,)))
    said = ended(world, "rekey", context=context)
    os.close(reading)
    assert (said.status, said.stderr) == (0, "")
    assert machine.opens_with(WORDS)
    assert not machine.opens_with(OTHER)


def test_a_person_is_asked_for_each_passphrase(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one, or none, refuses the whole."""
    slots = [machine.add_passphrase(each) for each in (WORDS, OTHER)]
    asked: list[str] = []
    typed = iter((OTHER, WORDS, OTHER))

    def prompt(question: str) -> str:
        asked.append(question)
        return next(typed)

    monkeypatch.setattr(passphrase, "_prompt", prompt)
    monkeypatch.setattr(terminal, "has_terminal", lambda: True)
    context = machine.context()._replace(interactive=True)
    said = ended(machine.world, "rekey", "--dry-run", context=context)
    assert said.status == 0
    assert all(f"{each}: will be asked for\n" in said.stdout for each in slots)
    said = ended(machine.world, "rekey", context=context)
    assert (said.status, "does not open that unlock slot" in said.stderr) == (253, True)
    assert machine.opens()
    assert ended(machine.world, "rekey", context=context).status == 0
    assert asked[1:] == [f"Passphrase of the unlock slot {each}: " for each in slots]
    assert machine.opens_with(WORDS)
    assert machine.opens_with(OTHER)


@pytest.mark.parametrize("breaks", [StoreError("no"), KeyboardInterrupt()])
def test_of_a_rekey_that_fails_no_key_file_is_left(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, breaks: BaseException
) -> None:
    """Neither a new one nor a second copy of the old."""

    def fail(*_: object) -> None:
        raise breaks

    monkeypatch.setattr(rekeying, "_check", fail)
    assert machine("rekey").status in (255, 130)
    assert list(machine.key_file.parent.iterdir()) == [machine.key_file]
    assert machine.opens()


def test_a_key_file_that_cannot_be_made_changes_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder refuses: it is said, and the vault has its keys of before."""
    before = records_of(Path(machine.world.directory, "vault.db"))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(unnamed, "opened", refuse)
        said = machine("rekey")
    assert (said.status, "cannot write the key file: Permission denied" in said.stderr) == (255, 1)
    assert records_of(Path(machine.world.directory, "vault.db")) == before
    assert list(machine.key_file.parent.iterdir()) == [machine.key_file]
    assert machine("rekey").status == 0


def test_who_takes_access_back_is_told_of_rekey(world: World, machine: Machine) -> None:
    """Behind unlock-slot remove always; behind operations of AWS on a terminal alone."""
    identifier = machine.add_passphrase(WORDS)
    said = machine("unlock-slot", "remove", identifier)
    assert said.stderr == (
        "secretctl: note: whoever had access this way may have kept keys: secretctl rekey gives "
        "the vault new ones\n"
    )
    for shown, stderr in (("", io.StringIO()), (said.stderr, Terminal())):
        machine("iam", "create-user", "--user-name", "ci")
        context = world.context._replace(stdout=io.StringIO(), stderr=stderr)
        assert main(["iam", "delete-user", "--user-name", "ci"], context) == 0
        assert stderr.getvalue() == shown
