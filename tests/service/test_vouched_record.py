"""The record of what the owner vouches for: made, renewed, missed, and put back older."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit.verdict import Verdict
from secretctl.cli import opening, places
from secretctl.errors import RolledBackError, VaultDamagedError
from secretctl.service.opening import Recording, begin
from secretctl.service.proof import verified
from secretctl.service.restoring import accept_restore
from secretctl.service.session import Session
from secretctl.vault import fsck, layout, vouching
from secretctl.vault.transaction import Transaction
from secretctl.vault.vault import LockedVault
from tests.conftest import Service, World
from tests.service.conftest import ALLOWS_ALL, Other
from tests.service.planted import ARN, DAY_MS, Scene
from tests.service.test_rekeying import Used
from tests.vault.stored import of_kind, records_of


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """What the tests begin with: a sound vault."""
    made = Scene(service, as_user)
    assert fsck.check(made.vault).problems == ()
    return made


class Older:
    """The record of before a grant was revoked, with that grant, in eve's hands."""

    def __init__(self, scene: Scene) -> None:
        before = records_of(scene.path)
        with scene.vault.read() as view:
            self.counter = view.state().vouched
        given = scene.kms("ListGrants", KeyId=scene.key)["Grants"]
        assert isinstance(given, list)
        scene.kms("RevokeGrant", KeyId=scene.key, GrantId=given[0]["GrantId"])
        now = records_of(scene.path)
        self.vouched = before[layout.VOUCHED]
        assert self.vouched != now[layout.VOUCHED]
        self._gone = {key: value for key, value in before.items() if key not in now}

    def put_back(self, seen: Transaction) -> None:
        """Put back all but the state."""
        for key, value in self._gone.items():
            seen.put_record(key, value)
        seen.put_record(layout.VOUCHED, self.vouched)

    def put_back_with_state(self, seen: Transaction) -> None:
        """Put back all of it."""
        self.put_back(seen)
        seen.put_vouched(self.counter, self.vouched)


def test_an_older_record_put_back_alone_is_found(scene: Scene) -> None:
    """By the vault's state, which names its counter."""
    scene.plant(Older(scene).put_back)
    message = "an older record of what the owner vouches for was put back"
    assert message in fsck.check(scene.vault).problems
    for each in (lambda: scene.iam("CreateUser", UserName="next"), scene.survey):
        with pytest.raises(VaultDamagedError, match=message):
            each()


def test_an_older_record_with_its_state_is_refused_by_who_has_seen_a_newer(
    scene: Scene, world: World
) -> None:
    """Until that is accepted; then it goes on above all that was seen."""
    older, owner = Older(scene), Used(world)
    owner.opened().close()
    scene.plant(older.put_back_with_state)
    trust = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    with pytest.raises(RolledBackError, match="what the vault's owner vouches for is older"):
        owner.opened()
    report = verified(scene.vault, trust, [], deep=False)
    assert report.verdict == Verdict.TAMPERED
    assert "what the vault's owner vouches for is older than it was seen" in str(report.findings)
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test", trust))
    opened = owner.opened()
    assert fsck.check(opened.vault).problems == ()
    assert opened.vault.state().vouched > older.counter + 1
    Other(opened, "iam")("CreateUser", UserName="next")
    opened.close()


def test_a_damaged_record_does_not_keep_an_older_copy_from_being_accepted(
    scene: Scene, world: World
) -> None:
    """Values are read; what adds to the facts is refused, as before."""
    owner = Used(world)
    owner.opened().close()
    scene.plant(lambda seen: seen.put_vouched(0, bytes(200)))
    trust = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test", trust))
    opened = owner.opened()
    assert Service(opened)("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    with pytest.raises(VaultDamagedError, match="missing or damaged"):
        Other(opened, "iam")("CreateUser", UserName="next")
    opened.close()


@pytest.mark.parametrize("how", ["removed", "forged"])
def test_without_the_record_nothing_is_added(scene: Scene, how: str) -> None:
    """It cannot be made without the root key, nor left out."""
    if how == "removed":
        scene.plant(lambda seen: seen.delete_record(layout.VOUCHED))
    else:
        scene.plant(lambda seen: seen.put_sealed(b"vouched", layout.VOUCHED, bytes(8)))
    message = "the record of what the owner vouches for is missing or damaged"
    assert message in fsck.check(scene.vault).problems
    for each in (lambda: scene.iam("CreateUser", UserName="next"), scene.survey):
        with pytest.raises(VaultDamagedError, match=message):
            each()


def test_what_principals_write_goes_through(scene: Scene, world: World) -> None:
    """Sessions of roles, values, and a key whose waiting period is over when one of them writes."""
    scene.iam("PutUserPolicy", UserName="bob", PolicyName="all", PolicyDocument=ALLOWS_ALL)
    bob = LockedVault(world.directory).unlock_with(scene.bobs, os.urandom)
    assert bob is not None
    session = begin(world.context, bob, "us-east-1")
    sts = Other(session, "sts")
    sts("AssumeRole", RoleArn=f"{ARN}:role/dep", RoleSessionName="s1")
    assert scene.role().sessions
    scene.kms("ScheduleKeyDeletion", KeyId=scene.key, PendingWindowInDays=7)
    world.clock.now_ms += 9 * DAY_MS
    Service(session)("CreateSecret", Name="b", SecretString="v")
    with scene.vault.read() as view:
        assert scene.key not in view.kms_directory().keys
    assert fsck.check(scene.vault).problems == ()
    scene.iam("CreateUser", UserName="next")
    bob.close()


def test_a_new_vault_vouches_and_a_write_of_a_value_looks_at_nothing(service: Service) -> None:
    """The record is there from the beginning, and renewed by a change of facts alone."""
    vault = service.session.vault

    def counter() -> int:
        with vault.read() as view:
            found = vouching.read(view)
        assert found is not None
        return found.counter

    assert counter() == 0
    service("CreateSecret", Name="a", SecretString="v")
    begun = counter()
    service("PutSecretValue", SecretId="a", SecretString="w")
    assert counter() == begun == 1
    Other(service.session, "iam")("CreateUser", UserName="u")
    assert counter() == begun + 1
    assert fsck.check(vault).problems == ()


def test_a_vault_of_an_older_program_vouches_from_the_next_change_on(world: World) -> None:
    """What is there then is vouched for."""
    directory = world.home / "vault"
    directory.mkdir(mode=0o700)
    kept = Path(__file__).parents[1] / "vectors/format-1"
    for name, to in (("vault.db", directory), ("opening.key", world.home)):
        shutil.copy(kept / name, to / name)
        (to / name).chmod(0o600)
    environ = {"SECRETCTL_KEY_FILE": str(world.home / "opening.key")}
    vault = opening.open_vault(str(directory), world.context._replace(environ=environ))
    try:
        assert fsck.check(vault).problems == ()
        session = begin(world.context, vault, "us-east-1")
        Other(session, "iam")("CreateUser", UserName="u")
        assert of_kind(records_of(directory / "vault.db"), layout.VOUCHED)
        assert fsck.check(vault).problems == ()
    finally:
        vault.close()
