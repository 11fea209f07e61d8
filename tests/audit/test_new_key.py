"""A journal under a new key goes on, verifies from its beginning, and old keys are of no use."""

from pathlib import Path

import pytest

from secretctl.audit import checkpoint, prune, segments, state
from secretctl.audit import line as lines
from secretctl.audit.creation import create
from secretctl.audit.journal import Journal
from secretctl.audit.line import Head
from secretctl.audit.ratchet import first_key, first_seed, next_key, next_seed
from secretctl.audit.records import own
from secretctl.audit.repair import repair
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Keys, Known, Report, Verdict
from secretctl.audit.verify import verify
from secretctl.errors import JournalDamagedError
from tests.audit.conftest import KEYS, REGION, Made, files, lay_out, stored
from tests.audit.test_format_document import verifier

NEW_KEY = b"another key of 32 bytes in lengt"
NEW_SEED = first_seed(NEW_KEY, KEYS.vault_id)


def renewed(made: Made) -> Made:
    """Return the journal with a new key from its next segment on."""
    through = stored(made.directory).segment
    keys = Keys(NEW_KEY, KEYS.vault_id, (*made.keys.former, (made.keys.journal, through)))
    made.journal.hand_over(through, NEW_SEED)
    return made._replace(keys=keys)


@pytest.fixture
def old(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A journal of several segments."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 4_000)
    made.tell(20)
    return made


@pytest.fixture
def new(old: Made) -> Made:
    """The same, with a new key and more segments under that."""
    made = renewed(old)
    made.tell(20)
    return made


def assert_intact(made: Made, *known: Known) -> Report:
    """Verify it in every way, and by the document's own verifier."""
    for deep in (False, True):
        report = made.verified(*known, deep=deep)
        assert report.verdict == Verdict.INTACT, report.findings
    verifier.verify(made.directory, *made.keys)
    return report


def test_it_verifies_from_its_beginning_and_with_both_keys_alone(new: Made) -> None:
    """Neither key verifies what is the other's."""
    assert assert_intact(new).notes == ()
    for keys in (KEYS, Keys(NEW_KEY, KEYS.vault_id)):
        report = verify(Snapshot(str(new.directory)), keys, [], deep=False)
        assert report.verdict == Verdict.TAMPERED
        with pytest.raises(verifier.FormatError):
            verifier.verify(new.directory, *keys)


def test_it_gets_a_new_key_again_and_again(old: Made) -> None:
    """Each holds from the segment behind the last one of the key before."""
    made = old
    for _ in range(3):
        made = renewed(made)
        assert_intact(made)
        made.tell(9)
        assert_intact(made)
    assert len({through for _, through in made.keys.former}) == 3


def test_the_new_segment_names_the_last_record_and_the_digest_of_the_old(new: Made) -> None:
    """So whoever has the old key changes nothing, though they can make every MAC of it anew."""
    through = new.keys.former[0][1]
    before = files(new.directory)
    whole = before[new.segment(through).name].splitlines(keepends=True)
    made: list[bytes] = []
    at = lines.before(whole[0])
    assert at is not None
    seed = first_seed(KEYS.journal, KEYS.vault_id)
    for _ in range(1, through):
        seed = next_seed(seed)
    key = first_key(seed)
    for line in whole:
        text = line.decode().partition('",')[2].partition(',"hash":"')[0]
        text = text.replace('"n":1', '"n":7')
        made.append(lines.written(at.number + 1, at.hash, text, key))
        at = Head(at.number + 1, lines.hash_of(made[-1]))
        key = next_key(key)
    assert made != whole
    lay_out(new.directory, {**before, new.segment(through).name: b"".join(made)})
    for deep in (False, True):
        assert new.verified(deep=deep).verdict == Verdict.TAMPERED


def test_who_has_the_old_key_cannot_begin_the_next_segment(old: Made) -> None:
    """With a state that has the seed of theirs, as the old key gives it."""
    now = stored(old.directory)
    keys = Keys(NEW_KEY, KEYS.vault_id, ((KEYS.journal, now.segment),))
    old.tell(20)
    assert stored(old.directory).segment > now.segment
    assert old._replace(keys=keys).verified().verdict == Verdict.TAMPERED


def test_until_it_is_handed_over_the_journal_goes_on_under_the_old_key(old: Made) -> None:
    """A rekey that was killed: the vault has the new key, the state not yet."""
    now = stored(old.directory)
    waiting = old._replace(keys=Keys(NEW_KEY, KEYS.vault_id, ((KEYS.journal, now.segment),)))
    assert_intact(waiting)
    waiting.tell(1)
    assert stored(old.directory).segment == now.segment
    assert_intact(waiting)
    waiting.journal.hand_over(now.segment, NEW_SEED)
    assert stored(old.directory).segment == now.segment + 1
    assert_intact(waiting)
    waiting.journal.hand_over(now.segment, NEW_SEED)
    assert stored(old.directory).segment == now.segment + 1


def test_between_an_intent_and_its_outcome_the_seed_alone_is_handed_over(old: Made) -> None:
    """No segment ends there, and whoever begins the next one afterwards does so with the seed."""
    through = stored(old.directory).segment
    event = own("Rekey", REGION, {})
    old.journal.append(old.records.of([event._replace(phase="intent", generation=1)]))
    old.journal.hand_over(through, NEW_SEED)
    now = stored(old.directory)
    assert (now.segment, now.next_seed) == (through, NEW_SEED)
    made = old._replace(keys=Keys(NEW_KEY, KEYS.vault_id, ((KEYS.journal, through),)))
    assert_intact(made)
    old.journal.append(old.records.of([event._replace(phase="outcome", generation=1)]))
    assert stored(old.directory).segment == through
    assert_intact(made)
    made.tell(20)
    assert stored(old.directory).segment > through
    assert_intact(made)


def test_a_repaired_journal_goes_on_with_the_key_of_its_place(new: Made) -> None:
    """Its state made anew in the last old segment, or in a new one."""
    whole, through = files(new.directory), new.keys.former[0][1]
    for last in (through, through + 1):
        kept = {segments.name_of(each) for each in range(1, last + 1)}
        lay_out(new.directory, {name: whole[name] for name in kept})
        repair(str(new.directory), new.keys)
        assert_intact(new)
        journal = Journal(str(new.directory), KEYS.vault_id, new.records.describe)
        journal.settled()
        assert_intact(new)
        assert stored(new.directory).segment == last + 1
        journal.close()


def test_an_old_word_on_what_is_gone_is_no_word_in_a_new_segment(new: Made) -> None:
    """In an old one it counts as it did, and the present owner's counts anywhere."""
    planned = prune.plan(Snapshot(str(new.directory)), 1 << 50, new.verified().end)
    assert planned is not None
    gone = [name for name, _, _ in planned.gone]
    before = files(new.directory)
    said = prune.statement(planned, KEYS)
    new.journal.append(new.records.of([own("PruneJournal", REGION, said)]))
    for name in gone:
        (new.directory / name).unlink()
    assert new.verified().verdict == Verdict.TAMPERED
    lay_out(new.directory, before)
    journal = Journal(str(new.directory), KEYS.vault_id, new.records.describe)
    said = prune.statement(planned, new.keys)
    journal.append(new.records.of([own("PruneJournal", REGION, said)]))
    prune.remove(str(new.directory), gone)
    assert_intact(new)
    journal.close()


def test_what_was_pruned_before_stays_explained(old: Made) -> None:
    """By the word of its time, which stands in an old segment."""
    planned = prune.plan(Snapshot(str(old.directory)), 1 << 50, old.verified().end)
    assert planned is not None
    said = prune.statement(planned, KEYS)
    old.journal.append(old.records.of([own("PruneJournal", REGION, said)]))
    prune.remove(str(old.directory), [name for name, _, _ in planned.gone])
    made = renewed(old)
    made.tell(10)
    report = assert_intact(made)
    assert report.notes == (f"records before number {planned.head.number + 1} were pruned",)


def test_checkpoints_of_both_keys_are_read_and_of_no_other(new: Made) -> None:
    """What is signed from now on is signed with the new one."""
    end = new.verified().end
    before, now = (checkpoint.note(end, keys) for keys in (KEYS, new.keys))
    assert checkpoint.read(before, new.keys) == checkpoint.read(now, new.keys) == end
    with pytest.raises(JournalDamagedError, match="signature"):
        checkpoint.read(checkpoint.note(end, Keys(bytes(32), KEYS.vault_id)), new.keys)
    with pytest.raises(JournalDamagedError, match="signature"):
        checkpoint.read(now, KEYS)
    assert checkpoint.verifier_key(KEYS) != checkpoint.verifier_key(new.keys)


def test_a_lost_state_of_before_is_found(new: Made) -> None:
    """Put back from before the new key, it is older than the journal."""
    through = new.keys.former[0][1]
    now = stored(new.directory)
    older = now._replace(segment=through, offset=new.segment(through).stat().st_size, closed=1)
    new.state.write_bytes(state.encode(older))
    assert new.verified().verdict == Verdict.TAMPERED


def test_a_journal_that_is_made_anew_has_the_new_key(new: Made, tmp_path: Path) -> None:
    """From its first segment on, where the owner gave up the old ones."""
    create(str(tmp_path / "audit"), KEYS.vault_id, NEW_KEY, new.records.describe)
    report = verify(Snapshot(str(tmp_path / "audit")), Keys(NEW_KEY, KEYS.vault_id), [], deep=True)
    assert report.verdict == Verdict.INTACT
