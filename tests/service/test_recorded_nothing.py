"""What is refused before the vault is opened leaves nothing in its journal, as is documented."""

from pathlib import Path

import pytest

from secretctl.vault import layout
from tests.conftest import World
from tests.faults.commands import ended
from tests.service.conftest import Told
from tests.vault.stored import change

CANARY = "canary90ce"
GET = ("get-secret-value", "--secret-id", "a")
INSIDE = "INSIDE"
"""Stands for a path in the vault's directory."""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("get-secret-value",), 252),
        ((*GET, f"--{CANARY}"), 252),
        ((*GET, "--version-id", "short"), 252),
        ((*GET, "--profile", "none"), 253),
        (("exec", "a", "true"), 252),
        (("unlock-slot", "add"), 252),
        (("unlock-slot", "remove", CANARY), 252),
        (("audit", "prune", "--before", "soon"), 252),
        (("audit", "checkpoint", "--out", INSIDE), 252),
        (("backup", INSIDE), 252),
        (("policy", "who-can", "Nothing", "a"), 252),
        (("audit", CANARY), 252),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_what_is_refused_before_the_door_is_not_recorded(
    world: World, told: Told, words: tuple[str, ...], status: int
) -> None:
    """The vault stays closed: there is nothing that was done to it."""
    given = [word.replace(INSIDE, f"{world.directory}/x") for word in words]
    assert ended(world, *given).status == status
    assert told.lines() == []


def test_a_vault_without_a_header_is_refused_unrecorded(world: World, told: Told) -> None:
    """Whose journal that is stands in the header."""
    change(Path(world.directory, "vault.db"), {layout.HEADER: b"nonsense"})
    assert ended(world, *GET).status == 253
    assert told.lines() == []


def test_what_completion_tries_is_recorded_where_it_does_not_open_the_vault(
    world: World, told: Told
) -> None:
    """And what it lists is not."""
    words = ("__complete", "--", "get-secret-value", "--secret-id", "")
    assert ended(world, *words).stdout == "a\nb\n"
    assert told.lines() == []
    next(Path(world.home, ".config/secretctl/keys").iterdir()).chmod(0o644)
    assert ended(world, *words).stdout == ""
    assert told.names() == [("UnlockVault", "", "UnsafePermissionsError")]


@pytest.mark.parametrize("words", [("status",), ("unlock-slot", "list"), ("audit", "verify")])
def test_keys_that_these_try_are_not_recorded(
    world: World, told: Told, words: tuple[str, ...]
) -> None:
    """They tell of it on the spot."""
    next(Path(world.home, ".config/secretctl/keys").iterdir()).chmod(0o644)
    ended(world, *words)
    assert told.lines() == []


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "checkpoint", "--key"),
        ("audit", "prune", "--before", "1d"),
        ("policy", "apply", "--dry-run"),
        ("rekey", "--dry-run"),
    ],
)
def test_what_does_nothing_is_no_more_than_its_unlocking(
    world: World, told: Told, words: tuple[str, ...]
) -> None:
    """The command stands in userAgent."""
    assert ended(world, *words).status == 0
    assert {each[0] for each in told.names()} <= {"UnlockVault", "TrustEstablished"}
