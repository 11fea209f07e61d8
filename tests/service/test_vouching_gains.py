"""What is taken away, put in another order or repointed by another program gains nobody a key."""

from collections.abc import Callable

import pytest

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.kms import Directory
from secretctl.domain.principals import GROUP, POLICY, Group, ManagedPolicy, User
from secretctl.domain.secret import Replica, Secret
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.service.session import Session
from secretctl.vault import fsck, grants, layout, principals
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.conftest import Other, new_key
from tests.service.planted import ARN, TRUST, Scene
from tests.vault.stored import of_kind, records_of

DENIES = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}}'
DIRECTORY = "the directory of KMS keys and aliases was changed"


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """What the tests begin with: a sound vault."""
    made = Scene(service, as_user)
    assert fsck.check(made.vault).problems == ()
    return made


def change_directory(change: Callable[[Directory], Directory]) -> Callable[[Transaction], None]:
    """Return what eve's other program does."""
    return lambda seen: seen.put_kms_directory(change(seen.kms_directory()))


def material_of(scene: Scene) -> set[bytes]:
    """Return which material the values of prod/k are under."""
    records = records_of(scene.path)
    with scene.vault.read() as view:
        secret = view.find("us-east-1", "prod/k")
        assert secret is not None
        where = layout.VALUE + view.place(secret)
    return {records[key][:16] for key in of_kind(records, layout.VALUE) if key.startswith(where)}


def test_nothing_is_rewrapped_under_material_that_was_put_in(scene: Scene) -> None:
    """The default key's, which everybody has, behind prod's; nor is a value written under it."""
    before = material_of(scene)

    def with_default(directory: Directory) -> Directory:
        key = directory.keys[scene.key]
        default = directory.keys[directory.aliases[kms.DEFAULT_ALIAS].key_id]
        materials = (*key.materials, *default.materials)
        return kms.with_key(directory, key._replace(materials=materials, is_rewrapping=True))

    scene.plant(change_directory(with_default))
    scene.refuses(
        DIRECTORY,
        lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True),
        lambda: scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2"),
        lambda: scene.service("UpdateSecret", SecretId="prod/k", KmsKeyId=scene.key),
        lambda: scene.service("CreateSecret", Name="new", SecretString="v"),
    )
    assert material_of(scene) == before
    scene.drops(DIRECTORY)
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    assert fsck.check(scene.vault).problems == ()


def test_older_material_that_was_put_last_wraps_nothing(scene: Scene) -> None:
    """Whoever had it may have kept it."""
    scene.kms("RotateKeyOnDemand", KeyId=scene.key)

    def reversed_(directory: Directory) -> Directory:
        key = directory.keys[scene.key]
        return kms.with_key(directory, key._replace(materials=key.materials[::-1]))

    scene.plant(change_directory(reversed_))
    scene.refuses(
        DIRECTORY,
        lambda: scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2"),
        lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True),
    )
    scene.drops(DIRECTORY)


def test_a_rotation_is_not_gone_on_with_that_nobody_began(scene: Scene) -> None:
    """It would make no new material, and say that it did."""

    def begun(directory: Directory) -> Directory:
        return kms.with_key(directory, directory.keys[scene.key]._replace(is_rewrapping=True))

    scene.plant(change_directory(begun))
    scene.refuses(DIRECTORY, lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key, Rewrap=True))
    scene.drops(DIRECTORY)


@pytest.mark.parametrize("name", [kms.DEFAULT_ALIAS, "alias/ci"])
def test_no_grant_goes_by_an_alias_that_was_repointed(scene: Scene, name: str) -> None:
    """The default key's, for a new user; another's, whose key a command looks up."""
    new_key(scene.kms, "alias/ci")

    def repointed(directory: Directory) -> Directory:
        return kms.with_alias(directory, name, directory.aliases[name]._replace(key_id=scene.key))

    scene.plant(change_directory(repointed))
    grant = {"GranteePrincipal": f"{ARN}:user/eve", "Operations": ["Decrypt"]}
    scene.refuses(
        DIRECTORY,
        lambda: scene.iam("CreateUser", UserName="mallory"),
        lambda: scene.kms("CreateGrant", KeyId=scene.key, **grant),
    )
    scene.drops(DIRECTORY)


