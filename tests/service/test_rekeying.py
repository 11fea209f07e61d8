"""A rekey is all or nothing: refused, failed or cut off, there is the old vault or the new one."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.audit.verdict import Verdict
from secretctl.cli import keyfile, making, opening, places
from secretctl.domain.secret import MOST_SERIALS
from secretctl.errors import (
    JournalDamagedError,
    OutcomeNotRecordedError,
    OutcomeUnknownError,
    RolledBackError,
    StoreError,
    VaultDamagedError,
)
from secretctl.service import rekeying
from secretctl.service.opening import Recording, begin
from secretctl.service.proof import verified
from secretctl.service.rekey_survey import survey
from secretctl.service.session import Session
from secretctl.store import directories, replacing
from secretctl.store.sqlite import SqliteEngine
from secretctl.vault import rekeying as writing_anew
from secretctl.vault import slots
from secretctl.vault.fsck import check
from secretctl.vault.header import Slot
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.vault.forging import forging
from tests.vault.independent_contents import Contents, contents
from tests.vault.stored import change, records_of

SECRETS = {f"n{number}": f"v{number}" for number in range(3)}


def opened_by(slots: Callable[[bytes], tuple[Slot, ...]]) -> rekeying.Openers:
    """Return what opens a vault where no file is made for it."""
    return rekeying.Openers(slots, lambda _: None, lambda: None, lambda: None)


class Used:
    """A vault that several processes use on one machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.context = world.context
        self.path = Path(world.directory, "vault.db")

    def opened(self) -> Session:
        """Open it as another process would."""
        vault = opening.open_vault(self.world.directory, self.context)
        trust = places.trust_file(self.context.environ, vault.keys.vault_id.hex())
        return begin(self.context, vault, "us-east-1", recording=Recording("test", trust))

    def rekey(self, session: Session) -> rekeying.Rekeyed:
        """Rekey with the same key file."""
        found = survey(session)
        key = keyfile.read(self.key_file, self.world.directory)

        def same(root_key: bytes) -> tuple[Slot, ...]:
            vault_id, (slot,) = found.header.vault_id, found.header.slots
            return (slots.renewed_key_file(vault_id, slot, root_key, key),)

        return rekeying.rekey(session, found, opened_by(same))

    @property
    def key_file(self) -> str:
        """Where the key file lies."""
        (path,) = Path(self.world.home, ".config/secretctl/keys").iterdir()
        return str(path)

    def seen(self) -> Contents:
        """Return what an independent reader finds."""
        key = keyfile.read(self.key_file, self.world.directory)
        return contents(str(self.path), file_key=key)

    def assert_sound(self) -> None:
        """Check vault and journal, and that all is there."""
        session = self.opened()
        try:
            assert check(session.vault).problems == ()
            trust = places.trust_file(self.context.environ, session.vault.keys.vault_id.hex())
            report = verified(session.vault, trust, [], deep=True)
            assert (report.verdict, report.findings) == (Verdict.INTACT, ())
            service = Service(session)
            for name, value in SECRETS.items():
                assert service("GetSecretValue", SecretId=name)["SecretString"] == value
        finally:
            session.close()

    def told(self) -> list[tuple[str, str, bool]]:
        """Return name, phase and failure of the records of rekeys, and of segments begun."""
        segments = sorted(Path(self.world.directory, "audit").glob("*.jsonl"))
        events = [json.loads(line) for path in segments for line in path.read_text().splitlines()]
        return [
            (each["eventName"], each["additionalEventData"].get("phase", ""), "errorCode" in each)
            for each in events
            if each["eventName"] in ("RekeyVault", "SegmentOpened")
        ]


@pytest.fixture
def used(world: World) -> Used:
    """A vault with three secrets."""
    making.make_vault(world.directory, world.context).vault.close()
    made = Used(world)
    session = made.opened()
    for name, value in SECRETS.items():
        Service(session)("CreateSecret", Name=name, SecretString=value)
    session.close()
    made.assert_sound()  # which reads each for the first time today
    return made


def segment(used: Used, number: int) -> str:
    """Return a segment of the journal."""
    return Path(used.world.directory, f"audit/{number:08d}.jsonl").read_text()


