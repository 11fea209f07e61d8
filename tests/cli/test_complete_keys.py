"""Completion of KMS's options from a vault: keys, aliases and grants, for its owner alone."""

from typing import Any, NamedTuple

import pytest

from secretctl.vault import keyring, view
from secretctl.vault.unlocked import Keys
from tests.cli.test_complete_principals import offered
from tests.conftest import Service, World
from tests.service.conftest import Other, described, new_key
from tests.service.iam.conftest import ACCOUNT, TRUST, Iam

DEFAULT = "alias/aws/secretsmanager"
ARN = "arn:aws:kms:us-east-1:000000000000:"


class There(NamedTuple):
    """What is in the vault."""

    default: str
    prod: str
    grant: str
    credential: dict[str, Any]


@pytest.fixture
def there(service: Service) -> There:
    """A vault, closed, with two keys, an alias and a grant on one, a user and a role."""
    iam, kms = Iam(service.session), Other(service.session, "kms")
    prod = new_key(kms, "alias/prod")
    iam("CreateUser", UserName="ci")
    iam("CreateRole", RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    given = {"GranteePrincipal": f"{ACCOUNT}:user/ci", "Operations": ["Decrypt"]}
    grant = kms("CreateGrant", KeyId=prod, **given)["GrantId"]
    credential = iam("CreateAccessKey", UserName="ci")["AccessKey"]
    default = str(described(kms, DEFAULT)["KeyId"])
    service.session.vault.close()
    return There(default, prod, str(grant), credential)


CASES = [
    ("kms disable-key --key-id ", ["{default}", "{prod}", DEFAULT]),
    ("kms disable-key --key-id alias/p", []),
    ("kms describe-key --key-id alias/", [DEFAULT, "alias/prod"]),
    (f"kms describe-key --key-id {ARN}key/", [f"{ARN}key/{{default}}", f"{ARN}key/{{prod}}"]),
    (f"kms describe-key --key-id {ARN}alias/p", [f"{ARN}alias/prod"]),
    ("create-secret --kms-key-id alias/p", ["alias/prod"]),
    ("update-secret --secret-id a --kms-key-id ", ["{default}", "{prod}", DEFAULT, "alias/prod"]),
    ("kms create-alias --alias-name ", []),
    ("kms create-alias --target-key-id ", ["{default}", "{prod}", DEFAULT]),
    ("kms update-alias --alias-name ", ["alias/prod"]),
    ("kms delete-alias --alias-name=", ["--alias-name=alias/prod"]),
    ("kms revoke-grant --key-id {prod} --grant-id ", ["{grant}"]),
    (f"kms revoke-grant --key-id {ARN}key/{{prod}} --grant-id ", ["{grant}"]),
    ("kms revoke-grant --key-id nothing --grant-id ", []),
    ("kms revoke-grant --grant-id ", []),
    ("kms create-grant --grantee-principal ", [f"{ACCOUNT}:role/deploy", f"{ACCOUNT}:user/ci"]),
    ("kms create-grant --operations Gen", None),
]


@pytest.mark.parametrize(("words", "expected"), CASES)
def test_what_is_there_is_offered(
    world: World, there: There, words: str, expected: list[str] | None
) -> None:
    """Ids and aliases where they may stand; nothing for the name of what is made."""
    ids = there._asdict()
    found = offered(world, *words.format(**ids).split(" "))
    if expected is None:
        assert "GenerateDataKey" in found
    else:
        assert found == sorted(each.format(**ids) for each in expected)


def test_a_principal_is_told_nothing(world: World, there: There) -> None:
    """Whatever its policies say: each question of KMS has its own permission and its own record."""
    environ = {
        **world.context.environ,
        "SECRETCTL_ACCESS_KEY_ID": there.credential["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": there.credential["SecretAccessKey"],
    }
    theirs = world._replace(context=world.context._replace(environ=environ))
    assert offered(theirs, "kms", "describe-key", "--key-id", "") == []


def test_no_key_is_opened(world: World, there: There, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither key-encryption keys nor values: names stand among the metadata."""

    def refuse(*_: object) -> bytes:
        raise AssertionError("a key was opened")

    monkeypatch.setattr(view, "open_kek", refuse)
    monkeypatch.setattr(keyring, "open_kek", refuse)
    monkeypatch.setattr(Keys, "open_value", refuse)
    assert there.prod in offered(world, "kms", "describe-key", "--key-id", "")
