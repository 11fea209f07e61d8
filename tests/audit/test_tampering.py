"""What somebody without the vault's keys may do to a journal, and that each of it is found.

SECRETCTL_TEST_FULL=1 flips each byte in two ways and cuts at each; else every fifth in one of them,
and at every seventh.
"""

import os
from collections.abc import Iterator

import pytest

from secretctl.audit import line as lines
from secretctl.audit import segments, state
from secretctl.audit.line import Head
from secretctl.audit.records import own
from secretctl.audit.verdict import Keys, Known, Verdict
from tests.audit.conftest import REGION, Made, files, lay_out, make
from tests.conftest import World

IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
TAMPERED, TRUNCATED = Verdict.TAMPERED, Verdict.TRUNCATED


@pytest.fixture
def twenty(made: Made) -> Made:
    """A journal of 20 records in one segment."""
    made.tell(19)
    assert made.verified().verdict == Verdict.INTACT
    return made


@pytest.fixture
def three_hundred(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A journal of 300 records and more in several segments."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 40_000)
    made.tell(300)
    report = made.verified()
    assert report.verdict == Verdict.INTACT
    assert report.segments > 3
    return made


def verdicts(made: Made, contents: Iterator[dict[str, bytes]]) -> set[Verdict]:
    """Return what is found for each of the directory's contents."""
    found = set()
    for content in contents:
        lay_out(made.directory, content)
        found.add(made.verified().verdict)
    return found


def test_every_flipped_byte_is_found(twenty: Made) -> None:
    """Of 20 records, each byte: always tampered."""
    before = files(twenty.directory)
    name = twenty.segment().name

    def flipped() -> Iterator[dict[str, bytes]]:
        content = bytearray(before[name])
        for place in range(0, len(content), 1 if IS_FULL else 5):
            for bit in (1, 0x80) if IS_FULL else ((1, 0x80)[place % 2],):
                content[place] ^= bit
                yield {**before, name: bytes(content)}
                content[place] ^= bit

    assert verdicts(twenty, flipped()) == {TAMPERED}


def test_every_length_is_found(twenty: Made) -> None:
    """Cut anywhere: always truncated, the empty file included."""
    before = files(twenty.directory)
    name = twenty.segment().name
    ends = range(0, len(before[name]), 1 if IS_FULL else 7)
    cut = ({**before, name: before[name][:end]} for end in ends)
    assert verdicts(twenty, cut) == {TRUNCATED}


def test_every_flipped_byte_of_the_state_is_found(twenty: Made) -> None:
    """The state file as well."""
    before = files(twenty.directory)
    stored = before["state"]
    flipped = (
        {**before, "state": stored[:at] + bytes((stored[at] ^ 1,)) + stored[at + 1 :]}
        for at in range(len(stored))
    )
    assert verdicts(twenty, flipped) == {TAMPERED}


def each_line(made: Made) -> Iterator[tuple[dict[str, bytes], str, list[bytes]]]:
    """Yield each segment's lines with the directory's content and the segment's name."""
    before = files(made.directory)
    for name in sorted(before):
        if name.endswith(".jsonl"):
            yield before, name, before[name].splitlines(keepends=True)


def test_deleted_lines_are_found(three_hundred: Made) -> None:
    """Each of 300; the last one of the journal is a truncation."""
    found = []
    for before, name, records in each_line(three_hundred):
        for at in range(len(records)):
            rest = records[:at] + records[at + 1 :]
            lay_out(three_hundred.directory, {**before, name: b"".join(rest)})
            found.append(three_hundred.verified().verdict)
    # The end of the last segment is missed by its state, whichever line of it went.
    assert set(found) == {TAMPERED, TRUNCATED}
    assert found[-1] == TRUNCATED
    assert found.count(TAMPERED) > 200


def test_swapped_and_doubled_lines_are_found(three_hundred: Made) -> None:
    """Neighbours exchanged, and a line twice."""

    def changed() -> Iterator[dict[str, bytes]]:
        for before, name, records in each_line(three_hundred):
            for at in range(len(records) - 1):
                swapped = [*records[:at], records[at + 1], records[at], *records[at + 2 :]]
                yield {**before, name: b"".join(swapped)}
            for at in range(len(records)):
                doubled = [*records[: at + 1], *records[at:]]
                yield {**before, name: b"".join(doubled)}

    assert verdicts(three_hundred, changed()) == {TAMPERED}


def forged(made: Made, number: int, previous: bytes, key: bytes) -> bytes:
    """Return a record as somebody with *key* would make it."""
    record = made.records.of([own("Forged", REGION, {})])[0]
    return lines.written(number, previous, record.text, key)


def test_forged_lines_are_found(three_hundred: Made) -> None:
    """Put in anywhere, chained to what stands before, with the present key."""
    now = state.decode(three_hundred.state.read_bytes())
    assert now is not None

    def changed() -> Iterator[dict[str, bytes]]:
        for before, name, records in each_line(three_hundred):
            for at in range(1, len(records) + 1):
                previous = records[at - 1]
                number = int(str(lines.fields_of(previous)["index"])) + 1
                line = forged(three_hundred, number, lines.hash_of(previous), now.key)
                if number < now.number:
                    yield {**before, name: b"".join([*records[:at], line, *records[at:]])}

    assert verdicts(three_hundred, changed()) == {TAMPERED}


def test_what_is_cut_and_forged_anew_is_found(three_hundred: Made) -> None:
    """With the present key and a state made to fit: the key of a record is gone once it is used."""
    now = state.decode(three_hundred.state.read_bytes())
    assert now is not None
    before = files(three_hundred.directory)
    name = three_hundred.segment(now.segment).name
    records = before[name].splitlines(keepends=True)
    found = set()
    for at in range(1, len(records)):
        number = now.number - len(records) + at
        kept = b"".join(records[:at])
        line = forged(three_hundred, number, lines.hash_of(records[at - 1]), now.key)
        fitting = now._replace(
            offset=len(kept) + len(line), number=number + 1, hash=lines.hash_of(line)
        )
        lay_out(
            three_hundred.directory,
            {**before, name: kept + line, "state": state.encode(fitting)},
        )
        found.add(three_hundred.verified().verdict)
    assert found == {TAMPERED}


def test_segments_removed_or_exchanged_are_found(three_hundred: Made) -> None:
    """The first, one between, the last; two exchanged; one renamed."""
    before = files(three_hundred.directory)
    names = sorted(name for name in before if name.endswith(".jsonl"))

    def without(*gone: str) -> dict[str, bytes]:
        return {name: before[name] for name in before if name not in gone}

    first, second, third, *_, last = names
    exchanged = {**before, second: before[third], third: before[second]}
    renamed = {**without(last), f"{len(names) + 1:08d}.jsonl": before[last]}
    cases = {
        "first": without(first),
        "between": without(second),
        "last": without(last),
        "all": without(*names),
        "exchanged": exchanged,
        "renamed": renamed,
    }
    found = {}
    for case, content in cases.items():
        lay_out(three_hundred.directory, content)
        found[case] = three_hundred.verified().verdict
    assert found == {
        "first": TAMPERED,
        "between": TAMPERED,
        "last": TRUNCATED,
        "all": TRUNCATED,
        "exchanged": TAMPERED,
        "renamed": TAMPERED,
    }


def test_another_state_is_found(twenty: Made, world: World) -> None:
    """An older one of this system start, none at all, that of another journal."""
    older = twenty.state.read_bytes()
    twenty.tell(3)
    other = make(world.home / "other", world, Keys(b"k" * 32, b"another vault id"))
    other.tell(3)
    before = files(twenty.directory)
    cases = [
        {**before, "state": older},
        {name: before[name] for name in before if name != "state"},
        {**before, "state": other.state.read_bytes()},
        {**before, "state": b""},
    ]
    assert verdicts(twenty, iter(cases)) == {TAMPERED}
    other.journal.close()


def test_a_line_spelled_otherwise_is_found(twenty: Made) -> None:
    """It means the same JSON and is not what was written."""
    before = files(twenty.directory)
    name = twenty.segment().name
    content = before[name]
    cases = [
        content.replace(b"\n", b"\r\n"),
        content.replace(b'{"index":3,', b'{"index": 3,'),
        content.replace(b'"eventName":"Test"', b'"eventName":"\\u0054est"'),
        content.replace(b"\n", b"\n\n", 1),
        content + b"\n",
        b" " + content,
    ]
    changed = ({**before, name: each} for each in cases)
    assert verdicts(twenty, changed) == {TAMPERED}


def test_a_line_of_another_vault_is_found(twenty: Made, world: World) -> None:
    """In the same place of its own journal."""
    other = make(world.home / "other", world, Keys(b"k" * 32, b"another vault id"))
    other.tell(19)
    foreign = other.segment().read_bytes().splitlines(keepends=True)
    before = files(twenty.directory)
    name = twenty.segment().name
    own_lines = before[name].splitlines(keepends=True)
    changed = (
        {**before, name: b"".join([*own_lines[:at], foreign[at], *own_lines[at + 1 :]])}
        for at in range(len(own_lines))
    )
    assert verdicts(twenty, changed) <= {TAMPERED, TRUNCATED}
    other.journal.close()


def test_records_that_others_know_must_be_there(three_hundred: Made) -> None:
    """By number and hash: another hash is tampering, a number behind the end a truncation."""
    end = three_hundred.verified().end
    for number in (0, 5, 150, end.number):
        line = record(three_hundred, number)
        sound = Known(Head(number, lines.hash_of(line)), "a note")
        assert three_hundred.verified(sound).verdict == Verdict.INTACT
        wrong = Known(Head(number, b"\1" * 32), "a note")
        assert three_hundred.verified(wrong).verdict == TAMPERED
    beyond = Known(Head(end.number + 1, b"\1" * 32), "a note")
    assert three_hundred.verified(beyond).verdict == TRUNCATED


def record(made: Made, number: int) -> bytes:
    """Return the record with that number."""
    for _, _, records in each_line(made):
        for line in records:
            if lines.fields_of(line)["index"] == number:
                return line
    raise AssertionError(number)


def test_deep_finds_what_was_forged_before_its_segment_was_closed(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody with the state rewrites a record, and the segment is closed in good faith."""
    made.tell(5)
    content = made.segment().read_bytes()
    made.segment().write_bytes(content.replace(b'"n":2', b'"n":9'))
    monkeypatch.setattr(segments, "LARGEST_BYTES", 1)
    made.tell(2)
    assert made.verified().verdict == Verdict.INTACT
    assert made.verified(deep=True).verdict == TAMPERED
