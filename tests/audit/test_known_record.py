"""A record that is known is found wherever it lies in a journal, and another in its place."""

import pytest

from secretctl.audit import known_record, segments
from secretctl.audit import line as lines
from secretctl.audit.line import Head
from tests.audit.conftest import Made


def hashes(made: Made) -> dict[int, bytes]:
    """Return the hash of each record that is there."""
    there = b"".join(file.read_bytes() for file in made.directory.glob("*.jsonl"))
    found = [line for line in there.splitlines(keepends=True) if lines.before(line) is not None]
    return {int(str(lines.fields_of(line)["index"])): lines.hash_of(line) for line in found}


def differing(made: Made, known: dict[int, bytes]) -> set[int]:
    """Return which of the *known* have another record in their place."""
    place, stands = str(made.directory), made.journal.settled()
    heads = [Head(number, each) for number, each in known.items()]
    return {each.number for each in heads if known_record.is_another(place, stands, each)}


@pytest.mark.parametrize("size", [20_000, segments.LARGEST_BYTES])
def test_each_record_is_found(made: Made, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """In many segments and in one, first and last ones too."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", size)
    made.tell_at_once(150)
    made.tell(30)
    made.tell_at_once(150)
    known = hashes(made)
    assert len(known) > 330
    assert not differing(made, known)
    assert differing(made, dict.fromkeys(known, bytes(32))) == set(known)


def test_what_is_not_there_is_for_verify_to_find(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pruned segments, and lines that are none."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 20_000)
    for _ in range(3):
        made.tell_at_once(30)
    known = hashes(made)
    made.segment(1).unlink()
    made.segment(2).write_bytes(b"no record\n" * 100)
    left = {number for number in known if number not in hashes(made)}
    assert left
    assert not differing(made, dict.fromkeys(left, bytes(32)))


def test_a_record_of_a_pruned_segment_is_no_other(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is left of a segment, nothing stands in the place of its records."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 20_000)
    for _ in range(3):
        made.tell_at_once(30)
    first = set(hashes(made))
    made.segment(1).unlink()
    pruned = first - set(hashes(made))
    assert pruned
    assert not differing(made, dict.fromkeys(pruned, bytes(32)))


def test_a_record_behind_the_end_is_no_other(made: Made) -> None:
    """A number that no record has yet is nobody's."""
    made.tell(3)
    assert not differing(made, {max(hashes(made)) + 1: bytes(32)})
