"""The processes that a program has started, found so that they can be ended with it.

Linux makes us the parent of what a descendant of ours leaves behind (PR_SET_CHILD_SUBREAPER), so
nothing that a program started is lost, unless it has begun a session of its own, as daemons do.

See: proc_pid_task(5), ``children``
"""

from __future__ import annotations

import os
from collections.abc import Set as AbstractSet
from contextlib import suppress

from secretctl.prctl import CHILD_SUBREAPER, prctl


def adopt_orphans() -> None:
    """Be the parent of the processes that our descendants leave behind."""
    prctl(CHILD_SUBREAPER, 1)


def below(process: int, but: AbstractSet[int] = frozenset()) -> list[int]:
    """Return all descendants of *process*, without those in *but* and their descendants."""
    found: list[int] = []
    todo = [process]
    while todo:
        children = [each for each in _children(todo.pop()) if each not in but]
        found += children
        todo += children
    return found


def in_sessions(processes: list[int], sessions: AbstractSet[int]) -> list[int]:
    """Return those of *processes* that belong to one of *sessions*."""
    return [each for each in processes if session(each) in sessions]


def session(process: int) -> int:
    """Return the session of *process*; -1 if it is gone."""
    try:
        return os.getsid(process)
    except OSError:
        return -1


def send(processes: list[int], number: int) -> None:
    """Send a signal to each of *processes* that is there, and ours to end."""
    for each in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, number)


def may_signal(process: int) -> bool:
    """Tell whether *process* is ours to signal, and not another user's by now."""
    try:
        os.kill(process, 0)
    except PermissionError:
        return False
    except ProcessLookupError:
        return True
    return True


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):  # it has ended, or Linux was built without
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    return found
