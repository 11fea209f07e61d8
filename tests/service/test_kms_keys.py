"""KMS: keys, aliases, and the key that a secret's KmsKeyId means."""

import pytest

from secretctl.domain.kms import Alias, with_alias
from secretctl.domain.kms_grants import Grant
from secretctl.service.secrets import writing
from secretctl.vault import kms_granting
from tests.conftest import Service
from tests.service.conftest import Other, described, entries, new_key, refusal

ARN = "arn:aws:kms:us-east-1:000000000000:key/"
DEFAULT = "alias/aws/secretsmanager"


def material_of(service: Service, secret_id: str) -> str:
    """Return which material the current value of a secret is wrapped under."""
    vault = service.session.vault
    with vault.read() as view:
        secret = view.find(service.session.region, secret_id)
        assert secret is not None
        return view.checked_value(secret, secret.versions[-1])[1][:16].hex()


def materials(service: Service, key_id: str) -> list[str]:
    """Return the material of a key, oldest first."""
    with service.session.vault.read() as view:
        return [each.id for each in view.kms_directory().keys[key_id].materials]


def test_a_new_key_is_described_as_aws_describes_one(kms: Other) -> None:
    """Members in AWS's order; what is answered is what is told later."""
    made = kms("CreateKey", Description="production")["KeyMetadata"]
    assert isinstance(made, dict)
    assert made == described(kms, made["KeyId"]) == described(kms, made["Arn"])
    assert list(made) == [
        *("AWSAccountId", "KeyId", "Arn", "CreationDate", "Enabled", "Description", "KeyUsage"),
        *("KeyState", "Origin", "KeyManager", "CustomerMasterKeySpec", "KeySpec"),
        *("EncryptionAlgorithms", "MultiRegion", "CurrentKeyMaterialId"),
    ]
    assert made["Arn"] == ARN + made["KeyId"]
    assert (made["KeyState"], made["KeyManager"]) == ("Enabled", "CUSTOMER")
    assert len(made["CurrentKeyMaterialId"]) == 64


@pytest.mark.parametrize(
    "asked",
    [
        {"KeySpec": "RSA_2048"},
        {"CustomerMasterKeySpec": "HMAC_256"},
        {"KeyUsage": "SIGN_VERIFY"},
        {"Origin": "EXTERNAL"},
        {"MultiRegion": True},
        {"Policy": "{}"},
    ],
)
def test_what_would_not_be_heeded_is_refused(kms: Other, asked: dict[str, object]) -> None:
    """No key is made."""
    assert refusal(kms, "CreateKey", **asked)[0] == "UnsupportedOperationException"
    assert kms("ListKeys")["Keys"] == []


def test_a_spec_is_given_by_one_of_its_names(kms: Other) -> None:
    """Either will do, both are refused."""
    spec = "SYMMETRIC_DEFAULT"
    for given in ({"KeySpec": spec}, {"CustomerMasterKeySpec": spec}):
        kms("CreateKey", **given)
    assert refusal(kms, "CreateKey", KeySpec=spec, CustomerMasterKeySpec=spec) == (
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.",
    )
    assert len(entries(kms("ListKeys"), "Keys")) == 2


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (
            [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}],
            "Duplicate tag keys",
        ),
        ([{"TagKey": "aws:a", "TagValue": ""}], "Tags beginning with aws: are reserved"),
        ([{"TagKey": str(each), "TagValue": ""} for each in range(51)], "Too many tags"),
    ],
)
def test_tags_of_a_key_have_aws_s_limits(
    kms: Other, tags: list[dict[str, str]], sentence: str
) -> None:
    """Twice the same, reserved, or too many."""
    assert refusal(kms, "CreateKey", Tags=tags) == ("TagException", sentence)


@pytest.mark.parametrize("operation", ["DescribeKey", "DisableKey", "ListGrants"])
def test_a_key_of_another_account_is_refused_in_kmss_words(kms: Other, operation: str) -> None:
    """Whether there is one is not told."""
    elsewhere = "arn:aws:kms:us-east-1:999999999999:key/00000000-0000-4000-8000-000000000000"
    assert refusal(kms, operation, KeyId=elsewhere) == (
        "AccessDeniedException",
        "User: arn:aws:iam::000000000000:root is not authorized to perform: "
        f"kms:{operation} on this resource because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access",
    )


