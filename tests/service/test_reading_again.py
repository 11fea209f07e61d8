"""What is read again is as it is now: nothing is remembered beyond a change, whoever made it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.domain.credential import Given
from secretctl.errors import SecretctlError, ServiceError
from secretctl.policy import grammar
from secretctl.service.serving import Serving
from secretctl.vault.policy_files import path_of
from secretctl.vault.unlocked import Keys
from secretctl.vault.vault import Vault
from tests.conftest import Service, World
from tests.service.conftest import ALLOWS_ALL, Other, described, new_key
from tests.service.served import ACCOUNT, READS, REGION, Scene

Fields = dict[str, object]
Change = Callable[[Scene, Given], object]
DENIES = READS.replace("Allow", "Deny").replace(',"sts:AssumeRole"', "")
BY_TAG = READS.replace('"*"}', '"*","Condition":{"StringEquals":{"aws:ResourceTag/env":"x"}}}')
MANAGED = f"{ACCOUNT}:policy/more"
OF_SECRET = (
    '{"Version":"2012-10-17","Statement":{"Effect":"%s","Principal":"*",'
    '"Action":"secretsmanager:GetSecretValue","Resource":"*"}}'
)
_FIXTURE = HealthCheck.function_scoped_fixture  # each example begins from what the last one left


def _key(scene: Scene, ci: Given, status: str) -> None:
    scene.iam("UpdateAccessKey", UserName="ci", AccessKeyId=ci.key_id, Status=status)


def _attached(scene: Scene, *, is_attached: bool) -> None:
    operation = "AttachUserPolicy" if is_attached else "DetachUserPolicy"
    if is_attached or _has_managed(scene):
        scene.iam(operation, UserName="ci", PolicyArn=MANAGED)


def _has_managed(scene: Scene) -> bool:
    return bool(scene.iam("ListAttachedUserPolicies", UserName="ci")["AttachedPolicies"])


def _file(scene: Scene, text: str) -> None:
    with open(path_of(scene.world.directory, "more"), "w", encoding="utf-8") as file:
        file.write(text)


def _group(scene: Scene, text: str) -> None:
    scene.iam("PutGroupPolicy", GroupName="eng", PolicyName="p", PolicyDocument=text)


def key_of(kms: Other) -> object:
    """Return the id of the key that secret a has."""
    return described(kms, "alias/k")["KeyId"]


def _grants(scene: Scene) -> list[object]:
    kms = Other(scene.service.session, "kms")
    found = kms("ListGrants", KeyId=key_of(kms))["Grants"]
    assert isinstance(found, list)
    return [each["GrantId"] for each in found]


def _revoked(scene: Scene) -> None:
    kms = Other(scene.service.session, "kms")
    for each in _grants(scene):
        kms("RevokeGrant", KeyId=key_of(kms), GrantId=each)


def _granted(scene: Scene) -> None:
    kms = Other(scene.service.session, "kms")
    who = f"{ACCOUNT}:user/ci"
    kms("CreateGrant", KeyId=key_of(kms), GranteePrincipal=who, Operations=["Decrypt"])


def _kms(scene: Scene, operation: str) -> None:
    kms = Other(scene.service.session, "kms")
    kms(operation, KeyId=key_of(kms))


def _of_secret(scene: Scene, effect: str) -> None:
    scene.service("PutResourcePolicy", SecretId="a", ResourcePolicy=OF_SECRET % effect)


CHANGES: dict[str, Change] = {
    "allowed": lambda scene, _: scene.allow("ci", READS),
    "denied": lambda scene, _: scene.allow("ci", DENIES),
    "by tag": lambda scene, _: scene.allow("ci", BY_TAG),
    "tagged": lambda scene, _: scene.service(
        "TagResource", SecretId="a", Tags=[{"Key": "env", "Value": "x"}]
    ),
    "untagged": lambda scene, _: scene.service("UntagResource", SecretId="a", TagKeys=["env"]),
    "inactive": lambda scene, ci: _key(scene, ci, "Inactive"),
    "active": lambda scene, ci: _key(scene, ci, "Active"),
    "deleted": lambda scene, _: scene.service("DeleteSecret", SecretId="a"),
    "restored": lambda scene, _: scene.service("RestoreSecret", SecretId="a"),
    "new value": lambda scene, _: scene.service("PutSecretValue", SecretId="a", SecretString="new"),
    "attached": lambda scene, _: _attached(scene, is_attached=True),
    "detached": lambda scene, _: _attached(scene, is_attached=False),
    "file changed": lambda scene, _: _file(scene, DENIES),
    "file as it was": lambda scene, _: _file(scene, ALLOWS_ALL),
    "group denies": lambda scene, _: _group(scene, DENIES),
    "group allows": lambda scene, _: _group(scene, READS),
    "in group": lambda scene, _: scene.iam("AddUserToGroup", GroupName="eng", UserName="ci"),
    "out of it": lambda scene, _: scene.iam("RemoveUserFromGroup", GroupName="eng", UserName="ci"),
    "key off": lambda scene, _: _kms(scene, "DisableKey"),
    "key on": lambda scene, _: _kms(scene, "EnableKey"),
    "revoked": lambda scene, _: _revoked(scene),
    "granted": lambda scene, _: _granted(scene),
    "secret denies": lambda scene, _: _of_secret(scene, "Deny"),
    "secret allows": lambda scene, _: _of_secret(scene, "Allow"),
}


@pytest.fixture
def scene(world: World, service: Service, iam: Other, reopen: Callable[[], Vault]) -> Scene:
    """Secret a, what may have a say about it, and a server in a process of its own."""
    new_key(Other(service.session, "kms"), "alias/k")
    service("CreateSecret", Name="a", SecretString="value of a", KmsKeyId="alias/k")
    iam("CreatePolicy", PolicyName="more", PolicyDocument=ALLOWS_ALL)
    iam("CreateGroup", GroupName="eng")
    return Scene(world, service, iam, Serving(world.begin(reopen(), REGION)))


@pytest.fixture
def ci(scene: Scene) -> Given:
    """A user who may read."""
    given = scene.user("ci")
    _granted(scene)
    return given


@contextmanager
def _fresh(scene: Scene, reopen: Callable[[], Vault]) -> Iterator[Serving]:
    session = scene.world.begin(reopen(), REGION)
    try:
        yield Serving(session)
    finally:
        session.close()


def _said(scene: Scene, serving: Serving, given: Given) -> object:
    """Return the value, or why there is none."""
    try:
        session = scene.session(given, serving=serving)
        (answer,) = serving.read([(session, {"SecretId": "a"})])
    except SecretctlError as error:
        answer = error
    if isinstance(answer, SecretctlError):
        shown = answer.code if isinstance(answer, ServiceError) else type(answer).__name__
        return shown, answer.message
    return answer["SecretString"], answer["VersionId"]


@given(changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[_FIXTURE])
def test_whoever_reads_again_is_answered_like_whoever_reads_first(
    scene: Scene, ci: Given, reopen: Callable[[], Vault], changes: list[str]
) -> None:
    """After any changes that another process makes, of whatever has a say, in any order."""
    _said(scene, scene.serving, ci)
    for name in changes:
        try:
            CHANGES[name](scene, ci)
        except ServiceError:  # it was so already
            continue
        finally:
            again = _said(scene, scene.serving, ci)
        with _fresh(scene, reopen) as serving:
            assert again == _said(scene, serving, ci), name


@pytest.mark.parametrize(
    "name", ["denied", "inactive", "deleted", "key off", "revoked", "secret denies"]
)
def test_what_takes_the_right_away_does_so_at_once(scene: Scene, ci: Given, name: str) -> None:
    """The very next request is refused."""
    assert _said(scene, scene.serving, ci)[0] == "value of a"  # type: ignore[index]  # a pair
    CHANGES[name](scene, ci)
    assert _said(scene, scene.serving, ci)[0] != "value of a"  # type: ignore[index]  # a pair


def test_an_edited_file_of_a_policy_is_refused_at_once(scene: Scene, ci: Given) -> None:
    """The vault has not changed by that; the file is read with each group of requests."""
    _attached(scene, is_attached=True)
    assert _said(scene, scene.serving, ci)[0] == "value of a"  # type: ignore[index]  # a pair
    _file(scene, DENIES)
    assert _said(scene, scene.serving, ci)[0] == "PolicyFileError"  # type: ignore[index]  # a pair
    assert os.path.exists(path_of(scene.world.directory, "more"))


def test_reading_again_opens_the_value_alone(
    scene: Scene, ci: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record of metadata is opened, no policy read, nothing got from the store but its state."""
    _of_secret(scene, "Allow")
    _attached(scene, is_attached=True)
    first = _said(scene, scene.serving, ci)
    opened: list[str] = []

    def counting(place: object, name: str) -> None:
        done = getattr(place, name)

        def counted(*given: object) -> object:
            opened.append(name)
            return done(*given)

        monkeypatch.setattr(place, name, counted)

    session = scene.session(ci)
    counting(grammar, "read")
    counting(Keys, "open_value")
    for vault in {session.vault, scene.serving._session.vault}:
        counting(vault.keys, "open_metadata")
    ran: list[str] = []
    session.vault.engine._db.set_trace_callback(ran.append)
    assert _said(scene, scene.serving, ci) == first
    session.vault.engine._db.set_trace_callback(None)
    assert opened == ["open_value"]
    assert not [each for each in ran if "FROM record WHERE key = " in each]