class Denied(Scene):
    """Eve, who could become dep but for one denial or limit."""

    def __init__(self, service: Service, as_user: Callable[[str], Session]) -> None:
        super().__init__(service, as_user)
        self.iam("CreateGroup", GroupName="plain")
        self.iam("UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=TRUST % "000000000000")

    def has_role_key(self) -> bool:
        """Tell whether dep's private key is sealed to eve."""
        with self.vault.read() as view:
            where = grants.place(view, self.user("eve").id, grants.role_key_id(self.role().id))
            return view.stored_record(where) is not None

    def acts(self) -> None:
        """See that none of the owner's changes gives eve the role's key."""
        trust = TRUST % "000000000000"
        for service, operation, given in (
            ("iam", "AddUserToGroup", {"GroupName": "plain", "UserName": "eve"}),
            ("iam", "CreateRole", {"RoleName": "two", "AssumeRolePolicyDocument": trust}),
            ("iam", "DeleteUserPolicy", {"UserName": "bob", "PolicyName": "all"}),
            ("kms", "RotateKeyOnDemand", {"KeyId": self.key}),
        ):
            with pytest.raises(VaultDamagedError, match="does not vouch for what is there"):
                Other(self.service.session, service)(operation, **given)
        assert not self.has_role_key()


@pytest.fixture
def denied(service: Service, as_user: Callable[[str], Session]) -> Denied:
    """What the tests of denials begin with."""
    return Denied(service, as_user)


def without_inline(seen: Transaction) -> None:
    """Take eve's denial out of her record."""
    eve = principals.find(seen, "user", "eve")
    assert isinstance(eve, User)
    principals.put(seen, eve._replace(inline=eve.inline[:1]))


def without_group(seen: Transaction) -> None:
    """Remove the group that denies, or its record's policy."""
    group = principals.find(seen, GROUP, "contractors")
    assert isinstance(group, Group)
    principals.delete(seen, group)


def without_policy(seen: Transaction) -> None:
    """Remove the managed policy that denies."""
    policy = principals.find(seen, POLICY, "never")
    assert isinstance(policy, ManagedPolicy)
    principals.delete(seen, policy)


def test_a_denial_that_is_lost_is_no_gain(denied: Denied) -> None:
    """In the user's own policies, in a group's, in a managed one: the owner's act is refused."""
    iam = denied.iam
    assert denied.has_role_key()
    iam("PutUserPolicy", UserName="eve", PolicyName="no", PolicyDocument=DENIES)
    assert not denied.has_role_key()
    denied.plant(without_inline)
    denied.acts()
    denied.drops("the user eve was changed")


def test_a_group_that_denies_and_is_removed_is_no_gain(denied: Denied) -> None:
    """Nor once the owner has given it up: members of a group that is missing may do nothing."""
    iam = denied.iam
    iam("CreateGroup", GroupName="contractors")
    iam("PutGroupPolicy", GroupName="contractors", PolicyName="d", PolicyDocument=DENIES)
    iam("AddUserToGroup", GroupName="contractors", UserName="eve")
    assert not denied.has_role_key()
    denied.plant(without_group)
    denied.acts()
    denied.drops("the group contractors is gone")
    assert not denied.has_role_key()
    iam("RemoveUserFromGroup", GroupName="contractors", UserName="eve")
    assert denied.has_role_key()


def test_a_managed_policy_that_denies_and_is_removed_is_no_gain(denied: Denied) -> None:
    """Its record is the owner's as well."""
    iam = denied.iam
    made = iam("CreatePolicy", PolicyName="never", PolicyDocument=DENIES)["Policy"]
    assert isinstance(made, dict)
    iam("AttachUserPolicy", UserName="eve", PolicyArn=made["Arn"])
    assert not denied.has_role_key()
    denied.plant(without_policy)
    denied.acts()
    denied.drops("the policy never is gone")
    assert not denied.has_role_key()


@pytest.mark.parametrize("member", ["boundary", "path", "groups", "attached"])
def test_a_limit_that_is_emptied_is_no_gain(denied: Denied, member: str) -> None:
    """A list where there was a text, and a list with nothing in it, are other records."""
    iam = denied.iam
    made = iam("CreatePolicy", PolicyName="few", PolicyDocument=DENIES)["Policy"]
    assert isinstance(made, dict)
    iam("PutUserPermissionsBoundary", UserName="eve", PermissionsBoundary=made["Arn"])
    iam("AttachUserPolicy", UserName="eve", PolicyArn=made["Arn"])
    iam("AddUserToGroup", UserName="eve", GroupName="plain")
    with denied.vault.read() as view:
        where = principals.place(view, "user", "eve")
    members = {**denied.user("eve")._asdict(), member: []}

    def plant(seen: Transaction) -> None:
        seen.put_sealed(b"principal", where, json_text.compact(members).encode())

    denied.plant(plant)
    problems = fsck.check(denied.vault).problems
    assert any("does not vouch for it: the user eve was changed" in each for each in problems)
    for operation, name in (("CreateGroup", "GroupName"), ("CreateUser", "UserName")):
        with pytest.raises(VaultDamagedError, match="the user eve was changed"):
            iam(operation, **{name: "next"})
    denied.drops("the user eve was changed")


def test_no_value_from_before_is_copied_to_a_replica_that_was_planted(scene: Scene) -> None:
    """Under the default key, by a change of something else; a real replica goes on."""
    scene.service(
        "ReplicateSecretToRegions", SecretId="prod/k", AddReplicaRegions=[{"Region": "us-west-2"}]
    )

    def plant(seen: Transaction) -> None:
        secret = seen.find("us-east-1", "prod/k")
        assert secret is not None
        blank = Secret(
            region="eu-west-1",
            name=secret.name,
            suffix=secret.suffix,
            number=seen.next_number(),
            created_ms=secret.created_ms,
            changed_ms=secret.changed_ms,
            primary_region="us-east-1",
        )
        seen.put(blank)
        more = (*secret.replicas, Replica("eu-west-1", "", status="InSync"))
        seen.put(secret._replace(replicas=more), secret)

    scene.plant(plant)
    tags = [{"Key": "a", "Value": "b"}]
    calls: dict[str, dict[str, object]] = {
        "TagResource": {"Tags": tags},
        "PutSecretValue": {"SecretString": "V-2"},
        "UpdateSecret": {"KmsKeyId": scene.key},
    }
    for operation, given in calls.items():
        with pytest.raises(VaultDamagedError, match="a replica that nobody made by this program"):
            scene.service(operation, SecretId="prod/k", **given)
    with pytest.raises(ServiceError, match="can't find the specified secret value"):
        Service(scene.service.session._replace(region="eu-west-1"))(
            "GetSecretValue", SecretId="prod/k"
        )
    scene.service(
        "RemoveRegionsFromReplication", SecretId="prod/k", RemoveReplicaRegions=["eu-west-1"]
    )
    scene.service("PutSecretValue", SecretId="prod/k", SecretString="V-2")
    west = Service(scene.service.session._replace(region="us-west-2"))
    assert west("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-2"
