"""KMS: grants, which seal a key to a principal, and what a credential then opens."""

from collections.abc import Callable

import pytest

from secretctl.service.session import Session
from secretctl.vault.fsck import check
from tests.conftest import Service, World
from tests.service.conftest import Other, described, entries, given_key, new_key, refusal
from tests.vault import independent_principal as independent
from tests.vault.independent_reader import FormatError

DEFAULT = "alias/aws/secretsmanager"
CI = "arn:aws:iam::000000000000:user/ci"
DENIED = ("AccessDeniedException", "Access to KMS is not allowed")
SOURCE = "arn:aws:s3:us-east-1:000000000000:x"
TRUST = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
    '"Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}'
)


@pytest.fixture
def prod(kms: Other, iam: Other, service: Service) -> str:
    """A key with the secret ``prod`` under it, a user ``ci``, and ``a`` under the default key."""
    key_id = new_key(kms, "alias/prod")
    service("CreateSecret", Name="prod", SecretString="prod's", KmsKeyId="alias/prod")
    service("CreateSecret", Name="a", SecretString="a's")
    iam("CreateUser", UserName="ci")
    return key_id


def granted(kms: Other, key_id: str, *operations: str, **more: object) -> str:
    """Grant the user operations on a key; return the grant's id."""
    given = {"KeyId": key_id, "GranteePrincipal": CI, "Operations": list(operations)}
    return str(kms("CreateGrant", **given, **more)["GrantId"])


def test_without_a_grant_no_program_decrypts(
    world: World, kms: Other, iam: Other, service: Service, prod: str
) -> None:
    """A reader of the format tries every key that the credential opens, in vain."""
    key = given_key(iam, "ci")
    path = f"{world.directory}/vault.db"

    def seen() -> tuple[set[str], set[object], set[str]]:
        found = independent.seen_with(path, key.key_id, key.secret)
        with service.session.vault.read() as view:
            for material in view.kms_directory().keys[prod].materials:
                kek = view.kek(bytes.fromhex(material.id)).key
                assert (kek in found.keys) == ("prod" not in found.closed)
            assert view.keys.root not in found.keys
        return found.names, set(found.values.values()), found.closed

    assert seen() == ({"prod", "a"}, {"a's"}, {"prod"})
    grant = granted(kms, prod, "Decrypt")
    assert seen() == ({"prod", "a"}, {"a's", "prod's"}, set())
    kms("RotateKeyOnDemand", KeyId=prod)
    service("PutSecretValue", SecretId="prod", SecretString="new")
    assert seen() == ({"prod", "a"}, {"a's", "prod's", "new"}, set())
    kms("RevokeGrant", KeyId=prod, GrantId=grant)
    assert seen() == ({"prod", "a"}, {"a's"}, {"prod"})
    with pytest.raises(FormatError):
        independent.seen_with(path, key.key_id, key.secret[:-1])


def test_the_tool_wants_decrypt_to_read_and_generate_data_key_to_write(
    kms: Other, prod: str, as_user: Callable[[str], Session]
) -> None:
    """Each alone allows its own half; what AWS answers to the rest is answered here."""
    theirs = Service(as_user("ci"))
    assert refusal(theirs, "GetSecretValue", SecretId="prod") == DENIED
    assert refusal(theirs, "PutSecretValue", SecretId="prod", SecretString="x") == DENIED
    reads = granted(kms, prod, "Decrypt")
    assert theirs("GetSecretValue", SecretId="prod")["SecretString"] == "prod's"
    assert refusal(theirs, "PutSecretValue", SecretId="prod", SecretString="x") == DENIED
    granted(kms, prod, "GenerateDataKey")
    kms("RevokeGrant", KeyId=prod, GrantId=reads)
    theirs("PutSecretValue", SecretId="prod", SecretString="theirs")
    assert refusal(theirs, "GetSecretValue", SecretId="prod") == DENIED
    granted(kms, prod, "DescribeKey")
    assert refusal(theirs, "GetSecretValue", SecretId="prod") == DENIED


def test_a_principal_makes_no_keys(prod: str, as_user: Callable[[str], Session]) -> None:
    """A KmsKeyId that is not there is refused, where the owner's would be made."""
    theirs = Service(as_user("ci"))
    given = {"Name": "x", "SecretString": "v", "KmsKeyId": "alias/none"}
    assert refusal(theirs, "CreateSecret", **given) == DENIED
    assert refusal(theirs, "CreateSecret", **{**given, "KmsKeyId": prod}) == DENIED
    theirs("CreateSecret", Name="x", SecretString="v")
    assert theirs("GetSecretValue", SecretId="x")["SecretString"] == "v"


def test_new_users_and_roles_may_use_the_default_key_until_that_is_revoked(
    kms: Other, iam: Other, prod: str, as_user: Callable[[str], Session]
) -> None:
    """Also what it encrypts after a rotation."""
    iam("CreateRole", RoleName="app", AssumeRolePolicyDocument=TRUST)
    listed = entries(kms("ListGrants", KeyId=DEFAULT), "Grants")
    found = sorted(listed, key=lambda each: str(each["GranteePrincipal"]), reverse=True)
    role = "arn:aws:iam::000000000000:role/app"
    assert [each["GranteePrincipal"] for each in found] == [CI, role]
    assert {str(each["Operations"]) for each in found} == {"['Decrypt', 'GenerateDataKey']"}
    theirs = Service(as_user("ci"))
    kms("RotateKeyOnDemand", KeyId=DEFAULT)
    theirs("PutSecretValue", SecretId="a", SecretString="new")
    assert theirs("GetSecretValue", SecretId="a")["SecretString"] == "new"
    kms("RevokeGrant", KeyId=DEFAULT, GrantId=found[0]["GrantId"])
    assert refusal(theirs, "GetSecretValue", SecretId="a") == DENIED
    assert prod


