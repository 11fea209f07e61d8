"""Kill -9 while a vault is made: the next one is made all the same, and no key file is left over.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import os
import random
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import World
from tests.faults.commands import ended, separately, strace

HAS_STRACE = shutil.which("strace") is not None
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
SAMPLE = 6
CALLS = "mkdir,openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,linkat,unlink,flock"
CREATE = ["create-secret", "--name", "a", "--secret-string", "v"]
KEYS = ".config/secretctl/keys"


def fresh(world: World, name: str) -> World:
    """Return a world whose home is empty."""
    home = world.home.parent / name
    home.mkdir(mode=0o700)
    context = world.context._replace(environ={**world.context.environ, "HOME": str(home)})
    return world._replace(home=home, context=context)


def points(world: World) -> tuple[list[tuple[str, int]], int]:
    """Return the calls by which a vault is made, and which of them is the first for its key file.

    A call is its name, and which of that name.
    """
    assert separately(fresh(world, "warm"), CREATE).status == 0  # bytecode is written once
    log = world.home.parent / "calls"
    words = strace("-o", str(log), "-e", f"trace={CALLS}")
    assert separately(world, CREATE, before=words).status == 0
    found: list[tuple[str, int]] = []
    counted: Counter[str] = Counter()
    key = 0
    for line in log.read_text().splitlines():
        call = re.sub(r"^\d+ +(\w+)\(.*", r"\1", line)
        counted[call] += 1
        if found or f'"{world.home}' in line:
            if not key and ".key" in line:
                key = len(found)
            found.append((call, counted[call]))
        if call == "rename" and "vault.db" in line:
            break
    return found, key


def killed(world: World, call: str, when: int) -> None:
    """Make a vault, killed as it makes that call."""
    inject = f"inject={call}:signal=KILL:when={when}"
    words = strace("-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
    assert separately(world, CREATE, before=words).status != 0


def names(place: Path) -> set[str]:
    """Return what lies in a directory, if there is one."""
    return {path.name for path in place.iterdir()} if place.is_dir() else set()


def kill_at_each_call(world: World) -> None:
    """The only key file is that of the vault, and what is left of another opens nothing."""
    chosen, key = points(fresh(world, "whole"))
    assert 10 < key < len(chosen)
    if not IS_FULL:
        chosen = [*random.Random(4).sample(chosen[:key], SAMPLE), *chosen[key:]]
    orphans = 0
    for number, (call, when) in enumerate(chosen):
        place = fresh(world, f"home{number}")
        killed(place, call, when)
        orphans += bool(names(place.home / KEYS)) and "vault.db" not in names(Path(place.directory))
        assert ended(place, *CREATE[:2], "b", *CREATE[3:]).status == 0
        vault = opening.open_vault(place.directory, place.context)
        assert check(vault).problems == ()
        assert names(place.home / KEYS) == {f"{vault.keys.vault_id.hex()}.key"}
        vault.close()
    assert orphans > 3


if HAS_STRACE:
    test_a_kill_leaves_no_key_file_without_a_vault = kill_at_each_call
else:
    sys.stderr.write("WARNING: no strace: kills while a vault is made are NOT TRIED\n")
