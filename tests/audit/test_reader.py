"""Records are read as they lie on the disk, from either end, whatever lies between them."""

import json
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.audit import line as lines
from secretctl.audit import segments
from secretctl.audit.line import is_record
from secretctl.audit.reader import Reader
from secretctl.errors import JournalDamagedError, NoJournalFileError, UnsafePermissionsError
from tests.audit.written import append, journal, lines_of, read, record
from tests.odd_files import KINDS, replace


def many(first: int, count: int) -> list[dict[str, object]]:
    """Return *count* records of reads, some of them long."""
    numbers = range(first, first + count)
    return [record(read("s" * (number % 200 + 1)), number) for number in numbers]


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A journal of three segments, the second longer than a block."""
    made = journal(tmp_path, many(0, 3))
    append(made, many(3, 200), rotated=True)
    append(made, many(203, 2), rotated=True)
    return made


def test_both_directions_give_every_line_once(directory: str) -> None:
    """Forward is the order of the files, backward its reverse, across segments and blocks."""
    forward = [raw.line for raw in Reader(directory).forward()]
    assert forward == lines_of(directory)
    assert [raw.line for raw in Reader(directory).backward()] == forward[::-1]


def test_place_says_where_a_line_begins(directory: str) -> None:
    """Each place leads to its line, and reading backward goes on before it."""
    backward = list(Reader(directory).backward())
    for raw in backward:
        content = Path(directory, segments.name_of(raw.place.segment)).read_bytes()
        assert content.startswith(raw.line, raw.place.offset)
    for at in (0, 1, 100, len(backward) - 1):
        assert list(Reader(directory).backward(backward[at].place)) == backward[at + 1 :]


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(
        st.one_of(
            st.just(b""),
            st.just(b"\n"),
            st.binary(max_size=40),
            st.just(b"x" * 70_000),
            st.just(b"\r\x00\xff\n"),
            st.just(b'{"index":'),
        ),
        max_size=6,
    )
)
def test_lines_that_are_no_records_are_counted_alike(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    """Whatever stands in a file, both directions find the same records around it."""
    made = journal(tmp_path_factory.mktemp("j"), many(0, 4))
    whole = lines_of(made)
    mixed = b"".join(line + part for line, part in zip(whole, [*parts, *[b""] * 5], strict=False))
    Path(made, segments.name_of(1)).write_bytes(mixed)
    forward, backward = Reader(made), Reader(made)
    found = [raw.line for raw in forward.forward() if forward.fields(raw)]
    assert found == [raw.line for raw in backward.backward() if backward.fields(raw)][::-1]
    assert set(found) <= set(whole)
    assert bool(forward.unreadable) == bool(backward.unreadable)
    assert forward.unreadable or mixed == b"".join(whole[: len(found)])


def test_torn_last_line_is_skipped_and_counted(directory: str) -> None:
    """A line without its end was never acknowledged: it is no record, and one is counted."""
    last = Path(directory, segments.name_of(3))
    last.write_bytes(last.read_bytes()[:-1])
    reader = Reader(directory)
    assert next(iter(reader.backward())).line == lines_of(directory)[-2]
    assert reader.unreadable == 1


def test_line_that_is_being_written_is_waited_for(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line of a process that is at it is no damage."""
    monkeypatch.setattr("secretctl.audit.reader._TRIES", 200)
    last = Path(directory, segments.name_of(3))
    content = last.read_bytes()
    last.write_bytes(content[:-30])

    def finish() -> None:
        time.sleep(0.05)
        with last.open("ab") as file:
            file.write(content[-30:])

    writer = threading.Thread(target=finish)
    writer.start()
    reader = Reader(directory)
    newest = next(iter(reader.backward()))
    writer.join()
    assert newest.line == content.splitlines(keepends=True)[-1]
    assert reader.unreadable == 0


def test_line_with_the_form_but_no_json_is_counted(directory: str) -> None:
    """What looks like a record and cannot be parsed is skipped and counted."""
    first = Path(directory, segments.name_of(1))
    first.write_bytes(first.read_bytes().replace(b'"eventVersion":', b'"eventVersion"}', 1))
    reader = Reader(directory)
    parsed = [reader.fields(raw) for raw in reader.forward()]
    assert parsed.count(None) == reader.unreadable == 1


