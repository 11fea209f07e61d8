"""Completion of what needs no key: profiles of the configuration, slots of a locked vault."""

import io

from secretctl.__main__ import main
from tests.conftest import World


def completed(line: str, world: World) -> list[str]:
    """Return what is offered for the last word of *line*."""
    stdout = io.StringIO()
    context = world.context._replace(stdout=stdout)
    assert main(["__complete", "--", *line.split(" ")], context) == 0
    return stdout.getvalue().splitlines()


def test_profiles_are_those_of_the_configuration(world: World) -> None:
    """The top of the file is one too; without a file it is the only one."""
    assert completed("status --profile ", world) == ["default"]
    assert (
        main(["configure", "set", "region", "eu-west-1", "--profile", "work"], world.context) == 0
    )
    assert completed("list-secrets --profile ", world) == ["default", "work"]


def test_slots_are_offered_without_a_key(world: World) -> None:
    """Their ids stand in the open; where there is no vault there are none."""
    assert completed("unlock-slot remove ", world) == []
    assert main(["init"], world.context) == 0
    for key_file in world.home.rglob("*.key"):
        key_file.unlink()
    (slot,) = completed("unlock-slot remove ", world)
    assert len(bytes.fromhex(slot)) == 8
    assert completed("rekey --drop-slot ", world) == [slot]
