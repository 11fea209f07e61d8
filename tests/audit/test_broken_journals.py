"""What a journal may look like that somebody else had in hands: no crash, and a way on."""

import os
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from secretctl.audit import segments, state
from secretctl.audit.journal import Journal
from secretctl.audit.trust import MOST_COMMITS
from secretctl.audit.verdict import Verdict
from secretctl.errors import JournalDamagedError, NoJournalFileError
from tests.audit.conftest import Made, files, forge, lay_out, stored
from tests.conftest import World
from tests.faults.commands import ended
from tests.odd_files import KINDS, replace

ELSEWHERE = b"another start..."


OUTCOME = '"eventName":"X","additionalEventData":{"phase":"outcome","storeGeneration":%s}'


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        '"a":' + "[" * 7000,
        '"a":"' + "b" * 20_000 + '"',
        OUTCOME % "-1",
        OUTCOME % str((1 << 48) + 1),
        OUTCOME % "1e3",
        OUTCOME % "true",
    ],
    ids=["no JSON", "deep", "long", "negative", "late", "fraction", "boolean"],
)
def test_what_the_present_key_forged_is_no_crash(world: World, text: str, is_told: bool) -> None:  # noqa: FBT001 a case
    """Verify names it; accept-restore puts it aside and the vault goes on."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    directory = Path(world.directory, "audit")
    forge(directory, text, is_told=is_told)
    verified = ended(world, "audit", "verify", "--deep")
    assert "unexpected" not in verified.stderr
    assert verified.status == Verdict.TAMPERED or (not is_told and "note: " in verified.stdout)
    accepted = ended(world, "accept-restore")
    assert accepted.status == 0, accepted.stderr
    put = ("put-secret-value", "--secret-id", "a", "--secret-string", "w")
    assert ended(world, *put).status == 0
    assert ended(world, *put[:-1], "x").status == 0
    assert ended(world, "audit", "verify", "--deep").status == 0
    assert ended(world, "fsck").status == 0


def test_a_late_generation_is_not_gone_on_from(world: World) -> None:
    """A record may say any number; the vault never counts on from one nobody can have reached."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    directory = Path(world.directory, "audit")
    forge(directory, OUTCOME % str(MOST_COMMITS), is_told=True)
    accepted = ended(world, "accept-restore")
    assert accepted.stdout.startswith("accepted: generation 1 goes on as 2\n")


