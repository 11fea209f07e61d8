"""Who holds a credential can write records, and gets no key sealed by the owner for it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl import json_text
from secretctl.cli import opening
from secretctl.crypto.recipients import public_key, seal_to
from secretctl.domain.kms_grants import Grant
from secretctl.domain.principals import USER, AccessKey, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.service import rekeying
from secretctl.service.opening import begin
from secretctl.service.rekey_survey import survey
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault import fsck, grants, kms_grants, layout, principals, vouching
from secretctl.vault.transaction import Transaction
from secretctl.vault.vault import LockedVault
from tests.conftest import Service, World
from tests.service.conftest import ALLOWS_ALL, Other, given_key, new_key
from tests.vault.stored import of_kind, records_of

ARN = "arn:aws:iam::000000000000"
MINE = b"\x11" * 32
TRUST = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
    '"Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}}'
)
DAY_MS = 86_400_000


class Scene:
    """Bob, who is granted the key of prod and may become dep; eve, who has a credential."""

    def __init__(self, service: Service, as_user: Callable[[str], Session]) -> None:
        self.service, self.vault = service, service.session.vault
        self.kms, self.iam = Other(service.session, "kms"), Other(service.session, "iam")
        self.key = new_key(self.kms, "alias/prod")
        service("CreateSecret", Name="prod/k", SecretString="V-K", KmsKeyId="alias/prod")
        for name in ("bob", "eve"):
            self.iam("CreateUser", UserName=name)
        trust = TRUST % f"{ARN}:user/bob"
        self.iam("CreateRole", RoleName="dep", AssumeRolePolicyDocument=trust)
        for whom in ("user/bob", "role/dep"):
            given = {"GranteePrincipal": f"{ARN}:{whom}", "Operations": ["Decrypt"]}
            self.kms("CreateGrant", KeyId=self.key, **given)
        self.bobs = given_key(self.iam, "bob")
        self.eve = as_user("eve")
        self.path = Path(self.vault.directory, "vault.db")

    def user(self, name: str) -> User:
        """Return a user as it is now."""
        with self.vault.read() as view:
            found = principals.find(view, USER, name)
        assert isinstance(found, User)
        return found

    def role(self) -> Role:
        """Return the role as it is now."""
        with self.vault.read() as view:
            found = principals.find(view, "role", "dep")
        assert isinstance(found, Role)
        return found

    def plant(self, change: Callable[[Transaction], object]) -> None:
        """Let eve's other program write records; a check of the digest finds nothing."""
        with writing(self.eve) as transaction:
            change(transaction)
        assert not [each for each in fsck.check(self.vault).problems if "digest" in each]

    def sealed(self) -> dict[bytes, bytes]:
        """Return what is sealed to anybody."""
        return {
            key: value
            for key, value in records_of(self.path).items()
            if key[:1] in (layout.GRANT, layout.CREDENTIAL)
        }

    def refuses(self, what: str, *calls: Callable[[], object]) -> None:
        """See that calls are refused, say why and seal nothing; and that fsck says it."""
        before = self.sealed()
        for each in calls:
            with pytest.raises(VaultDamagedError) as caught:
                each()
            assert what in caught.value.message
            assert caught.value.hints[0] == "secretctl fsck"
        assert self.sealed() == before
        problems = fsck.check(self.vault).problems
        assert any(each.startswith("the owner does not vouch for it: ") for each in problems)
        assert any(what in each for each in problems)

    def survey(self) -> object:
        """Begin a rekey, or its dry run."""
        return survey(self.service.session)

    def is_mended(self) -> None:
        """See that nothing is left, and that the owner can go on."""
        assert fsck.check(self.vault).problems == ()
        self.iam("CreateUser", UserName="next")
        self.kms("RotateKeyOnDemand", KeyId=self.key, Rewrap=True)
        assert fsck.check(self.vault).problems == ()

    def plants_policy(self, *names: str) -> None:
        """Let policies say that eve may become dep, which an account's trust then allows."""
        inline = (*self.user("eve").inline, *((name, ALLOWS_ALL) for name in names))
        self.plant(lambda seen: principals.put(seen, self.user("eve")._replace(inline=inline)))


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """What the tests begin with: a sound vault."""
    made = Scene(service, as_user)
    assert fsck.check(made.vault).problems == ()
    return made