def cut_off(*_: object) -> None:
    """End the process, as far as that can be done in one that goes on."""
    raise KeyboardInterrupt


DONE = [
    ("SegmentOpened", "", False),
    ("RekeyVault", "intent", False),
    ("RekeyVault", "outcome", False),
    ("SegmentOpened", "", False),
]


def test_it_is_recorded_and_the_journal_goes_on_in_another_segment(used: Used) -> None:
    """With an intent and an outcome, the last of which stands under the old key."""
    session = used.opened()
    assert used.rekey(session) == rekeying.Rekeyed()
    session.close()
    assert used.told() == DONE
    used.assert_sound()
    assert len(list(Path(used.world.directory, "audit").glob("*.jsonl"))) == 2


def test_numbers_of_versions_are_counted_anew(used: Used) -> None:
    """Of a secret to which another program left no number for a new version."""
    session = used.opened()
    with forging(session.vault) as transaction:
        secret = transaction.find("us-east-1", "n0")
        assert secret is not None
        transaction.put(secret._replace(next_serial=MOST_SERIALS), secret)
    session.close()
    session = used.opened()
    put = {"SecretId": "n0", "SecretString": "new"}
    with pytest.raises(VaultDamagedError, match="no number is left"):
        Service(session)("PutSecretValue", **put)
    used.rekey(session)
    session.close()
    session = used.opened()
    Service(session)("PutSecretValue", **put)
    Service(session)("PutSecretValue", SecretId="n0", SecretString=SECRETS["n0"])
    session.close()
    used.assert_sound()


