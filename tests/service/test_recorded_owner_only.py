"""What needs the root key is refused to principals, and recorded by its own name."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.context import Context
from secretctl.errors import VaultDamagedError
from secretctl.service.failures import record_refusal
from secretctl.service.session import Session
from secretctl.vault import layout
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.conftest import (
    Fields,
    Other,
    Told,
    code,
    decision,
    given_key,
    new_key,
    refusal,
)
from tests.service.test_recorded_failures import damage

CANARY = "canary90ce"
WHY = "only the account root may do this"
DENIED: Fields = {"allowed": False, "reason": WHY}
COMMANDS = [
    ("BackUpVault", ("backup", f"/no/such/{CANARY}")),
    ("SignCheckpoint", ("audit", "checkpoint", "--out", f"/no/such/{CANARY}")),
    ("SignCheckpoint", ("audit", "checkpoint", "--key")),
    ("PruneJournal", ("audit", "prune", "--before", "1d")),
    ("AddUnlockSlot", ("unlock-slot", "add", "--passphrase")),
    ("AddUnlockSlot", ("unlock-slot", "add", "--key-file", f"/no/such/{CANARY}")),
    ("RemoveUnlockSlot", ("unlock-slot", "remove", "c0")),
    ("RekeyVault", ("rekey", "--key-file", f"/no/such/{CANARY}")),
    ("RekeyVault", ("rekey", "--dry-run")),
    ("ApplyPolicies", ("policy", "apply", "--yes", CANARY)),
    ("ApplyPolicies", ("policy", "apply", "--dry-run")),
    ("WhoCan", ("policy", "who-can", "GetSecretValue", "a")),
    ("AcceptRestore", ("accept-restore",)),
    ("RestoreBackup", ("restore", f"/no/such/{CANARY}")),
    ("RestoreBackup", ("restore", f"/no/such/{CANARY}", "--replace")),
    ("ListUnvouched", ("vouching", "list")),
    ("DropUnvouched", ("vouching", "drop", "--yes", CANARY)),
    ("RenewVouched", ("vouching", "renew", "--yes")),
    ("RecountRecords", ("vouching", "recount", "--yes")),
]


@pytest.fixture
def as_ann(world: World, told: Told, iam: Other) -> Context:
    """The context of a user, whose credential does not open the root key."""
    iam("CreateUser", UserName="ann")
    given = given_key(iam, "ann")
    told.lines()
    more = {
        "SECRETCTL_ACCESS_KEY_ID": given.key_id,
        "SECRETCTL_SECRET_ACCESS_KEY": given.secret,
        "SECRETCTL_NEW_PASSPHRASE": CANARY,
    }
    return world.context._replace(environ={**world.context.environ, **more})


def test_each_command_is_refused_and_recorded_by_its_name(
    world: World, told: Told, as_ann: Context
) -> None:
    """One record besides that of the unlock, with who asked, and nothing of what was typed."""
    before = Path(world.directory, "vault.db").read_bytes()
    for name, words in COMMANDS:
        done = ended(world, *words, context=as_ann)
        assert (done.status, done.stdout) == (254, ""), words
        assert f"(AccessDenied) when calling the {name} operation: Only the" in done.stderr
        lines = told.lines()
        assert CANARY.encode() not in b"".join(lines)
        *opened, event = Told.parsed(lines)
        assert {str(each["eventName"]) for each in opened} - {"TrustEstablished"} == {"UnlockVault"}
        assert (event["eventName"], code(event)) == (name, "AccessDenied")
        assert event["errorMessage"] == "You are not authorized to perform this action."
        assert decision(event) == DENIED
        assert event["requestParameters"] in (None, {})
        assert isinstance(event["userIdentity"], dict)
        assert event["userIdentity"]["userName"] == "ann"
    assert Path(world.directory, "vault.db").read_bytes() == before


def test_changes_of_principals_and_keys_tell_what_policies_decided_besides(
    kms: Other, iam: Other, told: Told, as_user: Callable[[str], Session]
) -> None:
    """They allowed it, and that is not enough."""
    key = new_key(kms)
    iam("CreateUser", UserName="ann")
    session = as_user("ann")
    asked: list[tuple[str, str, dict[str, object], str]] = [
        ("iam", "CreateUser", {"UserName": "x"}, "AccessDenied"),
        ("iam", "DeleteUser", {"UserName": "ann"}, "AccessDenied"),
        ("kms", "CreateKey", {}, "AccessDeniedException"),
        ("kms", "DisableKey", {"KeyId": key}, "AccessDeniedException"),
        ("kms", "RotateKeyOnDemand", {"KeyId": key, "Rewrap": True}, "AccessDeniedException"),
    ]
    for service, name, parameters, expected in asked:
        told.lines()
        assert refusal(Other(session, service), name, **parameters) == (
            expected,
            "Only the account root can change users, groups, roles, policies and keys.",
        )
        event = told.events()[-1]
        assert (event["eventName"], code(event)) == (name, expected)
        said = decision(event)
        assert (said["allowed"], said["reason"]) == (False, WHY)
        assert said["action"] == f"{service}:{name}"
        assert said["statements"]


def test_an_older_copy_is_accepted_by_the_owner_alone(
    world: World, service: Service, told: Told, as_ann: Context
) -> None:
    """A principal is refused; what is recorded is that it opened the older vault."""
    place = Path(world.directory, "vault.db")
    shutil.copyfile(place, world.home / "older.db")
    service("PutSecretValue", SecretId="a", SecretString="w")
    shutil.copyfile(world.home / "older.db", place)
    told.lines()
    done = ended(world, "accept-restore", context=as_ann)
    assert done.status == 254
    assert "(AccessDenied) when calling the AcceptRestore operation" in done.stderr
    assert told.names() == [("UnlockVault", "", "RolledBackError")]
    assert ended(world, "accept-restore").status == 0


def test_where_there_is_no_vault_nothing_is_recorded(world: World, as_ann: Context) -> None:
    """Nor is one made; a credential is of one vault."""
    elsewhere = str(world.home / "elsewhere")
    done = ended(world, "restore", "backup", "--vault", elsewhere, context=as_ann)
    assert done.status == 254
    assert "(AccessDenied) when calling the RestoreBackup operation" in done.stderr
    assert not Path(elsewhere).exists()


def test_a_credential_that_opens_nothing_is_told_first(
    world: World, told: Told, as_ann: Context
) -> None:
    """Who it is that asks is not known then."""
    environ = {**as_ann.environ, "SECRETCTL_SECRET_ACCESS_KEY": "x" * 40}
    for words in (("restore", "backup", "--replace"), ("accept-restore",)):
        done = ended(world, *words, context=as_ann._replace(environ=environ))
        assert done.status == 254
        assert "(InvalidSignatureException)" in done.stderr
        assert [each[0] for each in told.names()] == ["UnlockVault"]


def test_what_a_credential_opens_and_is_damaged_is_recorded(
    world: World, told: Told, as_ann: Context
) -> None:
    """As what the owner's key opens is: with the access key id, which nothing proves."""
    damage(world, layout.STATE)
    done = ended(world, "get-secret-value", "--secret-id", "a", context=as_ann)
    assert (done.status, done.stdout) == (253, "")
    (event,) = told.events()
    assert (event["eventName"], event["errorCode"]) == ("UnlockVault", "VaultDamagedError")
    assert event["requestParameters"] == {"method": "access-key"}
    key_id = as_ann.environ["SECRETCTL_ACCESS_KEY_ID"]
    assert f"'accessKeyId': '{key_id}'" in str(event["userIdentity"])


def test_a_session_of_a_user_that_finds_damage_is_recorded(
    told: Told, iam: Other, as_user: Callable[[str], Session]
) -> None:
    """Who has no key of the journal is no less recorded than its owner."""
    iam("CreateUser", UserName="ann")
    theirs = as_user("ann")
    told.lines()
    record_refusal(theirs, VaultDamagedError("the vault is damaged"))
    last = told.events()[-1]
    assert (last["eventName"], last["errorCode"]) == ("UnlockVault", "VaultDamagedError")