def test_no_key_is_sealed_to_a_public_key_that_was_put_in_anothers_record(scene: Scene) -> None:
    """Rotating, granting, rekeying."""
    forged = scene.user("bob")._replace(public_key=public_key(MINE).hex())
    scene.plant(lambda seen: principals.put(seen, forged))
    scene.refuses(
        "the user bob: public_key",
        lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True),
        lambda: scene.kms(
            "CreateGrant",
            KeyId=scene.key,
            GranteePrincipal=f"{ARN}:user/bob",
            Operations=["Decrypt"],
        ),
        lambda: scene.iam("CreateAccessKey", UserName="bob"),
        scene.survey,
    )
    assert public_key(MINE).hex() not in str(fsck.check(scene.vault).problems)


def test_no_credential_is_made_anew_for_a_public_key_that_was_planted(scene: Scene) -> None:
    """In the place of an access key's, or as one more; the owner may delete who planted it."""
    bob = scene.user("bob")
    kept = bob.access_keys[0]
    forged = bob._replace(access_keys=(kept._replace(public_key=public_key(MINE).hex()),))
    scene.plant(lambda seen: principals.put(seen, forged))
    for each in scene.user("eve").access_keys:
        scene.iam("DeleteAccessKey", UserName="eve", AccessKeyId=each.id)
    scene.iam("DeleteUserPolicy", UserName="eve", PolicyName="all")
    scene.iam("DeleteUser", UserName="eve")
    scene.refuses(f"the user bob: access key {kept.id}", scene.survey)
    scene.iam("DeleteAccessKey", UserName="bob", AccessKeyId=kept.id)
    scene.is_mended()


def test_an_access_key_that_was_put_in_is_found_and_can_be_deleted(scene: Scene) -> None:
    """It opens nothing, and would after a rekey."""
    planted = AccessKey("AKIA" + "A" * 16, 1, public_key=public_key(MINE).hex())
    bob = scene.user("bob")
    forged = bob._replace(access_keys=(*bob.access_keys, planted))
    scene.plant(lambda seen: principals.put(seen, forged))
    scene.refuses(planted.id, scene.survey)
    scene.iam("DeleteAccessKey", UserName="bob", AccessKeyId=planted.id)
    scene.is_mended()


def test_no_key_is_sealed_for_a_grant_that_was_planted(scene: Scene) -> None:
    """With any bytes where the key would be; revoking it takes it away."""
    eve = scene.user("eve")
    with scene.vault.read() as view:
        key = view.kms_directory().keys[scene.key]
    grant = Grant(os.urandom(32).hex(), key.id, f"{ARN}:user/eve", eve.id, 1, ("Decrypt",))

    def plant(seen: Transaction) -> None:
        stored = kms_grants.place(seen, grant)
        seen.put_sealed(b"kms-grant", stored, json_text.compact(grant).encode())
        where = grants.place(seen, eve.id, bytes.fromhex(key.materials[0].id))
        public = bytes.fromhex(eve.public_key)
        seen.put_record(where, seal_to(public, seen.keys.where(b"grant", where), bytes(32)))

    scene.plant(plant)
    scene.refuses(
        f"the grant {grant.id}",
        lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key),
        scene.survey,
    )
    scene.kms("RevokeGrant", KeyId=scene.key, GrantId=grant.id)
    scene.is_mended()


def test_no_role_is_given_to_whom_a_planted_record_says_that_it_was(scene: Scene) -> None:
    """Any bytes in the place of the role's key; deleting the user takes them away."""
    eve, role = scene.user("eve"), scene.role()

    def plant(seen: Transaction) -> None:
        seen.put_record(grants.place(seen, eve.id, grants.role_key_id(role.id)), os.urandom(81))

    scene.plant(plant)
    scene.refuses("the user eve: a key sealed to it", scene.survey)
    for each in eve.access_keys:
        scene.iam("DeleteAccessKey", UserName="eve", AccessKeyId=each.id)
    scene.iam("DeleteUserPolicy", UserName="eve", PolicyName="all")
    scene.iam("DeleteUser", UserName="eve")
    scene.is_mended()


