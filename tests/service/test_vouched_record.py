"""The record of what the owner vouches for: made, renewed, missed, and put back older."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretctl.audit.trust import Trust
from secretctl.audit.verdict import Verdict
from secretctl.cli import opening, places
from secretctl.crypto.keys import derive, mac
from secretctl.crypto.seal import seal
from secretctl.errors import OwnerOnlyError, RolledBackError, VaultDamagedError, VaultError
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording, begin
from secretctl.service.proof import verified
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.service.unvouched import renew
from secretctl.vault import former_vouching, fsck, layout, principals, vouched, vouching
from secretctl.vault.keyring import seal_access
from secretctl.vault.transaction import Transaction
from secretctl.vault.vault import LockedVault
from tests.conftest import Service, World, operating
from tests.service.conftest import ALLOWS_ALL, Other
from tests.service.planted import ARN, DAY_MS, Scene
from tests.service.test_rekeying import Used
from tests.vault.forging import forging
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
    """By the vault's state, which names its counter; before a value is wrapped, too."""
    scene.plant(Older(scene).put_back)
    message = "an older record of what the owner vouches for was put back"
    assert message in fsck.check(scene.vault).problems
    for each in (
        lambda: scene.iam("CreateUser", UserName="next"),
        lambda: scene.service("PutSecretValue", SecretId="prod/k", SecretString="new"),
        scene.survey,
    ):
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


def test_a_counter_that_nothing_proves_is_not_remembered(scene: Scene, world: World) -> None:
    """The state's is every principal's to write: above all that it will ever be, or a little."""
    owner = Used(world)
    owner.opened().close()
    trust = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    with scene.vault.read() as view:
        proved = view.state().vouched
    assert seen_by(scene, trust) == proved
    for forged in (2**48, proved + 1):
        scene.plant(naming(forged))
        opened = owner.opened()
        Service(opened)("GetSecretValue", SecretId="prod/k")
        Service(opened)("TagResource", SecretId="prod/k", Tags=[{"Key": "a", "Value": "b"}])
        with pytest.raises(VaultDamagedError, match="an older record of what the owner vouches"):
            Other(opened, "iam")("CreateUser", UserName="next")
        opened.close()
        assert seen_by(scene, trust) == proved
    accept_restore(world.context, scene.vault, "us-east-1", Recording("test", trust))
    opened = owner.opened()
    assert opened.vault.state().vouched == proved + 1
    Other(opened, "iam")("CreateUser", UserName="next")
    assert seen_by(scene, trust) == proved + 2
    assert fsck.check(opened.vault).problems == ()
    opened.close()


def naming(counter: int) -> Callable[[Transaction], None]:
    """Return what lets the state name another counter."""

    def plant(seen: Transaction) -> None:
        seen.put_vouched(counter, b"")
        seen.go_beyond(seen.begun.generation)

    return plant


def test_a_principal_makes_no_machine_remember_a_counter(scene: Scene, world: World) -> None:
    """It cannot open the record that would prove it."""
    trust = places.trust_file(world.context.environ, scene.vault.keys.vault_id.hex())
    bob = LockedVault(world.directory).unlock_with(scene.bobs, os.urandom)
    assert bob is not None
    begin(world.context, bob, "us-east-1", recording=Recording("test", trust)).close()
    assert seen_by(scene, trust) == 0
    Used(world).opened().close()
    assert seen_by(scene, trust) > 0


def seen_by(scene: Scene, trust: str) -> int:
    """Return the counter that a machine remembers."""
    keys = scene.vault.keys
    found = Trust(trust, keys.journal.trust, keys.vault_id).read()
    assert found is not None
    return found.vouched


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
    for each in (
        lambda: scene.iam("CreateUser", UserName="next"),
        lambda: scene.service("PutSecretValue", SecretId="prod/k", SecretString="new"),
        scene.survey,
    ):
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
    assert fsck.check(scene.vault, world.clock.now_ms).problems == ()
    scene.iam("CreateUser", UserName="next")
    session.close()


def test_a_new_vault_vouches_and_a_write_of_a_value_renews_nothing(service: Service) -> None:
    """The record is there from the beginning, and renewed by a change of what it tells."""
    vault = service.session.vault

    def counter() -> int:
        with vault.read() as view:
            return vouching.read(view).counter

    assert counter() == 0
    service("CreateSecret", Name="a", SecretString="v")
    begun = counter()
    service("PutSecretValue", SecretId="a", SecretString="w")
    assert counter() == begun == 1
    Other(service.session, "iam")("CreateUser", UserName="u")
    assert counter() == begun + 1
    assert fsck.check(vault).problems == ()


@pytest.mark.parametrize("how", ["removed", "forged"])
def test_a_vault_whose_record_is_lost_can_be_vouched_for_anew(scene: Scene, how: str) -> None:
    """By the owner, who says so; where it is not lost, that is refused."""
    with pytest.raises(VaultError, match="what the owner vouches for is known"):
        renew(scene.service.session)
    if how == "removed":
        scene.plant(lambda seen: seen.delete_record(layout.VOUCHED))
    else:
        scene.plant(lambda seen: seen.put_sealed(b"vouched", layout.VOUCHED, bytes(8)))
    scene.plant(lambda seen: seen.put_record(layout.PRINCIPAL + b"u" + bytes(16), bytes(200)))
    with pytest.raises(OwnerOnlyError):
        renew(scene.eve)
    assert renew(scene.service.session) == 3
    scene.drops("a user without a name is not the owner's")