def test_pages_have_as_many_items_as_aws_s(kms: Other, service: Service) -> None:
    """Unasked 50 aliases and 50 grants; 100 at most, whatever is asked for."""
    key_id = new_key(kms)
    with writing(service.session) as transaction:
        directory = transaction.kms_directory()
        for number in range(101):
            alias = Alias(key_id, 0, 0)
            directory = with_alias(directory, f"alias/{number}", alias)
            grant = Grant(f"{number:064x}", key_id, "", "AIDA1", 0, ("DescribeKey",))
            kms_granting.put(transaction, grant, directory.keys[key_id], b"")
        transaction.put_kms_directory(directory)
    for operation, member, more in (
        ("ListAliases", "Aliases", {}),
        ("ListGrants", "Grants", {"KeyId": key_id}),
    ):
        first = kms(operation, **more)
        assert (len(entries(first, member)), first["Truncated"]) == (50, True)
        most = kms(operation, Limit=1000, **more)
        assert (len(entries(most, member)), most["Truncated"]) == (100, True)
        assert len(entries(kms(operation, Marker=most["NextMarker"], **more), member)) >= 1


def test_keys_and_aliases_are_listed_page_by_page(kms: Other) -> None:
    """Limit and Marker divide a list; a marker of another list is refused."""
    made = {new_key(kms, f"alias/{number}") for number in range(5)}
    found: list[object] = []
    marker: dict[str, object] = {}
    while True:
        page = kms("ListKeys", Limit=2, **marker)
        found += [each["KeyId"] for each in entries(page, "Keys")]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert found == sorted(made)
    assert len(entries(kms("ListAliases"), "Aliases")) == 5
    refused = ("InvalidMarkerException", "Could not deserialize marker")
    assert refusal(kms, "ListKeys", Marker="x") == refused
    other = kms("ListAliases", Limit=2)["NextMarker"]
    assert refusal(kms, "ListKeys", Marker=other) == refused


def test_an_alias_stands_for_its_key_until_it_gets_another(kms: Other, service: Service) -> None:
    """What is written is wrapped under the key of that moment; what was written stays readable."""
    first, second = new_key(kms, "alias/prod"), new_key(kms)
    service("CreateSecret", Name="a", SecretString="one", KmsKeyId="alias/prod")
    assert material_of(service, "a") == materials(service, first)[-1]
    kms("UpdateAlias", AliasName="alias/prod", TargetKeyId=second)
    service("PutSecretValue", SecretId="a", SecretString="two")
    assert material_of(service, "a") == materials(service, second)[-1]
    got = service("GetSecretValue", SecretId="a", VersionStage="AWSPREVIOUS")
    assert got["SecretString"] == "one"
    (alias,) = entries(kms("ListAliases", KeyId=second), "Aliases")
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/prod", second)
    assert entries(kms("ListAliases", KeyId=first), "Aliases") == []
    kms("DeleteAlias", AliasName="alias/prod")
    assert entries(kms("ListAliases", KeyId=second), "Aliases") == []
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "two"


@pytest.mark.parametrize("spelled", ["{id}", ARN + "{id}", "alias/k", ARN[:-4] + "alias/k"])
def test_every_spelling_of_a_key_wraps_under_it(kms: Other, service: Service, spelled: str) -> None:
    """Key id, key ARN, alias name and alias ARN; the secret tells of it as it was given."""
    key_id = new_key(kms, "alias/k")
    given = spelled.format(id=key_id)
    service("CreateSecret", Name="a", SecretString="v", KmsKeyId=given)
    assert material_of(service, "a") == materials(service, key_id)[-1]
    assert service("DescribeSecret", SecretId="a")["KmsKeyId"] == given
    assert kms("ListKeys")["Keys"] == [{"KeyId": key_id, "KeyArn": ARN + key_id}]


