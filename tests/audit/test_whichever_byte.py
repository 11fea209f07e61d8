"""A journal of several segments in which anything is changed: found, by name, and no crash."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.audit import chain, prune, segments
from secretctl.audit.line import SUFFIX_BYTES
from secretctl.audit.records import own
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Report, Verdict
from secretctl.errors import JournalDamagedError
from tests.audit.conftest import REGION, Made, files, lay_out

TAMPERED = Verdict.TAMPERED


@pytest.fixture
def three(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A journal of three segments."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 4_000)
    made.tell(13)
    made.journal.close()
    assert made.verified().segments == 3
    assert made.verified().verdict == Verdict.INTACT
    return made


def pruned(made: Made) -> Made:
    """Return the journal with its first segment pruned, on record."""
    planned = prune.plan(Snapshot(str(made.directory)), 1 << 50, made.verified().end)
    assert planned is not None
    made.journal.append(
        made.records.of([own("PruneJournal", REGION, prune.statement(planned, made.keys))])
    )
    prune.remove(str(made.directory), [name for name, _, _ in planned.gone])
    made.journal.close()
    assert made.verified(deep=True).findings == ()
    return made


def first_finding(report: Report) -> tuple[Verdict, str]:
    """Return what is told first."""
    return report.findings[0].verdict, report.findings[0].message


@pytest.mark.parametrize("is_pruned", [False, True])
def test_whichever_byte_is_changed_is_found(three: Made, is_pruned: bool) -> None:  # noqa: FBT001 a case
    """In any file, to any other: never intact, with or without key, and never a crash."""
    if is_pruned:
        pruned(three)
    before = files(three.directory)
    names = sorted(name for name, content in before.items() if content)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def changed(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(names))
        content = bytearray(before[name])
        ends = [*range(SUFFIX_BYTES + 20), *range(len(content) - SUFFIX_BYTES - 20, len(content))]
        near = [at for at in ends if 0 <= at < len(content)]
        at = data.draw(st.integers(0, len(content) - 1) | st.sampled_from(near))
        content[at] ^= data.draw(st.integers(1, 255))
        lay_out(three.directory, {**before, name: bytes(content)})
        for deep in (False, True):
            assert three.verified(deep=deep).verdict != Verdict.INTACT
        assert chain.check(Snapshot(str(three.directory)), "no key").verdict != Verdict.INTACT

    changed()


def test_the_segment_that_was_changed_is_the_one_that_is_named(three: Made) -> None:
    """Not the next one, which shows it: a closing record's hash, a line behind it, a record."""
    before = files(three.directory)
    name = three.segment(2).name
    content = before[name]
    records = content.splitlines(keepends=True)
    at = len(content) - SUFFIX_BYTES + len(b',"hash":"')
    other = b"0" if content[at : at + 1] != b"0" else b"1"
    last = sum(len(three.segment(s).read_bytes().splitlines()) for s in (1, 2)) - 1
    cases = {
        "closing": (content[:at] + other + content[at + 1 :], last),
        "no digit": (content[:at] + b"x" + content[at + 1 :], last),
        "behind": (content + records[-1], last + 1),
        "middle": (content.replace(b'"n":', b'"m":', 1), last - len(records) + 2),
    }
    for case, (now, number) in cases.items():
        lay_out(three.directory, {**before, name: now})
        for deep in (False, True):
            verdict, message = first_finding(three.verified(deep=deep))
            assert verdict == TAMPERED, case
            assert message.startswith(f"record {number} in {name}: "), (case, deep, message)


@pytest.mark.parametrize("left", [b"", b'{"index":'])
def test_what_was_changed_before_a_last_segment_without_records_is_found(
    three: Made, left: bytes
) -> None:
    """Nothing vouches for the segment before it as a whole, so each of its records is checked."""
    changed = three.segment(2).read_bytes().replace(b'"n":', b'"m":', 1)
    lay_out(
        three.directory,
        {**files(three.directory), three.segment(2).name: changed, three.segment(3).name: left},
    )
    for deep in (False, True):
        verdict, message = first_finding(three.verified(deep=deep))
        assert (verdict, three.segment(2).name in message) == (TAMPERED, True)


def test_a_pruned_journal_under_a_pruned_name_is_tampering(three: Made) -> None:
    """Nothing of it is left then, and the segment behind those that were pruned is missing."""
    pruned(three)
    content = files(three.directory)
    left = [content.pop(name) for name in sorted(content) if name.endswith(".jsonl")]
    lay_out(three.directory, {**content, three.segment(2).name: left[-1]})
    for deep in (False, True):
        report = three.verified(deep=deep)
        assert report.verdict == TAMPERED
        assert report.findings[-1].message == "segment 00000003.jsonl is missing"


def test_a_segment_with_the_number_0_is_none(three: Made) -> None:
    """They begin with 1: the file is named, as all that have a name no segment has."""
    os.close(segments.create(str(three.segment(0)), b""))
    with pytest.raises(JournalDamagedError, match=r"a name no segment has: 00000000\.jsonl"):
        three.verified()


def test_an_owners_word_that_cannot_be_read_is_none(three: Made) -> None:
    """Whatever somebody else writes into its place in a journal that is not whole."""
    three.segment(1).unlink()
    line = b'{"eventName":"PruneJournal","requestParameters":%s}\n'
    for said in (
        rb'{"ownerMac":"\ud800"}',
        rb'{"ownerMac":"0","throughSegment":"\udfff"}',
        b'{"ownerMac":"0","a":' + b"[" * 900 + b"]" * 900 + b"}",
        b"[]",
    ):
        three.segment(2).write_bytes(line % said)
        assert three.verified().verdict == TAMPERED