@pytest.fixture
def older(world: World) -> Iterator[Session]:
    """A session of the owner's in a vault that a program from before all this made."""
    directory = world.home / "vault"
    directory.mkdir(mode=0o700)
    kept = Path(__file__).parents[1] / "vectors/format-1"
    for name, to in (("vault.db", directory), ("opening.key", world.home)):
        shutil.copy(kept / name, to / name)
        (to / name).chmod(0o600)
    environ = {"SECRETCTL_KEY_FILE": str(world.home / "opening.key")}
    vault = opening.open_vault(str(directory), world.context._replace(environ=environ))
    with operating(world.context, vault) as service:
        yield service.session
    vault.close()


@pytest.mark.parametrize("change", ["of users", "of a value"])
def test_a_vault_of_an_older_program_vouches_from_the_next_change_on(
    older: Session, change: str
) -> None:
    """What is there then is vouched for; and without that record nothing goes on again."""
    vault = older.vault
    path = Path(vault.directory, "vault.db")
    before = records_of(path)
    assert not fsck.check(vault).problems
    assert not of_kind(before, layout.VOUCHED)
    if change == "of users":
        Other(older, "iam")("CreateUser", UserName="u")
    else:
        Service(older)("CreateSecret", Name="new", SecretString="v")
    assert of_kind(records_of(path), layout.VOUCHED)
    assert fsck.check(vault).problems == ()
    with forging(vault) as transaction:
        transaction.delete_record(layout.VOUCHED)
    with pytest.raises(VaultDamagedError, match="missing or damaged"):
        Other(older, "iam")("CreateUser", UserName="v")
    with forging(vault) as transaction:  # with the access keys of then, which do not ask for it
        transaction.put_record(layout.ACCESS, before[layout.ACCESS])
    with pytest.raises(VaultDamagedError, match="missing or damaged"):
        Other(older, "iam")("CreateUser", UserName="v")


def as_before(scene: Scene) -> None:
    """Let the record be one of facts, as the program before this one made it."""
    vault = scene.vault
    keys = vault.keys
    with writing(scene.service.session) as transaction:
        key = derive(keys.root, "facts", keys.vault_id)
        facts = {mac(key, each)[:16] for each in former_vouching.facts(transaction)}
        counter = transaction.begun.vouched
        plain = counter.to_bytes(8, "big") + b"".join(sorted(facts))
        where = keys.where(b"vouched", layout.VOUCHED)
        sealed = seal(vouched.sealing_key(keys), where, plain)
        transaction.put_vouched(counter, sealed)
        access = keys.access._replace(vouches=1)
        stored = seal_access(keys.root, keys.vault_id, access)
        transaction.put_record(layout.ACCESS, stored)
        keys.access = access


def test_what_the_program_before_this_one_vouched_for_is_taken_over(scene: Scene) -> None:
    """With its counter; the former record means nothing from then on."""
    as_before(scene)
    assert fsck.check(scene.vault).problems == ()
    former = records_of(scene.path)
    scene.survey()
    scene.iam("CreateUser", UserName="u")
    with scene.vault.read() as view:
        found = vouched.opened(view)
        assert found is not None
        assert found.counter == view.state().vouched
    assert fsck.check(scene.vault).problems == ()
    scene.plant(lambda seen: seen.put_record(layout.VOUCHED, former[layout.VOUCHED]))
    with pytest.raises(VaultDamagedError, match="missing or damaged"):
        scene.iam("CreateUser", UserName="v")


@pytest.mark.parametrize("how", ["added", "lost"])
def test_what_is_not_as_it_vouched_for_is_not_taken_over(scene: Scene, how: str) -> None:
    """A fact more, or one less: which one it was, its record does not tell."""
    as_before(scene)
    eve = scene.user("eve")
    inline = () if how == "lost" else (*eve.inline, ("p", ALLOWS_ALL))
    scene.plant(lambda seen: principals.put(seen, eve._replace(inline=inline)))
    message = "is not what the owner left with an older secretctl"
    assert message in str(fsck.check(scene.vault).problems)
    for each in (lambda: scene.iam("CreateUser", UserName="u"), scene.survey):
        with pytest.raises(VaultDamagedError, match=message):
            each()
    assert renew(scene.service.session) == 3
    scene.is_mended()


def test_an_older_vault_that_is_accepted_vouches_beyond_what_was_seen(scene: Scene) -> None:
    """Its record is of today's kind then."""
    as_before(scene)
    accept_restore(scene.service.session.context, scene.vault, "us-east-1", Recording("test"))
    with scene.vault.read() as view:
        assert vouched.opened(view) is not None
    scene.iam("CreateUser", UserName="u")
    assert fsck.check(scene.vault).problems == ()


def test_one_that_is_accepted_and_is_not_as_it_vouched_for_stays_refused(scene: Scene) -> None:
    """Values can be read; the error stays the same."""
    as_before(scene)
    eve = scene.user("eve")
    scene.plant(lambda seen: principals.put(seen, eve._replace(inline=())))
    accept_restore(scene.service.session.context, scene.vault, "us-east-1", Recording("test"))
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    with pytest.raises(VaultDamagedError, match="is not what the owner left with an older"):
        scene.iam("CreateUser", UserName="u")
