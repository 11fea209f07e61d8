"""One at a time, nobody passed over, and no wait longer than was said."""

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from secretctl.errors import StoreBusyError, StoreError
from secretctl.store import waiting as waits
from secretctl.store.lock import FileLock
from tests.odd_files import KINDS, replace
from tests.store.queued import await_queued


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where the lock's file is to lie."""
    return str(tmp_path / "vault.lock")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux shows it")
@pytest.mark.parametrize("name", ["vault.lock", "vault.lock.queue"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_no_lock(path: str, tmp_path: Path, name: str, kind: str) -> None:
    """It is named, at once, and nothing stays open; the hint that is typed helps."""
    replace(tmp_path / name, kind, tmp_path / "away")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(StoreError, match=f"lock is a {kind}, not a regular file: {name}") as error:
        FileLock(path, 10).acquire()
    assert os.listdir("/proc/self/fd") == before
    subprocess.run(error.value.hints[0], shell=True, check=True)
    with FileLock(path, 0):
        pass


@pytest.mark.parametrize("owner", [0, 12345])
def test_a_lock_that_others_can_open_is_refused(path: str, owner: int) -> None:
    """They could hold it for ever."""
    Path(path).touch(0o600)
    if owner and os.geteuid():
        pytest.skip("only root gives files away")
    if owner:
        os.chown(path, owner, -1)
    else:
        Path(path).chmod(0o666)
    said = "somebody else's" if owner else "not yours alone"
    with pytest.raises(StoreError, match=f"the vault's lock is {said}: vault.lock"):
        FileLock(path, 10).acquire()


def close(*each: FileLock) -> None:
    """Give the files of locks back."""
    for lock in each:
        lock.close()


def begun(lock: FileLock, done: list[FileLock]) -> threading.Thread:
    """Let another thread wait for *lock*, hold it for a moment, and say so."""

    def wait() -> None:
        with lock:
            done.append(lock)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_whoever_lets_go_goes_behind_who_waits(path: str) -> None:
    """A holder that wants the lock again at once has it after the one who stood in the queue."""
    holder, other = FileLock(path, 10), FileLock(path, 10)
    for _ in range(20):
        done: list[FileLock] = []
        holder.acquire()
        thread = begun(other, done)
        await_queued(path)
        holder.release()
        with holder:
            done.append(holder)
        thread.join()
        assert done == [other, holder]
    close(holder, other)


def test_all_who_wait_have_their_turn(path: str) -> None:
    """Each of several waiters has the lock once the one before lets go."""
    holder, *others = [FileLock(path, 10) for _ in range(5)]
    done: list[FileLock] = []
    holder.acquire()
    threads = [begun(each, done) for each in others]
    await_queued(path, len(others))
    holder.release()
    for thread in threads:
        thread.join(20)
    assert set(done) == set(others)
    close(holder, *others)


def test_waiting_costs_no_processor_and_ends_at_once(path: str) -> None:
    """A waiter sleeps while another holds the lock, and has it as soon as that lets go."""
    holder, other = FileLock(path, 10), FileLock(path, 10)
    done: list[FileLock] = []
    holder.acquire()
    thread = begun(other, done)
    await_queued(path)
    used = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - used < 0.1
    holder.release()
    thread.join(20)
    assert done == [other]
    close(holder, other)


@pytest.mark.parametrize("timeout_s", [0, 0.2])
def test_who_gave_up_does_not_get_the_lock_later(path: str, timeout_s: float) -> None:
    """A wait that ended with an error leaves the queue: neither lock nor descriptor is kept."""
    holder = FileLock(path, 10)
    holder.acquire()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(StoreBusyError):
        FileLock(path, timeout_s).acquire()
    holder.release()
    next_one = FileLock(path, 5)
    with next_one, pytest.raises(StoreBusyError):
        FileLock(path, 0).acquire()
    next_one.close()
    ends = time.monotonic() + 20
    while len(os.listdir("/proc/self/fd")) != before:
        assert time.monotonic() < ends, "a descriptor is kept"
        time.sleep(0.01)


def test_a_system_without_threads_is_no_obstacle(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no thread can be started, a waiter looks now and then."""

    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(waits, "start_new_thread", refuse)
    holder, other = FileLock(path, 10), FileLock(path, 10)
    done: list[FileLock] = []
    holder.acquire()
    thread = begun(other, done)
    time.sleep(0.1)
    assert done == []
    holder.release()
    thread.join(20)
    assert done == [other]
    close(holder, other)
