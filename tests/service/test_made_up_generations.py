"""A generation that nobody reaches, written by a principal, ends with ``accept-restore``."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from secretctl.audit.trust import Trust
from secretctl.cli import places
from secretctl.errors import RolledBackError, SecretctlError
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording
from secretctl.service.proof import verified
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault import fsck
from tests.conftest import Service, World
from tests.service.planted import Scene
from tests.service.test_rekeying import Used
from tests.vault.forging import forging


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A sound vault, which this machine has seen."""
    return Scene(service, as_user)


def silently(scene: Scene, made_up: int) -> None:
    """Write it past the journal."""
    with forging(scene.vault) as transaction:
        transaction.go_beyond(made_up)


def in_a_change(scene: Scene, made_up: int) -> None:
    """Write it in a change that the journal announces."""
    with suppress(Exception), writing(scene.eve) as transaction:
        transaction.go_beyond(made_up)


@pytest.mark.parametrize("made_up", [2**47, 2**48 - 2, 2**53, 2**63, 2**64, 10**30, -7])
@pytest.mark.parametrize("write", [silently, in_a_change])
def test_the_vault_goes_on_from_what_can_have_been(
    scene: Scene, world: World, write: Callable[[Scene, int], None], made_up: int
) -> None:
    """Accepted once, all goes on as before: values, a change, the journal, what was seen."""
    owner = Used(world)
    owner.opened().close()
    before = scene.vault.state().generation
    write(scene, made_up)
    with suppress(SecretctlError, OverflowError):
        Service(owner.opened())("GetSecretValue", SecretId="prod/k")
    trust = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    said = accept_restore(world.context, scene.vault, "us-east-1", Recording("test", trust))
    assert before < int(str(said["newGeneration"])) < before + 10
    for _ in range(2):
        opened = owner.opened()
        service = Service(opened)
        assert service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
        service("TagResource", SecretId="prod/k", Tags=[{"Key": "a", "Value": "b"}])
        opened.close()
    assert verified(scene.vault, trust, [], deep=True).findings == ()
    assert fsck.check(scene.vault).problems == ()
    scene.survey()


def test_what_a_machine_learnt_of_such_a_vault_is_given_up_with_it(
    scene: Scene, world: World
) -> None:
    """As an older program did; until it is accepted every command is refused, and nothing is."""
    owner = Used(world)
    owner.opened().close()
    path = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    trust = Trust(path, scene.vault.keys.journal.trust, scene.vault.keys.vault_id)
    seen = trust.read()
    assert seen is not None
    trust.write(seen._replace(generation=2**63 + 5))
    trust.close()
    for _ in range(2):
        with pytest.raises(RolledBackError, match="older than this machine has seen it"):
            owner.opened()
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test", path))
    for _ in range(2):
        owner.opened().close()
    assert fsck.check(scene.vault).problems == ()
