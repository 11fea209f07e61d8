"""What is appended is followed: across segments, in pieces, and from many processes."""

import multiprocessing
from pathlib import Path

import pytest

from secretctl.audit import segments
from secretctl.audit.following import Follower
from secretctl.audit.reader import Place, Reader
from secretctl.errors import UnsafePermissionsError
from tests.audit.written import append, journal, lines_of, read, record

PROCESSES, EACH = 6, 20


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A journal of four records."""
    return journal(tmp_path, [record(read("a"), n) for n in range(3)])


def end_of(directory: str) -> Place:
    """Return where the next record will begin."""
    number = segments.numbers(directory)[-1]
    return Place(number, Path(directory, segments.name_of(number)).stat().st_size)


def test_a_directory_that_others_can_change_is_followed_no_further(directory: str) -> None:
    """From the moment on that it is open to them; one that is moved aside is waited for."""
    follower = Follower(Reader(directory), end_of(directory))
    Path(directory).chmod(0o770)
    with pytest.raises(UnsafePermissionsError, match="others can reach the journal's directory"):
        list(follower.new())
    Path(directory).rename(f"{directory}.aside")
    assert list(follower.new()) == []


def test_nothing_is_shown_twice(directory: str) -> None:
    """Only what was appended behind the place comes, once."""
    follower = Follower(Reader(directory), end_of(directory))
    assert list(follower.new()) == []
    append(directory, [record(read("b"), 4), record(read("c"), 5)])
    assert [raw.line for raw in follower.new()] == lines_of(directory)[-2:]
    assert list(follower.new()) == []


def test_follower_goes_on_in_the_next_segments(directory: str) -> None:
    """Closing record, opening record and all behind them come in order, several segments on."""
    follower = Follower(Reader(directory), end_of(directory))
    for number in range(3):
        append(directory, [record(read("b"), number)], rotated=True)
    found = list(follower.new())
    assert [raw.line for raw in found] == lines_of(directory)[4:]
    assert [raw.place.segment for raw in found] == [1, 2, 2, 2, 3, 3, 3, 4, 4]
    append(directory, [record(read("c"), 9)])
    assert [raw.line for raw in follower.new()] == lines_of(directory)[-1:]


def test_line_comes_once_it_has_its_end(directory: str) -> None:
    """Half a line is not shown, and not counted as damage."""
    reader = Reader(directory)
    follower = Follower(reader, end_of(directory))
    append(directory, [record(read("b"), 4)])
    path = Path(directory, segments.name_of(1))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert list(follower.new()) == []
    path.write_bytes(whole)
    assert [raw.line for raw in follower.new()] == whole.splitlines(keepends=True)[-1:]
    assert reader.unreadable == 0


def test_what_was_taken_back_is_no_obstacle(directory: str) -> None:
    """A segment that is shorter than it was is followed from its new end."""
    path = Path(directory, segments.name_of(1))
    before = path.read_bytes()
    with path.open("ab") as file:
        file.write(before.splitlines(keepends=True)[-1])
    follower = Follower(Reader(directory), end_of(directory))
    path.write_bytes(before)
    assert list(follower.new()) == []
    append(directory, [record(read("b"), 4)])
    assert [raw.line for raw in follower.new()] == lines_of(directory)[-1:]


def test_journal_in_the_place_of_another_is_followed(tmp_path: Path) -> None:
    """Of an older copy with new records, what is later than the last shown comes, and only that."""
    directory = journal(tmp_path, [record(read("a"), n) for n in range(6)])
    older = journal(tmp_path / "older", [record(read("a"), n) for n in range(2)])
    follower = Follower(Reader(directory), end_of(directory))
    Path(directory).rename(tmp_path / "aside")
    assert list(follower.new()) == []
    Path(older).rename(directory)
    assert list(follower.new()) == []
    append(directory, [record(read("long" * 200), 7), record(read("b"), 8)])
    assert [raw.line for raw in follower.new()] == lines_of(directory)[-2:]
    append(directory, [record(read("c"), 9)])
    assert [raw.line for raw in follower.new()] == lines_of(directory)[-1:]


def _append_some(directory: str, process: int) -> None:
    for number in range(EACH):
        append(directory, [record(read(f"p{process}"), number)])


def test_many_processes_are_followed(directory: str) -> None:
    """Every record of several processes at once comes once, in the order of the journal."""
    follower = Follower(Reader(directory), end_of(directory))
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_some, args=(directory, n)) for n in range(PROCESSES)]
    for writer in writers:
        writer.start()
    found = []
    while any(writer.is_alive() for writer in writers):
        found += [raw.line for raw in follower.new()]
    found += [raw.line for raw in follower.new()]
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    assert found == lines_of(directory)[4:]
    assert len(found) == PROCESSES * EACH
