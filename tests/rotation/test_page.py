"""docs/rotation.md rotates the credential of a real PostgreSQL, and goes on doing so each week.

The page's server is ``db.example.com`` on port 5432; here it is a server of this machine, whose
superuser's password psql finds in a file instead of asking for it. In the place of crontab stands
a script that keeps what it is given.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import DAY_MS, World
from tests.faults.commands import ended
from tests.rotation.postgres import IS_HERE, SUPERUSER, SUPERUSER_PASSWORD, Server
from tests.transcript import Masks, environment

pytestmark = pytest.mark.skipif(not IS_HERE, reason="PostgreSQL is not installed")
PAGE = (Path(__file__).parent.parent.parent / "docs/rotation.md").read_text()
SECTION = PAGE.partition("\n## A PostgreSQL credential, weekly\n")[2].partition("\n## ")[0]
BLOCKS = "".join(re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL))
COMMANDS = re.findall(r"^\$ (?:.*<<'END'\n(?:.*\n)*?END\n|(?:.*\\\n)*.*\n)", BLOCKS, re.MULTILINE)
CRONTAB = '#!/bin/sh\nif [ "$1" = -l ]; then cat ~/crontab; else cat > ~/crontab; fi\n'
WEEKS = 3


class Reader:
    """Somebody who types what the page says."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server = home, server
        (home / "bin").mkdir()
        (home / "bin/crontab").write_text(CRONTAB)
        (home / "bin/crontab").chmod(0o755)
        words = f"127.0.0.1:{server.port}:*:{SUPERUSER}:{SUPERUSER_PASSWORD}\n"
        (home / ".pgpass").write_text(words)
        (home / ".pgpass").chmod(0o600)

    def types(self, command: str) -> str:
        """Return what a command of the page shows, with the server of this machine."""
        port = str(self.server.port)
        command = command.replace("psql -h", f"psql -p {port} -h").replace("5432", port)
        here = environment(self.home)
        done = subprocess.run(
            ["sh", "-c", command.replace("db.example.com", "127.0.0.1")],
            env={**here, "PATH": f"{self.home / 'bin'}:{here['PATH']}"},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout


@pytest.fixture
def reader(world: World) -> Iterator[Reader]:
    """A home with nothing in it, and a server with nothing of the page's in it."""
    server = Server()
    server.start()
    try:
        yield Reader(world.home, server)
    finally:
        server.remove()


def test_a_credential_rotates_every_week(reader: Reader, world: World) -> None:
    """All that the page shows, then what cron does from Sunday to Sunday."""
    assert COMMANDS
    shown = "".join(each + reader.types(each.removeprefix("$ ")) for each in COMMANDS)
    assert Masks()(shown).splitlines() == Masks()(BLOCKS).splitlines()
    due_in_windows_alone(reader, world)


def due_in_windows_alone(reader: Reader, world: World) -> None:
    """Rotate week after week, by the line of the crontab."""
    *_, command = (world.home / "crontab").read_text().strip().split(" ", 5)
    assert reader.types(f"env -i HOME=$HOME PATH=/usr/bin:/bin {command}") == ""
    program, *words = command.split(" ")
    assert Path(program).name == "secretctl"
    for _ in range(WEEKS):
        row, before = standing(world), login(reader)
        assert row["State"] == "waiting"
        begin = datetime.fromisoformat(str(row["WindowStart"]))
        assert (begin.strftime("%A"), begin.hour) == ("Sunday", 4)
        world.clock.now_ms = int(begin.timestamp() * 1000) - 1000
        assert ended(world, *words).stdout == ""
        world.clock.pass_ms(1000)
        assert json.loads(ended(world, *words).stdout)["Result"] == "rotated"
        assert reader.server.opens(*login(reader))
        assert not reader.server.opens(*before)
    assert world.clock.now_ms - time.time() * 1000 > (WEEKS - 1) * 7 * DAY_MS


def standing(world: World) -> dict[str, object]:
    """Return what is told of the only secret that is rotated."""
    (row,) = json.loads(ended(world, "rotation", "status").stdout)["Rotations"]
    assert isinstance(row, dict)
    return row


def login(reader: Reader) -> tuple[str, str]:
    """Return name and password that the secret holds."""
    value = json.loads(reader.types("secretctl get prod/db"))
    return value["username"], value["password"]