@pytest.mark.parametrize("now_ms", [253_402_300_800_000, 10**18, -(10**15)])
def test_line_of_no_time_is_left_out_and_counted(tmp_path: Path, now_ms: int) -> None:
    """A time that no calendar has ends no question."""
    odd = record(read("odd"), 1)
    odd["additionalEventData"] = {"timeMs": now_ms}
    reader = Reader(journal(tmp_path, [record(read("a"), 0), odd, record(read("b"), 2)]))
    told = [reader.fields(raw) for raw in reader.forward()]
    assert told.count(None) == reader.unreadable == 1
    assert len(told) == 4


def test_bytes_that_were_no_text_are_replaced(tmp_path: Path) -> None:
    """What is told of a record can be written as UTF-8; its line stays what it is."""
    odd = record(read("db"), 0, {"type": "IAMUser", "userName": "a\ud800"}, "\U0001f511")
    reader = Reader(journal(tmp_path, [odd]))
    raw = next(reader.backward())
    fields = reader.fields(raw)
    assert fields is not None
    assert fields["userIdentity"] == {"type": "IAMUser", "userName": "a\ufffd"}
    assert b"a\\ud800" in raw.line
    assert json.dumps(fields, ensure_ascii=False).encode()


def test_empty_journal_is_refused_and_an_empty_segment_counted(directory: str) -> None:
    """No journal is without its first record, and no segment is."""
    Path(directory, segments.name_of(2)).write_bytes(b"")
    reader = Reader(directory)
    assert list(reader.backward())
    assert reader.unreadable == 1
    for number in (1, 3):
        Path(directory, segments.name_of(number)).write_bytes(b"")
    with pytest.raises(JournalDamagedError, match="journal is empty"):
        next(Reader(directory).backward())
    for number in (1, 2, 3):
        Path(directory, segments.name_of(number)).unlink()
    with pytest.raises(JournalDamagedError, match="journal is empty"):
        next(Reader(directory).forward())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_segment_is_named_and_never_read(tmp_path: Path, kind: str) -> None:
    """Also where it is the only one, and has no bytes: no question waits for a writer."""
    directory = journal(tmp_path, many(0, 3))
    replace(Path(directory, segments.name_of(1)), kind, tmp_path / "away")
    for read_all in (Reader(directory).forward, Reader(directory).backward):
        with pytest.raises(NoJournalFileError, match=f"is a {kind}, not a regular file: 00000001"):
            list(read_all())


def test_missing_journal_and_open_permissions_are_refused(directory: str, tmp_path: Path) -> None:
    """No journal is an error, never an empty answer; and others must not have written it."""
    with pytest.raises(JournalDamagedError):
        list(Reader(str(tmp_path / "none")).forward())
    Path(directory, segments.name_of(2)).chmod(0o644)
    with pytest.raises(UnsafePermissionsError):
        list(Reader(directory).backward())


def test_reading_changes_nothing(directory: str) -> None:
    """No file is made, written or touched."""
    before = {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in Path(directory).iterdir()
    }
    list(Reader(directory).forward())
    list(Reader(directory).backward())
    assert before == {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in Path(directory).iterdir()
    }


def test_memory_does_not_grow_with_the_journal(tmp_path: Path) -> None:
    """Going through 4,000 records takes no more memory than through 400."""

    def peak(folder: Path, count: int) -> int:
        folder.mkdir()
        made = journal(folder, many(0, count))
        tracemalloc.start()
        for _ in Reader(made).backward():
            pass
        for _ in Reader(made).forward():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(tmp_path / "large", 4000) < 1.2 * peak(tmp_path / "small", 400)


def test_record_is_known_by_both_ends_and_its_length(directory: str) -> None:
    """A line with another beginning, end, suffix or a greater length is none."""
    line = lines_of(directory)[0]
    assert is_record(line)
    long = line.replace(b'"eventVersion"', b" " * lines.LARGEST_BYTES + b'"eventVersion"')
    for other in (line[:-1], line[1:], line[:-2] + b"]\n", line.replace(b',"hash":', b',"hasch":')):
        assert not is_record(other)
    assert not is_record(long)
    assert not is_record(b"\n")
    assert not is_record(b"")
