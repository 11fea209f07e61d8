"""A journal whose vault cannot be opened: what its hashes tell, and no more."""

from pathlib import Path

import pytest

from secretctl.audit import chain, recovery, segments
from secretctl.audit import state as states
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Known, Verdict
from secretctl.errors import JournalDamagedError
from tests.audit.conftest import Made
from tests.conftest import World
from tests.faults.commands import ended

WHY = "no key is here"


def verdict(made: Made) -> Verdict:
    """Return what is told without any key."""
    return chain.check(Snapshot(str(made.directory)), WHY).verdict


def test_a_sound_chain_cannot_be_verified(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why is said, and how far the hashes chain, over segments too."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 3_000)
    made.tell(20)
    report = chain.check(Snapshot(str(made.directory)), WHY)
    assert [finding.message for finding in report.findings] == [WHY]
    assert report.verdict == Verdict.UNVERIFIABLE
    assert report.segments > 1
    assert report.end == made.verified().end
    assert f"the hashes chain up to record {report.end.number}" in report.notes[0]


def test_each_changed_byte_breaks_the_chain(made: Made) -> None:
    """But for those of the MACs, which only a key tells."""
    made.tell(4)
    content = made.segment().read_bytes()
    unseen = 0
    for at in range(len(content)):
        changed = content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]
        made.segment().write_bytes(changed)
        unseen += verdict(made) == Verdict.UNVERIFIABLE
    assert 0 < unseen <= 5 * 65  # the MAC's digits, and the newline at the end


def test_a_journal_cut_short_is_truncated(made: Made) -> None:
    """Its state names more than there is."""
    made.tell(4)
    whole = made.segment().read_bytes()
    for end in (0, 10, len(whole) // 2, len(whole) - 1):
        made.segment().write_bytes(whole[:end])
        assert verdict(made) == Verdict.TRUNCATED


def test_a_missing_segment_breaks_the_chain(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """One between; whether the first was pruned, only a key tells."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1_500)
    made.tell(9)
    made.segment(2).unlink()
    report = chain.check(Snapshot(str(made.directory)), WHY)
    assert (report.verdict, report.notes) == (Verdict.TAMPERED, ())
    assert report.findings[1].message == "segment 00000002.jsonl is missing"
    made.segment(1).unlink()
    assert verdict(made) == Verdict.UNVERIFIABLE


def test_verify_tells_of_the_chain_where_no_key_is(world: World) -> None:
    """Exit status 3 with both said, 1 once a record was changed."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    key = next((world.home / ".config/secretctl/keys").iterdir())
    key.unlink()
    told = ended(world, "audit", "verify")
    assert (told.status, told.stderr) == (3, "")
    assert told.stdout.startswith("cannot be verified: ")
    assert "note: the hashes chain up to record 4" in told.stdout
    segment = Path(world.directory, "audit", "00000001.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"Root"', b'"Rood"', 1))
    assert ended(world, "audit", "verify").status == 1


def test_a_journal_whose_segments_are_all_gone_is_truncated(made: Made) -> None:
    """The state names an end that is not there; without the state nothing can be told."""
    made.tell(4)
    made.segment().unlink()
    assert verdict(made) == Verdict.TRUNCATED
    made.state.unlink()
    assert verdict(made) == Verdict.UNVERIFIABLE


def test_a_journal_goes_on_where_its_chain_and_its_state_end(made: Made) -> None:
    """Not behind another end than that, nor where a record that somebody has seen is missing."""
    made.tell(3)
    seen = made.verified().end
    known = (Known(seen, "this machine"),)
    assert chain.goes_on(Snapshot(str(made.directory)), known)
    other = (Known(seen._replace(number=seen.number + 1), "this machine"),)
    assert not chain.goes_on(Snapshot(str(made.directory)), other)
    place = made.directory / states.FILE
    stored = states.decode(place.read_bytes())
    assert stored is not None
    place.write_bytes(states.encode(stored._replace(hash=bytes(32))))
    assert not chain.goes_on(Snapshot(str(made.directory)), known)
    place.unlink()
    assert not chain.goes_on(Snapshot(str(made.directory)), known)


def test_a_journal_goes_on_behind_what_a_crash_left(made: Made) -> None:
    """A record that was announced may be there or not; one that nobody announced may not."""
    place = made.directory / states.FILE
    made.tell(2)
    before = states.decode(place.read_bytes())
    made.tell(1)
    after = states.decode(place.read_bytes())
    assert before is not None
    assert after is not None
    place.write_bytes(states.encode(recovery.announcing(before, after)))
    known = (Known(before.head, "this machine"),)
    assert chain.goes_on(Snapshot(str(made.directory)), known)
    whole = made.segment().read_bytes()
    made.segment().write_bytes(whole[: before.offset + 20])
    assert chain.goes_on(Snapshot(str(made.directory)), known)
    place.write_bytes(states.encode(before))
    with pytest.raises(JournalDamagedError):
        chain.goes_on(Snapshot(str(made.directory)), known)
