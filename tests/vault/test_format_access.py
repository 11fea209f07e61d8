"""docs/format.md says enough of principals, credentials, KMS keys and grants."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from secretctl.domain.kms_grants import Grant
from secretctl.domain.principals import KINDS, AccessKey, PolicyVersion
from secretctl.model.services import operations_of
from secretctl.service.dispatch import call
from secretctl.vault import credentials, kms_grants, layout, principals
from secretctl.vault.unlocked import Holder
from tests.conftest import Service, World
from tests.vault import independent_directory as independent
from tests.vault.stored import records_of

HERE = Path(__file__).parent
FORMAT = (HERE.parents[1] / "docs/format.md").read_text("utf-8")
ACCOUNT = "arn:aws:iam::000000000000"
READ = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["secretsmanager:Get*", "sts:AssumeRole"],
            "Resource": "*",
        },
    }
)


def trusting(name: str) -> str:
    """Return a trust policy for one user."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"{ACCOUNT}:user/{name}"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


class Filled:
    """A vault with something of everything that access control stores."""

    def __init__(self, service: Service) -> None:
        self.session = service.session
        service("CreateSecret", Name="plain", SecretString="v")
        self.key = str(self("kms", "CreateKey", Description="d")["KeyMetadata"]["KeyId"])
        self("kms", "CreateAlias", AliasName="alias/prod", TargetKeyId=self.key)
        tags = [{"Key": "team", "Value": "core"}]
        self("iam", "CreatePolicy", PolicyName="Read", PolicyDocument=READ, Tags=tags)
        arn = f"{ACCOUNT}:policy/Read"
        self("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=READ)
        self("iam", "CreateGroup", GroupName="Readers", Path="/x/")
        self("iam", "PutGroupPolicy", GroupName="Readers", PolicyName="p", PolicyDocument=READ)
        for name in ("Ci", "eve"):
            bound = {"PermissionsBoundary": arn} if name == "Ci" else {}
            self("iam", "CreateUser", UserName=name, Tags=tags, **bound)
        self("iam", "AddUserToGroup", GroupName="Readers", UserName="Ci")
        self("iam", "AttachUserPolicy", UserName="Ci", PolicyArn=arn)
        self("iam", "CreateRole", RoleName="deploy", AssumeRolePolicyDocument=trusting("Ci"))
        keys = [self("iam", "CreateAccessKey", UserName="Ci")["AccessKey"] for _ in range(2)]
        self.active, self.aside = [str(key["AccessKeyId"]) for key in keys]
        self("iam", "UpdateAccessKey", UserName="Ci", AccessKeyId=self.aside, Status="Inactive")
        constraints = {"EncryptionContextSubset": {"SecretARN": "x"}}
        for name, operations in (("user/Ci", ["Decrypt"]), ("role/deploy", ["DescribeKey"])):
            given = {"GranteePrincipal": f"{ACCOUNT}:{name}", "Operations": operations}
            self("kms", "CreateGrant", KeyId=self.key, Constraints=constraints, Name="g", **given)
        self("kms", "RotateKeyOnDemand", KeyId=self.key)

    def __call__(self, service: str, operation: str, **parameters: object) -> dict[str, Any]:
        """Call an operation."""
        known = {each.name: each for each in operations_of(service).values()}
        return call(self.session, known[operation], parameters)


@pytest.fixture
def filled(service: Service) -> Filled:
    """A vault with something of everything."""
    return Filled(service)


@pytest.fixture
def found(world: World, filled: Filled) -> Any:
    """What the independent reader finds in it."""
    (file,) = (world.home / ".config/secretctl/keys").iterdir()
    key = bytes.fromhex(file.read_text("ascii").split()[1])
    assert filled.key
    return independent.read_directory(f"{world.directory}/vault.db", file_key=key)


def as_json(value: object) -> Any:
    """Return *value* as JSON has it."""
    return json.loads(json.dumps(value))


def test_users_groups_roles_and_policies_are_read(filled: Filled, found: Any) -> None:
    """Every member as secretctl has it, found at the place the document gives it."""
    with filled.session.vault.read() as view:
        expected = {
            (kind, each.name): as_json(each._asdict())
            for kind in KINDS
            for each in principals.all_of(view, kind)
        }
    assert found.principals == expected
    assert sorted(expected) == [
        *(("group", "Readers"), ("policy", "Read"), ("role", "deploy")),
        *(("user", "Ci"), ("user", "eve")),
    ]


def test_keys_aliases_and_grants_are_read(filled: Filled, found: Any) -> None:
    """The directory, and a grant's ten fields."""
    with filled.session.vault.read() as view:
        directory, grants = view.kms_directory(), kms_grants.all_of(view)
    assert found.kms["keys"] == as_json({name: key[1:] for name, key in directory.keys.items()})
    aliases = {
        name: each if each.formerly else each[:-1] for name, each in directory.aliases.items()
    }
    assert found.kms["aliases"] == as_json(aliases)
    assert len(found.kms["keys"][filled.key][1]) == 2
    assert sorted(found.grants) == sorted(as_json(grants))


def test_what_is_sealed_to_whom_is_what_the_document_says(filled: Filled, found: Any) -> None:
    """All material of keys that are granted for use, and the key of a role that trusts the user."""
    ids = {name: each["id"] for (_, name), each in found.principals.items()}
    materials = {key: [each[0] for each in fields[1]] for key, fields in found.kms["keys"].items()}
    needed = {
        (grant[3], material)
        for grant in found.grants
        if independent.NEED_MATERIAL & set(grant[5])
        for material in materials[grant[1]]
    }
    assert found.sealed == needed | {(ids["Ci"], ids["deploy"])}
    assert {(ids["Ci"], each) for each in materials[filled.key]} <= needed
    assert not {(ids["deploy"], each) for each in materials[filled.key]} & needed


def test_credentials_are_told_from_those_set_aside(filled: Filled, found: Any) -> None:
    """By a byte, which is the seal's format or zero."""
    assert (found.active, found.aside) == ({filled.active}, {filled.aside})


def section(number: str) -> str:
    """Return a section of the document."""
    return FORMAT.partition(f"### {number} ")[2].partition("\n##")[0]


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables of a section, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in cells if row[0].startswith("`") or row[0].isdigit()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_lists_every_member_of_a_principal(kind: str) -> None:
    """And none that a kind has not."""
    listed = {
        row[0].strip("`")
        for row in rows(section("5.4"))
        if row[1] == "all" or kind in row[1].split(", ")
    }
    assert listed == set(KINDS[kind]._fields)
    assert (len(AccessKey._fields), len(PolicyVersion._fields)) == (4, 3)


def test_the_document_lists_every_member_of_a_credential_and_grant(
    world: World, filled: Filled
) -> None:
    """Of the credential's holder as well."""
    names = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows(section("5.5")))))
    assert names >= set(Holder._fields)
    others = {"name_index", "metadata", "state", "account", "holder"}
    others |= {"names", "trust", "former_trust", "escrow"}
    assert names - set(Holder._fields) == others
    assert [row[0] for row in rows(section("5.6"))] == list(map(str, range(len(Grant._fields))))
    place = credentials.place(filled.session.vault.keys.vault_id, filled.active)
    assert place in records_of(Path(world.directory, "vault.db"))


def test_the_document_lists_every_kind_of_record(world: World, filled: Filled) -> None:
    """That there is in the code, and that there is in a vault."""
    listed = {line[3].encode() for line in FORMAT.splitlines() if re.match(r"\| `\w` ?", line)}
    kinds = {
        value
        for name, value in vars(layout).items()
        if name.isupper() and isinstance(value, bytes) and len(value) == 1
    }
    assert kinds <= listed
    there = {key[:1] for key in records_of(Path(world.directory, "vault.db"))}
    assert there <= listed
    assert there >= {b"u", b"q", b"c", b"g", b"z", b"i", b"k"}
    assert filled.key


def test_the_independent_reader_is_independent() -> None:
    """Nothing of secretctl is imported."""
    assert "import secretctl" not in (HERE / "independent_directory.py").read_text()
    assert "from secretctl" not in (HERE / "independent_directory.py").read_text()
