"""Whether a server is ready: as long as it can answer, and no longer, asked much or not at all."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.domain.credential import Given
from secretctl.server import work
from tests.conftest import World
from tests.faults.commands import ended
from tests.server.served import READY, WAIT_S, Served, create, serving

TOKEN = b"token of the agent"
READ = b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: %s\r\n\r\n" % TOKEN
FULL = os.statvfs_result((4096, 4096, 1000, 0, 0, 1000, 10, 10, 0, 255))


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers look twenty times a second, and remember for half of one."""
    monkeypatch.setattr(work, "_TICK_S", 0.05)
    monkeypatch.setattr(work, "_READY_S", 0.5)


@pytest.fixture
def served(world: World, _hasty: None) -> Iterator[Served]:
    """A server of the vault's owner."""
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


@pytest.mark.usefixtures("_hasty")
def test_a_server_whose_own_key_is_good_no_more_is_not_ready(world: World) -> None:
    """It would refuse everything; once the key is active again, it is ready."""
    assert ended(world, "init").status == 0
    ended(world, "iam", "create-user", "--user-name", "u")
    said = ended(world, "iam", "create-access-key", "--user-name", "u", "--output", "json").stdout
    made = json.loads(said)["AccessKey"]
    given = Given(made["AccessKeyId"], made["SecretAccessKey"], "")
    update = ("iam", "update-access-key", "--user-name", "u", "--access-key-id", given.key_id)
    with serving(world, given=given) as served:
        assert ended(world, *update, "--status", "Inactive").status == 0
        wait_for(served, 503)
        assert ended(world, *update, "--status", "Active").status == 0
        wait_for(served, 200)
    told = {f"{error}" for error in served.troubles}
    assert told == {
        "the access key that opened the vault opens it no more: every request is refused"
    }
