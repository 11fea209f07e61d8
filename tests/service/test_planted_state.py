"""A state record that another program wrote: refused with the way out, whatever it says."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest

from secretctl.cli import opening, places
from secretctl.crypto.seal import seal
from secretctl.errors import RolledBackError, VaultDamagedError, VaultError
from secretctl.model.shapes import Fields
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording
from secretctl.service.proof import verified
from secretctl.service.session import Session
from secretctl.service.unvouched import recount
from secretctl.vault import fsck, layout
from secretctl.vault.state import GO_ON, State, encode
from tests.conftest import Service, World
from tests.service.planted import Scene
from tests.service.test_rekeying import Used
from tests.vault.stored import change

DEEP = "[" * 100_000 + "]" * 100_000
MEMBERS = {
    "generation": ('"x"', "1.5", "null", "true"),
    "records": ('"x"', "1.5", DEEP),
    "digest": ('"-5"', f'"{"f" * 70}"', '"z"', "5"),
    "header": ("5", f'"{"ab" * 32}"', '"x"', "[]"),
    "journal_number": ('"a"', str(2**70), "-5", "1.5"),
    "journal_hash": ('"zz"', "5", '"ab"'),
    "vouched": ("0.5", "-1", str(2**60), '"a"'),
    "more": ("5",),
}
SAID = [(member, said) for member, all_said in MEMBERS.items() for said in all_said]


def plant(scene: Scene, said: str) -> None:
    """Let the record of the state be *said*."""
    keys = scene.vault.keys
    where = keys.where(b"state", layout.STATE)
    change(scene.path, {layout.STATE: seal(keys.access.state, where, said.encode())})


def goes_on(scene: Scene, world: World) -> Fields:
    """See that all is refused until the owner accepts what is there, and goes on then.

    What was recorded is returned.
    """
    owner = Used(world)
    for _ in range(2):
        with pytest.raises((RolledBackError, VaultDamagedError)) as caught:
            owner.opened()
        assert GO_ON in caught.value.hints
    problems = fsck.check(scene.vault).problems
    accepting = opening.Attempt("accept-restore", accepts=True)
    vault = opening.open_vault(world.directory, world.context, accepting)
    trust = places.trust_file(world.context.environ, vault.keys.vault_id.hex())
    said = accept_restore(world.context, vault, "us-east-1", Recording("test", trust))
    vault.close()
    opened = owner.opened()
    with suppress(VaultError):  # where the digest matches
        recount(opened)
    service = Service(opened)
    assert service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    service("TagResource", SecretId="prod/k", Tags=[{"Key": "a", "Value": "b"}])
    assert verified(opened.vault, trust, [], deep=True).findings == ()
    assert fsck.check(opened.vault).problems == (), problems
    opened.close()
    return said


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session], world: World) -> Scene:
    """A sound vault, which this machine has seen."""
    made = Scene(service, as_user)
    Used(world).opened().close()
    return made


@pytest.mark.parametrize(("member", "said"), SAID, ids=[f"{m}-{s[:9]}" for m, s in SAID])
def test_a_member_that_no_program_writes(
    scene: Scene, world: World, member: str, said: str
) -> None:
    """Of another type, out of bounds, or another header: that its slots may be older is told."""
    fields = {**json.loads(encode(scene.vault.state())), member: "here it is"}
    plant(scene, json.dumps(fields).replace('"here it is"', said))
    recorded = goes_on(scene, world)
    assert ("olderHeader" in recorded) == (member == "header" and said.startswith('"'))


@pytest.mark.parametrize("said", ["5", "", "{}", DEEP, json.dumps([*State()])])
def test_what_is_no_state_at_all(scene: Scene, world: World, said: str) -> None:
    """Sealed as a state is, by whoever has the keys for it."""
    plant(scene, said)
    goes_on(scene, world)
