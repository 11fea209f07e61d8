"""Who holds a credential can write records, and gets no key sealed by the owner for it."""

import os
from collections.abc import Callable
from functools import partial

import pytest

from secretctl import json_text
from secretctl.crypto.recipients import public_key, seal_to
from secretctl.domain.kms_grants import Grant
from secretctl.domain.principals import AccessKey
from secretctl.errors import VaultDamagedError
from secretctl.service import rekeying
from secretctl.service.rekey_survey import survey
from secretctl.service.session import Session
from secretctl.vault import fsck, grants, kms_grants, layout, principals
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.conftest import ALLOWS_ALL
from tests.service.planted import ARN, MINE, TRUST, Scene
from tests.vault.stored import records_of


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
        "the user bob was changed",
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
    """In the place of an access key's, or as one more."""
    bob = scene.user("bob")
    mine = public_key(MINE).hex()
    planted = AccessKey("AKIA" + "A" * 16, 1, public_key=mine)
    others = [bob.access_keys[0]._replace(public_key=mine)], [*bob.access_keys, planted]
    for each in others:
        forged = bob._replace(access_keys=tuple(each))
        scene.plant(partial(principals.put, entity=forged))
        scene.refuses(
            "the user bob was changed",
            scene.survey,
            lambda: scene.iam("DeleteAccessKey", UserName="bob", AccessKeyId=planted.id),
        )
    scene.drops("the user bob was changed")
    with scene.vault.read() as view:
        assert principals.find(view, "user", "bob") is None


def test_no_key_is_sealed_for_a_grant_that_was_planted(scene: Scene) -> None:
    """With any bytes where the key would be."""
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
        "a key sealed to somebody is not the owner's",
        lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key),
        scene.survey,
    )
    scene.drops("a grant is not the owner's", "a key sealed to somebody is not the owner's")


def test_no_role_is_given_to_whom_a_planted_record_says_that_it_was(scene: Scene) -> None:
    """Any bytes in the place of the role's key."""
    eve, role = scene.user("eve"), scene.role()

    def plant(seen: Transaction) -> None:
        seen.put_record(grants.place(seen, eve.id, grants.role_key_id(role.id)), os.urandom(81))

    scene.plant(plant)
    scene.refuses("a key sealed to somebody is not the owner's", scene.survey)
    scene.drops("a key sealed to somebody is not the owner's")


def test_what_is_planted_behind_the_survey_is_refused_under_the_lock(scene: Scene) -> None:
    """Nothing is changed then."""
    found = survey(scene.service.session)
    forged = scene.user("bob")._replace(public_key=public_key(MINE).hex())
    scene.plant(lambda seen: principals.put(seen, forged))
    before = records_of(scene.path)
    slots = found.header.slots
    openers = rekeying.Openers(lambda _: slots, lambda _: None, lambda: None, lambda: None)
    with pytest.raises(VaultDamagedError, match="the user bob was changed"):
        rekeying.rekey(scene.service.session, found, openers)
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
    scene.refuses(
        "the directory of KMS keys and aliases was changed",
        lambda: scene.iam("CreateUser", UserName="next"),
        scene.survey,
    )
    scene.drops("the directory of KMS keys and aliases was changed")


def test_no_policy_that_was_planted_lets_anybody_become_a_role(scene: Scene) -> None:
    """The policies of a principal decide who is given a role's key; each can be taken away."""
    scene.iam("UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=TRUST % "000000000000")
    scene.iam("DeleteUserPolicy", UserName="eve", PolicyName="all")
    scene.plants_policy("p", "q")
    scene.refuses(
        "the user eve was changed",
        lambda: scene.iam(
            "PutUserPolicy", UserName="eve", PolicyName="r", PolicyDocument=ALLOWS_ALL
        ),
        lambda: scene.iam("DeleteUserPolicy", UserName="eve", PolicyName="p"),
    )
    scene.drops("the user eve was changed")


def test_a_trust_policy_that_was_planted_gives_nothing(scene: Scene) -> None:
    """Nor does it become the owner's by a change of something else of the role."""
    forged = scene.role()._replace(trust=TRUST % f"{ARN}:user/eve")
    scene.plant(lambda seen: principals.put(seen, forged))
    trust = TRUST % f"{ARN}:user/bob"
    scene.refuses(
        "the role dep was changed",
        lambda: scene.iam(
            "PutRolePolicy", RoleName="dep", PolicyName="all", PolicyDocument=ALLOWS_ALL
        ),
        lambda: scene.iam("CreateUser", UserName="next"),
        lambda: scene.iam("UpdateAssumeRolePolicy", RoleName="dep", PolicyDocument=trust),
    )
    scene.drops("the role dep was changed")


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
    scene.refuses("is not the owner's", lambda: scene.kms("RotateKeyOnDemand", KeyId=scene.key))
