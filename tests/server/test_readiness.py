"""Whether a server is ready: as long as it can answer, and no longer, asked much or not at all."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.server import work
from tests.conftest import World
from tests.server.served import READY, WAIT_S, Served, create, serving

TOKEN = b"token of the agent"
READ = b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: %s\r\n\r\n" % TOKEN
FULL = os.statvfs_result((4096, 4096, 1000, 0, 0, 1000, 10, 10, 0, 255))


@pytest.fixture
def served(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that looks twenty times a second, and remembers for half of one."""
    monkeypatch.setattr(work, "_TICK_S", 0.05)
    monkeypatch.setattr(work, "_READY_S", 0.5)
    with serving(world, token=TOKEN) as made:
        create(made.world, "a", "v")
        yield made


def wait_for(served: Served, status: int) -> None:
    """Wait until the server says that it is ready, or that it is not."""
    ends = time.monotonic() + WAIT_S
    while served.status(READY) != status:
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["vault.db", "audit"])
def test_what_is_away_is_noticed_without_a_request(served: Served, name: str) -> None:
    """Vault or journal; once it is back, the server is ready again."""
    there = Path(served.world.directory) / name
    away = there.rename(there.with_name("away"))
    wait_for(served, 503)
    away.rename(there)
    wait_for(served, 200)
    assert served.status(READ) == 200


@pytest.mark.parametrize("name", ["vault.db", "audit"])
def test_requests_that_fail_do_not_make_it_ready(served: Served, name: str) -> None:
    """However many there are: whoever balances load would send more of them."""
    there = Path(served.world.directory) / name
    away = there.rename(there.with_name("away"))
    ends = time.monotonic() + 1.5
    while time.monotonic() < ends:
        assert (served.status(READ), served.status(READY)) == (500, 503)
    away.rename(there)
    wait_for(served, 200)


def test_a_full_disk_is_noticed_without_a_request(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No read could be recorded there."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", lambda _: FULL)
        wait_for(served, 503)
    wait_for(served, 200)


def test_what_one_caller_asks_for_does_not_matter_to_others(served: Served) -> None:
    """A secret that is not there is no trouble of the server's."""
    assert served.status(READ.replace(b"/a ", b"/none ")) == 400
    assert served.status(READY) == 200