def test_the_default_key_is_made_with_the_first_value(kms: Other, service: Service) -> None:
    """It has its alias, is managed, and is that of secrets that name none or name it."""
    assert kms("ListAliases")["Aliases"] == []
    service("CreateSecret", Name="a", SecretString="v")
    service("CreateSecret", Name="b", SecretString="v", KmsKeyId=DEFAULT)
    (alias,) = entries(kms("ListAliases"), "Aliases")
    assert alias["AliasName"] == DEFAULT
    assert described(kms, DEFAULT)["KeyManager"] == "AWS"
    assert material_of(service, "a") == material_of(service, "b")


def test_a_key_that_is_not_there_is_made_on_first_use(kms: Other, service: Service) -> None:
    """For the owner: by alias or id, and then it is a key like any other."""
    for number, given in enumerate(("alias/prod", "mine", ARN + "mine")):
        service("CreateSecret", Name=str(number), SecretString="v", KmsKeyId=given)
    listed = {str(each["KeyId"]) for each in entries(kms("ListKeys"), "Keys")}
    (alias,) = entries(kms("ListAliases"), "Aliases")
    assert listed == {"mine", alias["TargetKeyId"]}
    assert material_of(service, "1") == material_of(service, "2")


def test_keys_are_seen_in_every_region(kms: Other, service: Service) -> None:
    """The ARN shows the region asked in; one of another region is refused, as by AWS."""
    key_id = new_key(kms)
    there = Other(service.in_region("eu-west-1").session, "kms")
    assert described(there, key_id)["Arn"] == f"arn:aws:kms:eu-west-1:000000000000:key/{key_id}"
    refused = ("NotFoundException", "Invalid arn us-east-1")
    assert refusal(there, "DescribeKey", KeyId=ARN + key_id) == refused


def test_refusals_have_aws_s_codes_and_sentences(kms: Other) -> None:
    """Keys, ARNs and aliases that are not there, or are none."""
    key_id = new_key(kms, "alias/k")
    absent = "00000000-0000-4000-8000-000000000000"
    arn, alias_arn = ARN + absent, ARN[:-4] + "alias/x"
    gone = ("NotFoundException", f"Key '{arn}' does not exist")
    no_alias = ("NotFoundException", f"Alias {alias_arn} is not found.")
    assert refusal(kms, "DescribeKey", KeyId=absent) == gone
    assert refusal(kms, "DescribeKey", KeyId="alias/x") == no_alias
    assert refusal(kms, "DescribeKey", KeyId="arn:aws:s3:::x")[0] == "InvalidArnException"
    assert refusal(kms, "DisableKey", KeyId=arn) == gone
    assert refusal(kms, "DisableKey", KeyId="alias/k") == (
        "NotFoundException",
        "Invalid keyId 'alias/k'",
    )
    assert refusal(kms, "DeleteAlias", AliasName="alias/x") == no_alias
    assert refusal(kms, "UpdateAlias", AliasName="alias/x", TargetKeyId=key_id) == no_alias
    assert refusal(kms, "CreateAlias", AliasName="alias/x", TargetKeyId=absent) == gone
    assert refusal(kms, "CreateAlias", AliasName="alias/k", TargetKeyId=key_id) == (
        "AlreadyExistsException",
        f"An alias with the name {ARN[:-4]}alias/k already exists",
    )
    for given in ("mine", "0000000040008000000000000000000", "mrk-mine", ARN + "mine"):
        shown = f"Invalid keyId '{given.removeprefix(ARN)}'"
        assert refusal(kms, "DescribeKey", KeyId=given) == ("NotFoundException", shown)
    mrk = "mrk-1234abcd12ab34cd56ef1234567890ab"
    absent_mrk = ("NotFoundException", f"Key '{ARN}{mrk}' does not exist")
    assert refusal(kms, "DescribeKey", KeyId=mrk) == absent_mrk
    assert refusal(kms, "CreateAlias", AliasName="k", TargetKeyId=key_id) == (
        "ValidationException",
        'Alias must start with the prefix "alias/". Please see '
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
    for name, code in (
        ("alias/", "ValidationException"),
        ("alias/aws/mine", "InvalidAliasNameException"),
        ("alias/a:b", "InvalidAliasNameException"),
    ):
        assert refusal(kms, "CreateAlias", AliasName=name, TargetKeyId=key_id)[0] == code
    token = refusal(kms, "DescribeKey", KeyId=key_id, GrantTokens=["x"])
    assert token == ("InvalidGrantTokenException", "The grant token is not valid.")
