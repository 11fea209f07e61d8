"""A moment of the journal is taken while nobody appends, and by many at once."""

import fcntl
import os
import threading
from collections.abc import Iterator

import pytest

from secretctl.audit import snapshot
from secretctl.audit.journal import LOCK_FILE
from secretctl.audit.snapshot import Snapshot
from secretctl.errors import JournalUnavailableError
from tests.audit.conftest import Made


@pytest.fixture
def lock(made: Made) -> Iterator[int]:
    """The lock of a journal, open as somebody else has it."""
    handle = os.open(made.directory / LOCK_FILE, os.O_RDWR)
    yield handle
    os.close(handle)


def test_it_is_taken_once_nobody_appends(made: Made, lock: int) -> None:
    """Who holds the lock keeps it waiting, and it sees what they wrote."""
    fcntl.flock(lock, fcntl.LOCK_EX)
    before, seen = made.segment().stat().st_size, []
    thread = threading.Thread(target=lambda: seen.append(Snapshot(str(made.directory))))
    thread.start()
    thread.join(0.05)
    assert not seen
    with made.segment().open("ab") as file:
        file.write(b"x")
    fcntl.flock(lock, fcntl.LOCK_UN)
    thread.join(5)
    assert [each.sizes for each in seen] == [{1: before + 1}]


def test_others_who_only_look_are_not_waited_for(
    made: Made, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is shared among them."""
    monkeypatch.setattr(snapshot, "WAIT_S", 0)
    fcntl.flock(lock, fcntl.LOCK_SH)
    assert Snapshot(str(made.directory)).has_state


def test_a_wait_ends_with_a_refusal(made: Made, lock: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the lock for ever does not stop the command for ever."""
    monkeypatch.setattr(snapshot, "WAIT_S", 0.05)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(JournalUnavailableError, match="another process holds the journal"):
        Snapshot(str(made.directory))