@pytest.mark.parametrize("member", ["EncryptionContextEquals", "EncryptionContextSubset"])
def test_constraints_are_compared_with_secret_and_version(
    kms: Other, service: Service, prod: str, as_user: Callable[[str], Session], member: str
) -> None:
    """SecretARN and SecretVersionId, as Secrets Manager gives them to KMS."""
    secret = service("GetSecretValue", SecretId="prod")
    context = {"SecretARN": secret["ARN"], "SecretVersionId": secret["VersionId"]}
    theirs = Service(as_user("ci"))
    wrong = granted(kms, prod, "Decrypt", Constraints={member: {**context, "SecretVersionId": "x"}})
    assert refusal(theirs, "GetSecretValue", SecretId="prod") == DENIED
    granted(kms, prod, "Decrypt", Constraints={member: context})
    assert theirs("GetSecretValue", SecretId="prod")["SecretString"] == "prod's"
    kms("RevokeGrant", KeyId=prod, GrantId=wrong)
    assert theirs("GetSecretValue", SecretId="prod")["SecretString"] == "prod's"
    (shown,) = entries(kms("ListGrants", KeyId=prod), "Grants")
    assert shown["Constraints"] == {member: context}


def test_a_grant_of_the_same_name_and_content_is_made_once(kms: Other, prod: str) -> None:
    """Another name, or other content, is another grant; a token tells of each."""
    first = granted(kms, prod, "Decrypt", Name="ci")
    assert granted(kms, prod, "Decrypt", Name="ci") == first
    assert granted(kms, prod, "GenerateDataKey", Name="ci") != first
    assert granted(kms, prod, "Decrypt") != granted(kms, prod, "Decrypt")
    assert len(entries(kms("ListGrants", KeyId=prod), "Grants")) == 4
    (shown,) = entries(kms("ListGrants", KeyId=prod, GrantId=first), "Grants")
    assert (shown["GrantId"], shown["Name"]) == (first, "ci")
    given = {"KeyId": prod, "GranteePrincipal": CI, "Operations": ["Decrypt"], "Name": "ci"}
    token = kms("CreateGrant", **given)["GrantToken"]
    assert (
        described(kms, prod) == kms("DescribeKey", KeyId=prod, GrantTokens=[token])["KeyMetadata"]
    )


def test_a_grant_goes_with_its_principal(
    kms: Other, iam: Other, service: Service, prod: str
) -> None:
    """A user of the same name later has nothing of it; nothing is left in the vault."""
    granted(kms, prod, "Decrypt")
    iam("DeleteUser", UserName="ci")
    assert entries(kms("ListGrants", KeyId=prod), "Grants") == []
    assert entries(kms("ListGrants", KeyId=DEFAULT), "Grants") == []
    assert check(service.session.vault).problems == ()
    iam("CreateUser", UserName="ci")
    assert entries(kms("ListGrants", KeyId=prod), "Grants") == []
    kms("RotateKeyOnDemand", KeyId=prod)
    assert check(service.session.vault).problems == ()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"GranteePrincipal": "arn:aws:iam::000000000000:user/no"}, "InvalidArnException"),
        ({"GranteePrincipal": "ci"}, "InvalidArnException"),
        ({"GranteePrincipal": None}, "ValidationException"),
        ({"RetiringPrincipal": "arn:aws:iam::000000000000:user/no"}, "InvalidArnException"),
        ({"Operations": []}, "ValidationException"),
        ({"Operations": ["Sign"]}, "ValidationException"),
        (
            {"Constraints": {"SourceArn": SOURCE}},
            "ValidationException",
        ),
        ({"GrantTokens": ["x"]}, "InvalidGrantTokenException"),
        ({"DryRun": True}, "DryRunOperationException"),
        ({"KeyId": "alias/prod"}, "NotFoundException"),
    ],
)
def test_what_cannot_be_granted_is_refused(
    kms: Other, prod: str, given: dict[str, object], code: str
) -> None:
    """And nothing is granted."""
    good: dict[str, object] = {"KeyId": prod, "GranteePrincipal": CI, "Operations": ["Decrypt"]}
    assert refusal(kms, "CreateGrant", **{**good, **given})[0] == code
    assert entries(kms("ListGrants", KeyId=prod), "Grants") == []


def test_a_grant_that_is_not_there_is_not_found(kms: Other, prod: str) -> None:
    """A dry run revokes nothing."""
    grant = granted(kms, prod, "Decrypt")
    gone = ("NotFoundException", "Grant ID 00 not found")
    assert refusal(kms, "RevokeGrant", KeyId=prod, GrantId="00") == gone
    assert refusal(kms, "ListGrants", KeyId=prod, GrantId="00") == gone
    dry = refusal(kms, "RevokeGrant", KeyId=prod, GrantId=grant, DryRun=True)
    assert dry[0] == "DryRunOperationException"
    assert len(entries(kms("ListGrants", KeyId=prod), "Grants")) == 1