def test_an_older_state_destroys_no_segment(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """After another start too: what was begun since the state was kept stays as it is."""
    made.tell(3)
    older = stored(made.directory)
    monkeypatch.setattr(segments, "LARGEST_BYTES", 3_000)
    made.tell(9)
    made.journal.close()
    assert made.segment(2).exists()
    made.state.write_bytes(state.encode(older._replace(boot_id=ELSEWHERE)))
    before = files(made.directory)
    with pytest.raises(JournalDamagedError, match="older than the journal"):
        made.tell(1)
    assert files(made.directory) == before
    assert made.verified().verdict == Verdict.TAMPERED


@pytest.mark.parametrize("begun", ["none", "torn", "whole"])
def test_a_loss_of_power_while_a_segment_is_begun_is_seen_to(
    made: Made, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    """The state is records behind, the closing is there, of the next segment a part or all."""
    made.tell(2)
    older = stored(made.directory)
    made.tell(2)
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1)
    made.tell(1)
    monkeypatch.undo()
    made.journal.close()
    opened = made.segment(2).read_bytes().splitlines(keepends=True)[0]
    made.segment(2).unlink()
    if begun != "none":
        made.segment(2).write_bytes(opened if begun == "whole" else opened[:40])
        made.segment(2).chmod(0o600)
    made.state.write_bytes(state.encode(older._replace(boot_id=ELSEWHERE)))
    for deep in (False, True):
        seen = made.verified(deep=deep)
        assert (seen.verdict, seen.findings) == (Verdict.INTACT, ())
        assert seen.notes == ("3 records of a crash wait for the next command",)
    for wrong in ({"generation": 5}, {"intent": 0}, {"boot_id": state.boot_id()}):
        forged = older._replace(boot_id=ELSEWHERE)._replace(**wrong)
        made.state.write_bytes(state.encode(forged))
        assert made.verified().verdict == Verdict.TAMPERED or begun != "whole"
    made.state.write_bytes(state.encode(older._replace(boot_id=ELSEWHERE)))
    made.tell(2)
    report = made.verified(deep=True)
    assert (report.verdict, report.findings) == (Verdict.INTACT, ())
    first = made.segment(1).read_bytes().splitlines()
    assert b'"eventName":"SegmentClosed"' in first[-1]
    assert b'"eventName":"JournalRecovered"' in made.segment(2).read_bytes()


def test_records_behind_a_closing_are_tampering(made: Made) -> None:
    """Also where they have their right number, hash and MAC."""
    made.tell(2)
    made.journal.close()
    for text in ('"eventName":"SegmentClosed"', '"eventName":"Test"'):
        forge(made.directory, text, is_told=True)
    assert made.verified().verdict == Verdict.TAMPERED


@pytest.mark.parametrize("content", [b"", b"x", b'{"index":1}\n', b'{"index":2,"prev":"zz"}\n'])
def test_a_first_segment_that_is_not_there_is_tampering(made: Made, content: bytes) -> None:
    """Whatever lies under the name of the second one."""
    made.tell(2)
    made.segment(1).unlink()
    made.segment(2).write_bytes(content)
    made.segment(2).chmod(0o600)
    assert made.verified().verdict == Verdict.TAMPERED


def test_a_torn_rest_that_was_half_put_aside_is_kept_whole(made: Made) -> None:
    """The file that is there already may be what a kill left of the first try."""
    made.tell(2)
    made.journal.close()
    now = stored(made.directory)
    torn = b'{"index":3,"prev":"' + b"a" * 80
    with made.segment().open("ab") as segment:
        segment.write(torn)
    announced = now._replace(pending_offset=now.offset + 600, pending_hash=b"h" * 32)
    made.state.write_bytes(state.encode(announced))
    before = files(made.directory)
    made.tell(1)
    name = next(each.name for each in made.directory.iterdir() if each.name.startswith("torn-"))
    made.journal.close()
    for half in (b"", torn[:10]):
        lay_out(made.directory, {**before, name: half})
        made.tell(1)
        made.journal.close()
        assert (made.directory / name).read_bytes() == torn


def test_a_huge_file_is_refused_in_little_memory(made: Made) -> None:
    """Nothing but zeros behind the records, as a hole of a file: said at once."""
    made.tell(2)
    made.journal.close()
    os.truncate(made.segment(), 1 << 32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert made.verified().verdict == Verdict.TAMPERED
    with pytest.raises(JournalDamagedError, match="more in the journal than a crash can leave"):
        made.tell(1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


@pytest.mark.parametrize("name", ["00000001.jsonl", "state", "lock", "00000002.jsonl"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_named_and_put_aside(world: World, name: str, kind: str) -> None:
    """Verify says what it is, with or without a key, and accept-restore moves it."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    replace(Path(world.directory, "audit", name), kind, world.home / "elsewhere")
    verified = ended(world, "audit", "verify")
    if name == "lock":
        said = f"cannot be verified: the journal's lock is a {kind}, not a regular file: lock\n"
        assert (verified.status, verified.stdout) == (Verdict.UNVERIFIABLE, said)
    else:
        said = f"tampered: a file of the journal is a {kind}, not a regular file: {name}\n"
        assert (verified.status, verified.stdout) == (Verdict.TAMPERED, said)
        environ = {**world.context.environ, "SECRETCTL_KEY_FILE": "/no/such/key"}
        keyless = world.context._replace(environ=environ)
        without = ended(world, "audit", "verify", context=keyless)
        assert (without.status, said in without.stdout) == (Verdict.TAMPERED, True)
    assert ended(world, "accept-restore").status == 0
    assert ended(world, "get-secret-value", "--secret-id", "a").status == 0
    assert ended(world, "audit", "verify").status == Verdict.INTACT


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_the_place_of_the_next_segment_is_named(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """Before anything is written, and where a segment ends; it stays until it is put away."""
    made.tell(2)
    replace(made.segment(2), kind, tmp_path / "away")
    describe = made.records.describe
    other = made._replace(journal=Journal(str(made.directory), made.keys.vault_id, describe))
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1)
    for each in (other, made, made, other):
        with pytest.raises(NoJournalFileError, match=f"is a {kind}, not a regular file: 00000002"):
            each.tell(1)
    made.segment(2).rename(tmp_path / "put away")
    other.tell(1)
    other.journal.close()
    assert made.verified(deep=True).verdict == Verdict.INTACT


def test_accept_restore_puts_aside_what_is_in_the_way_of_its_draft(world: World) -> None:
    """A directory where the state is to be written anew."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    audit = Path(world.directory, "audit")
    (audit / "state").unlink()
    (audit / "state.new").mkdir()
    accepted = ended(world, "accept-restore")
    assert (accepted.status, accepted.stderr) == (0, "")
    assert (audit / "aside-1-state.new").is_dir()
    assert ended(world, "audit", "verify").status == Verdict.INTACT


def test_a_stray_file_is_named_and_can_be_put_aside(world: World) -> None:
    """A copy that a synchroniser made: the message says which, accept-restore moves it."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    stray = Path(world.directory, "audit", "00000001.conflict.jsonl")
    stray.write_text("x")
    verified = ended(world, "audit", "verify")
    assert verified.status == Verdict.UNVERIFIABLE
    assert stray.name in verified.stdout
    assert ended(world, "accept-restore").status == 0
    assert not stray.exists()
    assert ended(world, "audit", "verify").status == Verdict.INTACT


def test_a_journal_in_use_is_not_made_anew(world: World) -> None:
    """Without state and trust file, even where the vault was never changed."""
    assert ended(world, "init").status == 0
    assert ended(world, "list-secrets").status == 0
    Path(world.directory, "audit", "state").unlink()
    for path in (world.home / ".local/state/secretctl/trust").iterdir():
        path.unlink()
    before = Path(world.directory, "audit", "00000001.jsonl").read_bytes()
    refused = ended(world, "list-secrets")
    assert (refused.status, refused.stdout) == (253, "")
    assert "the journal's state file is missing" in refused.stderr
    assert Path(world.directory, "audit", "00000001.jsonl").read_bytes() == before
    assert ended(world, "accept-restore").status == 0
    assert ended(world, "list-secrets").status == 0


def test_a_longer_trust_file_heals(world: World) -> None:
    """One byte too many, and the next command writes it anew."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    older = Path(world.directory, "vault.db").read_bytes()
    path = next((world.home / ".local/state/secretctl/trust").iterdir())
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"X")
    put = ("put-secret-value", "--secret-id", "a", "--secret-string", "w")
    assert ended(world, *put).status == 0
    assert path.stat().st_size == size
    Path(world.directory, "vault.db").write_bytes(older)
    assert ended(world, "get-secret-value", "--secret-id", "a").status == 253


def test_a_bad_checkpoint_hides_nothing(world: World, tmp_path: Path) -> None:
    """The journal is verified all the same, and tampering is graver."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    words = ("audit", "verify", "--checkpoint", str(tmp_path / "none"))
    alone = ended(world, *words)
    assert (alone.status, "none' cannot be read" in alone.stdout) == (3, True)
    segment = Path(world.directory, "audit", "00000001.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"Root"', b'"Rood"', 1))
    both = ended(world, *words)
    assert both.status == Verdict.TAMPERED
    assert "none' cannot be read" in both.stdout


def test_the_last_of_several_checkpoints_in_a_file_convicts(world: World, tmp_path: Path) -> None:
    """The first one fits a journal that was cut behind it; line ends may have been changed."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    heads = tmp_path / "heads"
    trust = world.home / ".local/state/secretctl/trust"
    heads.write_bytes(b"\xef\xbb\xbf" + ended(world, "audit", "checkpoint").stdout.encode())
    older = tmp_path / "older"
    shutil.copytree(world.directory, older)
    shutil.copytree(trust, tmp_path / "trust")
    with heads.open("a") as file:
        file.write(ended(world, "audit", "checkpoint").stdout.replace("\n", "\r\n"))
    verify = ("audit", "verify", "--checkpoint", str(heads))
    assert ended(world, *verify).status == Verdict.INTACT
    for kept, place in ((older, Path(world.directory)), (tmp_path / "trust", trust)):
        shutil.rmtree(place)
        shutil.copytree(kept, place)
    assert ended(world, *verify).status == Verdict.TRUNCATED


def test_accept_restore_tells_of_what_an_interrupted_one_moved(world: World) -> None:
    """It was moved and nothing recorded: the next one's record names it."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    directory = Path(world.directory, "audit")
    (directory / "aside-1-00000002").write_bytes(b"")
    assert ended(world, "accept-restore").status == 0
    content = b"".join(path.read_bytes() for path in directory.glob("*.jsonl"))
    assert b'"asideBefore":["aside-1-00000002"]' in content


def test_files_with_a_second_name_are_put_right_by_the_hints(world: World) -> None:
    """Of a vault copied by hard links: each command that is named is typed, and then it works."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    copy = world.home / "it's linked"
    shutil.copytree(world.directory, copy, copy_function=os.link)
    read = ("get-secret-value", "--secret-id", "a")
    for name in ("vault.db", "state", "00000001.jsonl"):
        refused = ended(world, *read, "--vault", str(copy))
        assert refused.status == 253
        assert "has a second name (a hard link)" in refused.stderr
        command = refused.stderr.splitlines()[1].removeprefix("secretctl: hint: ")
        assert name in command
        subprocess.run(["sh", "-c", command], check=True)
    done = ended(world, *read, "--vault", str(copy))
    assert done.status == 0, done
    assert ended(world, "audit", "verify", "--vault", str(copy)).status == 0


def test_an_emptied_first_segment_has_no_record_to_name(made: Made) -> None:
    """It is cut short all the same: before its first record."""
    made.tell(3)
    made.segment().write_bytes(b"")
    report = made.verified()
    assert report.verdict == Verdict.TRUNCATED
    said = [finding.message for finding in report.findings]
    assert "the journal was cut short before its first record" in said