@pytest.mark.parametrize("breaks", [OSError(5, "Input/output error"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("where", "name"),
    [
        (writing_anew, "write"),
        (rekeying, "_check"),
        (os, "rename"),
        (rekeying, "write_first_records"),
    ],
)
def test_what_fails_before_the_exchange_changes_nothing(
    used: Used, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, breaks: BaseException
) -> None:
    """No draft is left; what was announced is recorded as not made; it can be tried again."""
    before, seen = records_of(used.path), used.seen()

    def fail(*_: object) -> None:
        raise breaks

    session = used.opened()
    with monkeypatch.context() as patched:
        patched.setattr(where, name, fail)
        with pytest.raises((StoreError, KeyboardInterrupt)):
            used.rekey(session)
    session.close()
    assert records_of(used.path) == before
    assert not list(Path(used.world.directory).glob("vault.rekeying-*"))
    announced = [phase for event, phase, _ in used.told() if event == "RekeyVault" and phase]
    assert announced in ([], ["intent", "outcome"])
    assert all(failed for _, phase, failed in used.told() if phase == "outcome")
    used.assert_sound()
    session = used.opened()
    used.rekey(session)
    session.close()
    assert used.seen() == seen
    used.assert_sound()


def cut_between(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rekey, cut off behind the exchange: nothing is told to anybody."""
    exchange = replacing.put_in_place

    def exchange_and_die(new: str, path: str) -> int:
        exchange(new, path)
        monkeypatch.setattr(session.recorder, "write", cut_off)
        raise KeyboardInterrupt

    session = used.opened()
    with monkeypatch.context() as patched:
        patched.setattr(replacing, "put_in_place", exchange_and_die)
        patched.setattr(session.recorder, "settle", cut_off)
        with pytest.raises((KeyboardInterrupt, StoreError)):
            used.rekey(session)
    session.recorder.release()
    session.vault.close()


def test_cut_off_behind_the_exchange_the_owners_next_command_finishes_it(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it is: the outcome is recorded, and the journal has its new key."""
    seen = used.seen()
    cut_between(used, monkeypatch)
    assert used.seen() == seen
    vault = opening.open_vault(used.world.directory, used.context)
    assert verified(vault, "", [], deep=True).verdict == Verdict.INTACT
    vault.close()
    session = used.opened()
    assert session.recorder.finished_rekey
    session.close()
    used.assert_sound()
    assert used.told() == DONE


def test_cut_off_behind_the_exchange_rekey_goes_on_instead_of_beginning_again(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and the vault's keys are those of the first time."""
    cut_between(used, monkeypatch)
    records = records_of(used.path)
    said = ended(used.world, "rekey")
    assert (said.status, said.stdout) == (
        0,
        "a rekey that was cut off is finished: it was recorded, and the journal has its new key\n",
    )
    assert records_of(used.path) == records
    used.assert_sound()
    assert "the vault has new keys" in ended(used.world, "rekey").stdout
    assert records_of(used.path) != records


def test_cut_off_behind_the_exchange_a_principal_reads_and_changes_nothing(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has not the key under which the journal goes on; the owner has."""
    world = used.world
    ended(world, "iam", "create-user", "--user-name", "ci")
    made = ended(world, "iam", "create-access-key", "--user-name", "ci")
    shown = json.loads(made.stdout)["AccessKey"]
    key_id, secret = shown["AccessKeyId"], shown["SecretAccessKey"]
    allowed = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    words = ("--user-name", "ci", "--policy-name", "all", "--policy-document", allowed)
    assert ended(world, "iam", "put-user-policy", *words).status == 0
    by = {"SECRETCTL_ACCESS_KEY_ID": key_id, "SECRETCTL_SECRET_ACCESS_KEY": secret}
    context = world.context._replace(environ={**world.context.environ, **by})
    cut_between(used, monkeypatch)
    read = ended(world, "get-secret-value", "--secret-id", "n1", context=context)
    assert (read.status, '"v1"' in read.stdout) == (0, True)
    put = ("put-secret-value", "--secret-id", "n1", "--secret-string", "v1")
    refused = ended(world, *put, context=context)
    assert refused.status == 255
    assert "its owner has not used it since" in refused.stderr
    assert ended(world, "list-secrets").status == 0
    assert ended(world, *put, context=context).status == 0
    used.assert_sound()


def test_an_outcome_that_cannot_be_recorded_is_told_and_recorded_later(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault has its new keys all the same."""
    session = used.opened()
    write = session.recorder.write
    calls = itertools.count()

    def second_fails(said: list[Any]) -> Any:
        if next(calls):
            raise StoreError("the disk is full")
        return write(said)

    monkeypatch.setattr(session.recorder, "write", second_fails)
    with pytest.raises(OutcomeNotRecordedError):
        used.rekey(session)
    session.recorder.release()
    session.vault.close()
    used.assert_sound()
    assert used.told() == DONE


@pytest.mark.parametrize("number", [0, 1])
def test_a_draft_that_the_disk_fails_changes_nothing(
    used: Used, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It is known that the change does not hold, whatever became of a file that is no vault."""
    commit, commits, session = SqliteEngine._commit, itertools.count(), used.opened()

    def fail(engine: SqliteEngine) -> None:
        if "vault.rekeying-" in engine._path and next(commits) == number:
            raise OutcomeUnknownError("the disk failed during the commit")
        commit(engine)

    with monkeypatch.context() as patched:
        patched.setattr(SqliteEngine, "_commit", fail)
        with pytest.raises(StoreError, match="nothing was changed"):
            used.rekey(session)
    session.close()
    used.assert_sound()


def test_a_folder_that_cannot_be_synced_leaves_the_outcome_unknown(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file is not overwritten then: a loss of power could bring it back."""
    exchange = replacing.put_in_place

    def refuse(_: str) -> None:
        raise OSError(5, "Input/output error")

    def exchange_on_a_bad_disk(new: str, path: str) -> int:
        old = exchange(new, path)
        monkeypatch.setattr(directories, "sync", refuse)
        return old

    with used.path.open("rb") as old:
        before = old.read()
        session = used.opened()
        monkeypatch.setattr(replacing, "put_in_place", exchange_on_a_bad_disk)
        with pytest.raises(OutcomeUnknownError):
            used.rekey(session)
        monkeypatch.undo()
        session.close()
        old.seek(0)
        assert old.read() == before
    used.assert_sound()
    assert used.told() == DONE


def test_a_damaged_vault_or_journal_is_refused(used: Used) -> None:
    """A record put back as it was before is found by the digest alone, a journal by its chain."""
    older = records_of(used.path)
    session = used.opened()
    Service(session)("PutSecretValue", SecretId="n1", SecretString="v1")
    now = records_of(used.path)
    changed = {key for key in now if key[:1] == b"s" and now[key] != older[key]}
    change(used.path, {key: older[key] for key in changed})
    with pytest.raises(VaultDamagedError):
        used.rekey(session)
    change(used.path, {key: now[key] for key in changed})
    segment = Path(used.world.directory, "audit/00000001.jsonl")
    whole = segment.read_bytes()
    segment.write_bytes(whole.replace(b'"n2"', b'"n3"', 1))
    with pytest.raises(JournalDamagedError):
        used.rekey(session)
    segment.write_bytes(whole)
    assert records_of(used.path) == now
    used.rekey(session)
    session.close()
    used.assert_sound()


def test_what_is_damaged_behind_the_check_is_refused_under_the_lock(used: Used) -> None:
    """Every record is counted once more before it is sealed anew."""
    older = records_of(used.path)
    session = used.opened()
    Service(session)("PutSecretValue", SecretId="n1", SecretString="v1")
    found = survey(session)
    change(used.path, {key: old for key, old in older.items() if key[:1] == b"s"})
    with pytest.raises(VaultDamagedError, match="nothing was changed"):
        rekeying.rekey(session, found, opened_by(lambda _: found.header.slots))
    session.recorder.release()


def test_a_new_vault_that_is_not_sound_is_not_put_in_place(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason: it is checked as a whole before anything depends on it."""
    monkeypatch.setattr(writing_anew._Writer, "_value", lambda *_: bytes(32))
    before = records_of(used.path)
    session = used.opened()
    with pytest.raises(VaultDamagedError, match="not put in place"):
        used.rekey(session)
    session.close()
    assert records_of(used.path) == before
    used.assert_sound()


def test_what_others_change_meanwhile_is_taken_along(used: Used) -> None:
    """Values and labels; unlock slots are not, for nobody said what opens them."""
    session, other = used.opened(), used.opened()
    found = survey(session)
    Service(other)("CreateSecret", Name="late", SecretString="v")
    key = keyfile.read(used.key_file, used.world.directory)

    def same(root_key: bytes) -> tuple[Slot, ...]:
        vault_id, (slot,) = found.header.vault_id, found.header.slots
        return (slots.renewed_key_file(vault_id, slot, root_key, key),)

    rekeying.rekey(session, found, opened_by(same))
    session.close()
    assert ("us-east-1", "late") in used.seen().secrets
    for operation in ("GetSecretValue", "DescribeSecret"):
        with pytest.raises(StoreError, match="another vault"):
            Service(other)(operation, SecretId="late")
    with pytest.raises(StoreError, match="another vault"):
        Service(other)("PutSecretValue", SecretId="late", SecretString="lost")
    other.recorder.release()
    other.vault.close()
    used.assert_sound()


def test_unlock_slots_that_others_change_meanwhile_refuse_it(used: Used, tmp_path: Path) -> None:
    """Nobody said what opens a slot that was added since."""
    session = used.opened()
    found = survey(session)
    words = ("unlock-slot", "add", "--key-file", str(tmp_path / "other.key"))
    assert ended(used.world, *words).status == 0
    with pytest.raises(StoreError, match="unlock slots"):
        rekeying.rekey(session, found, opened_by(lambda _: found.header.slots))
    session.close()
    used.assert_sound()


READER = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN")
before = store.execute("SELECT key, value FROM record").fetchall()
print("reading", flush=True)
sys.stdin.readline()
print(store.execute("SELECT key, value FROM record").fetchall() == before, flush=True)
"""


def test_who_reads_the_old_file_reads_it_to_the_end(
    used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not overwritten under their hands; where they do not end, that is told."""
    session, overwrite = used.opened(), replacing.overwrite
    words = [sys.executable, "-c", READER, str(used.path)]
    with subprocess.Popen(words, stdin=-1, stdout=-1, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        monkeypatch.setattr(replacing, "overwrite", lambda old: overwrite(old, 0.1))
        assert used.rekey(session) == rekeying.Rekeyed("another process reads it to the end")
        assert reader.communicate("\n")[0] == "True\n"
    session.close()
    used.assert_sound()


def test_what_a_machine_saw_before_is_known_behind_a_rekey(used: Used) -> None:
    """Another machine's trust file is under the key before; the vault has that key too."""
    trust = next(Path(used.world.home, ".local/state/secretctl/trust").iterdir())
    before = trust.read_bytes()
    session = used.opened()
    used.rekey(session)
    session.close()
    assert trust.read_bytes() != before
    trust.write_bytes(before)
    used.assert_sound()
    assert "TrustEstablished" not in (segment(used, 2))
    trust.write_bytes(before[:-32] + bytes(32))
    with pytest.raises(RolledBackError):
        used.opened()


def test_what_was_seen_under_other_keys_is_refused_until_that_is_accepted(used: Used) -> None:
    """Nobody without them can have written it: it is the vault that is another."""
    trust = next(Path(used.world.home, ".local/state/secretctl/trust").iterdir())
    stored = trust.read_bytes()
    trust.write_bytes(stored[:-32] + bytes(32))
    with pytest.raises(RolledBackError, match="under other keys"):
        used.opened()
    said = ended(used.world, "audit", "verify")
    assert (said.status, "under other keys" in said.stdout) == (Verdict.TAMPERED, True)
    assert ended(used.world, "accept-restore").status == 0
    used.assert_sound()


def test_hidden_names_are_found_by_both_of_their_hashes(used: Used) -> None:
    """That of before a rekey and that of today; nobody who has the old key finds today's."""
    world = used.world
    assert ended(world, "configure", "set", "audit.names", "hmac").status == 0
    read = ("get-secret-value", "--secret-id", "n1")
    before = ended(world, "audit", "hash", "n1").stdout
    for words in (read, ("rekey",), read):
        assert ended(world, *words).status == 0
    now = ended(world, "audit", "hash", "n1").stdout
    assert now != before
    for_n1 = ("--secret-id", "n1", "--event-name", "GetSecretValue")
    asked = ("audit", "lookup-events", *for_n1, "--query", "Events[].CloudTrailEvent")
    hidden = [each for each in json.loads(ended(world, *asked).stdout) if '"n1"' not in each]
    assert [now.strip() in each for each in hidden] == [True, False]
    assert before.strip() in hidden[1]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_journal_from_before_goes_on_under_the_new_key_once_it_is_accepted(
    used: Used, tmp_path: Path, kept: int
) -> None:
    """Or one that is lost: the next segment is none that whoever has the old key can begin."""
    audit = Path(used.world.directory, "audit")
    shutil.copytree(audit, tmp_path / "audit")
    for _ in range(2):
        session = used.opened()
        used.rekey(session)
        session.close()
    shutil.rmtree(audit)
    if kept:
        shutil.copytree(tmp_path / "audit", audit)
    assert ended(used.world, "list-secrets").status == 253
    assert ended(used.world, "accept-restore").status == 0
    used.assert_sound()
    vault = opening.open_vault(used.world.directory, used.context)
    assert [through for _, through in vault.keys.access.former] == [1] * kept
    vault.close()
    assert len(list(audit.glob("*.jsonl"))) == 1 + kept
    assert '"AcceptRestore"' in segment(used, 1 + kept)
    session = used.opened()
    used.rekey(session)
    session.close()
    used.assert_sound()


def test_a_backup_from_before_is_restored_with_what_opened_the_vault_then(
    used: Used, tmp_path: Path
) -> None:
    """And the vault that it replaces can be put back."""
    backup, old = str(tmp_path / "backup"), str(tmp_path / "old.key")
    assert ended(used.world, "backup", backup).status == 0
    assert ended(used.world, "rekey").status == 0
    key_file = next(Path(used.world.home, ".config/secretctl/keys").glob("*.key"))
    key_file.with_name(f"{key_file.name}.old-1").rename(old)
    assert ended(used.world, "restore", backup, "--replace").status == 253
    by = {**used.context.environ, "SECRETCTL_KEY_FILE": old}
    before = used.context._replace(environ=by)
    assert ended(used.world, "restore", backup, "--replace", context=before).status == 0
    assert ended(used.world, "audit", "verify", "--deep", context=before).status == 0
    assert ended(used.world, "list-secrets", context=before).status == 0
    shutil.rmtree(used.world.directory)
    Path(f"{used.world.directory}.replaced-1").rename(used.world.directory)
    assert ended(used.world, "accept-restore").status in (0, 253)
    used.assert_sound()


@pytest.mark.parametrize("options", [(), ("--replace",)])
def test_a_copy_from_before_that_is_accepted_makes_the_newer_vault_the_older_one(
    used: Used, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """As without a rekey: its generation goes above what was seen under keys that it has not."""
    backup, old = str(tmp_path / "backup"), str(tmp_path / "old.key")
    shutil.copy(used.key_file, old)
    assert ended(used.world, "backup", backup).status == 0
    assert ended(used.world, "rekey").status == 0
    for number in range(4):
        put = ("put-secret-value", "--secret-id", "n1", "--secret-string", f"later {number}")
        assert ended(used.world, *put).status == 0
    by = {**used.context.environ, "SECRETCTL_KEY_FILE": old}
    before, first = used.context._replace(environ=by), used.world.directory
    if options:
        assert ended(used.world, "restore", backup, *options, context=before).status == 0
        copy, first = first, f"{first}.replaced-1"
    else:
        copy = str(tmp_path / "copy")
        assert ended(used.world, "restore", backup, "--vault", copy, context=before).status == 0
        assert ended(used.world, "accept-restore", "--vault", copy, context=before).status == 0
    read = ("get-secret-value", "--secret-id", "n1", "--vault")
    for _ in range(2):
        assert '"v1"' in ended(used.world, *read, copy, context=before).stdout
        refused = ended(used.world, *read, first)
        assert (refused.status, "older than this machine" in refused.stderr) == (253, True)
    said = ended(used.world, "audit", "verify", "--vault", first)
    assert said.status == Verdict.TAMPERED
    assert ended(used.world, "accept-restore", "--vault", first).status == 0
    assert '"later 3"' in ended(used.world, *read, first).stdout
    refused = ended(used.world, *read, copy, context=before)
    assert (refused.status, "under other keys" in refused.stderr) == (253, True)


def test_a_trust_file_under_other_keys_cannot_use_up_the_generations(used: Used) -> None:
    """Nothing proves what it says, so it is heeded within reason."""
    trust = next(Path(used.world.home, ".local/state/secretctl/trust").iterdir())
    stored = trust.read_bytes()
    for generation, goes_on in ((1 << 47, 0), (1 << 20, 1 << 20)):
        trust.write_bytes(stored[:24] + generation.to_bytes(8, "big") + stored[32:-32] + bytes(32))
        assert ended(used.world, "accept-restore").status == 0
        session = used.opened()
        reached = session.vault.state().generation
        session.close()
        assert goes_on < reached < goes_on + 100


NAMES = st.from_regex(r"[a-zA-Z0-9/_+=.@]{1,20}", fullmatch=True)
VALUES = st.lists(st.text(min_size=1, max_size=200), max_size=3)
KEYS = st.sampled_from(["", "alias/a", "b"])
TAGS = st.dictionaries(st.text("abc", min_size=1), st.text(max_size=9), max_size=3)


@given(st.dictionaries(NAMES, st.tuples(VALUES, KEYS, TAGS, st.booleans()), max_size=6))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_in_it_is_in_it_afterwards(
    world: World, filled: dict[str, tuple[list[str], str, dict[str, str], bool]]
) -> None:
    """Any secrets with any values, KMS keys and tags, some of them to be deleted."""
    shutil.rmtree(world.home)
    world.home.mkdir(mode=0o700)
    making.make_vault(world.directory, world.context).vault.close()
    used = Used(world)
    session = used.opened()
    service = Service(session)
    for name, (values, key, tags, is_deleted) in filled.items():
        pairs = [{"Key": tag, "Value": value} for tag, value in tags.items()]
        service("CreateSecret", Name=name, KmsKeyId=key or None, Tags=pairs)
        for number, value in enumerate(values):
            stages = ["AWSCURRENT"] if number % 2 else [f"S{number}"]
            service("PutSecretValue", SecretId=name, SecretString=value, VersionStages=stages)
        if is_deleted:
            service("DeleteSecret", SecretId=name, RecoveryWindowInDays=7)
    before = used.seen()
    used.rekey(session)
    session.close()
    assert used.seen() == before