def test_what_is_planted_behind_the_survey_is_refused_under_the_lock(scene: Scene) -> None:
    """Nothing is changed then."""
    found = survey(scene.service.session)
    forged = scene.user("bob")._replace(public_key=public_key(MINE).hex())
    scene.plant(lambda seen: principals.put(seen, forged))
    before = records_of(scene.path)
    with pytest.raises(VaultDamagedError, match="the user bob: public_key"):
        rekeying.rekey(scene.service.session, found, lambda _: found.header.slots, lambda: None)
    assert records_of(scene.path) == before


def test_material_of_another_key_is_not_sealed_with_a_keys_own(scene: Scene) -> None:
    """A directory in which prod's material is the default key's as well."""

    def plant(seen: Transaction) -> None:
        directory = seen.kms_directory()
        prod = directory.keys[scene.key]
        default = directory.keys[directory.aliases["alias/aws/secretsmanager"].key_id]
        both = default._replace(materials=(*prod.materials, *default.materials))
        seen.put_kms_directory(directory._replace(keys={**directory.keys, default.id: both}))

    scene.plant(plant)
    scene.refuses("the material", lambda: scene.iam("CreateUser", UserName="next"), scene.survey)


def test_no_policy_that_was_planted_lets_anybody_become_a_role(scene: Scene) -> None:
    """The policies of a principal decide who is given a role's key; each can be taken away."""
    scene.iam("UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=TRUST % "000000000000")
    scene.iam("DeleteUserPolicy", UserName="eve", PolicyName="all")
    scene.plants_policy("p", "q")
    scene.refuses(
        "the user eve: policy p",
        lambda: scene.iam(
            "PutUserPolicy", UserName="eve", PolicyName="r", PolicyDocument=ALLOWS_ALL
        ),
    )
    where = grants.role_key_id(scene.role().id)
    for name in "pq":
        scene.iam("DeleteUserPolicy", UserName="eve", PolicyName=name)
        with scene.vault.read() as view:
            assert view.stored_record(grants.place(view, scene.user("eve").id, where)) is None
    scene.is_mended()


@pytest.mark.parametrize("how", ["the role is deleted", "what it was is put back"])
def test_a_trust_policy_that_was_planted_gives_nothing(scene: Scene, how: str) -> None:
    """Nor does it become the owner's by a change of something else of the role."""
    forged = scene.role()._replace(trust=TRUST % f"{ARN}:user/eve")
    scene.plant(lambda seen: principals.put(seen, forged))
    scene.refuses(
        "the role dep: trust",
        lambda: scene.iam(
            "PutRolePolicy", RoleName="dep", PolicyName="all", PolicyDocument=ALLOWS_ALL
        ),
        lambda: scene.iam("CreateUser", UserName="next"),
        lambda: scene.iam(
            "UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=TRUST % f"{ARN}:role/dep"
        ),
    )
    if how == "the role is deleted":
        scene.iam("DeleteRole", RoleName="dep")
    else:
        trust = TRUST % f"{ARN}:user/bob"
        scene.iam("UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=trust)
    scene.is_mended()


def test_a_user_who_was_planted_can_be_deleted(scene: Scene) -> None:
    """Though a trust policy named one of that name, and is changed with it."""
    forged = scene.user("bob")._replace(public_key=public_key(MINE).hex())
    scene.plant(lambda seen: principals.put(seen, forged))
    scene.refuses("the user bob: public_key", scene.survey)
    (key,) = forged.access_keys
    scene.iam("DeleteAccessKey", UserName="bob", AccessKeyId=key.id)
    scene.iam("DeleteUser", UserName="bob")
    assert f"{ARN}:user/bob" not in scene.role().trust
    scene.is_mended()


def test_what_was_taken_back_cannot_be_put_back(scene: Scene) -> None:
    """A grant that was revoked, with what was sealed then."""
    before = records_of(scene.path)
    given = scene.kms("ListGrants", KeyId=scene.key)["Grants"]
    assert isinstance(given, list)
    (of_bob,) = [each for each in given if each["GranteePrincipal"] == f"{ARN}:user/bob"]
    scene.kms("RevokeGrant", KeyId=scene.key, GrantId=of_bob["GrantId"])
    gone = {key: value for key, value in before.items() if key not in records_of(scene.path)}
    assert {key[:1] for key in gone} == {layout.GRANT, layout.KMS_GRANT}

    def plant(seen: Transaction) -> None:
        for key, value in gone.items():
            seen.put_record(key, value)

    scene.plant(plant)
    scene.refuses(of_bob["GrantId"], lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key))


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
