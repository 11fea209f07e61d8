"""Keys and pins of a vault that was written before KMS keys were kept."""

import json
import shutil
from collections.abc import Iterator

import pytest

from secretctl.cli import opening
from secretctl.service.opening import begin
from secretctl.vault.fsck import check
from secretctl.vault.state import leaf, pin_of
from secretctl.vault.vault import FILE, Vault
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.service.conftest import Other, entries
from tests.vault.test_vector import KEPT

DEFAULT = "alias/aws/secretsmanager"


@pytest.fixture
def older(world: World) -> Iterator[Vault]:
    """The kept vault of format 1: values under no KmsKeyId, and under one called ``other``."""
    directory = world.home / "vault"
    directory.mkdir(mode=0o700)
    shutil.copy(KEPT / FILE, directory / FILE)
    shutil.copy(KEPT / "opening.key", world.home / "opening.key")
    for path in (directory / FILE, world.home / "opening.key"):
        path.chmod(0o600)
    told = json.loads((KEPT / "told.json").read_text("utf-8"))
    world.clock.now_ms = told["now_ms"]
    key = {"SECRETCTL_KEY_FILE": str(world.home / "opening.key")}
    context = world.context._replace(environ={**world.context.environ, **key})
    vault = opening.open_vault(str(directory), context)
    yield vault
    vault.close()


def pins(vault: Vault, secret_id: str) -> set[str]:
    """Return which kinds of pins the versions of a secret have."""
    found = set()
    with vault.read() as view:
        secret = view.find("us-east-1", secret_id)
        assert secret is not None
        for version in secret.versions:
            key, stored = view.checked_value(secret, version)
            state_key = vault.keys.access.state
            if version.pin == leaf(state_key, key, stored):
                found.add("whole record")
            if version.pin == pin_of(state_key, key, stored[161:]):
                found.add("sealed value")
    return found


def values(service: Service) -> dict[str, object]:
    """Return the current values."""
    found = {}
    for name in ("text", "bytes", "both"):
        answer = service("GetSecretValue", SecretId=name)
        found[name] = answer.get("SecretString", answer.get("SecretBinary"))
    return found


def test_its_keys_are_listed_by_what_they_were_called(world: World, older: Vault) -> None:
    """The default key has its alias; a name that is no alias is the id of its key."""
    session = begin(world.context, older, "us-east-1")
    kms = Other(session, "kms")
    (alias,) = entries(kms("ListAliases"), "Aliases")
    assert alias["AliasName"] == DEFAULT
    ids = {each["KeyId"] for each in entries(kms("ListKeys"), "Keys")}
    assert ids == {"other", alias["TargetKeyId"]}
    session.recorder.release()


def test_what_is_written_anew_keeps_all_of_it(world: World, older: Vault) -> None:
    """A directory of today, with the same keys; values stay under their material."""
    session = begin(world.context, older, "us-east-1")
    service, kms = Service(session), Other(session, "kms")
    before, listed = values(service), kms("ListKeys")
    kms("CreateKey")
    assert len(entries(kms("ListKeys"), "Keys")) == len(entries(listed, "Keys")) + 1
    service("PutSecretValue", SecretId="text", SecretString="new")
    assert values(service) == {**before, "text": "new"}
    assert pins(older, "text") == {"whole record", "sealed value"}
    assert check(older).problems == ()
    session.recorder.release()


def test_a_rewrapping_renews_its_pins(world: World, older: Vault) -> None:
    """Afterwards they are about the sealed value alone, and every value is what it was."""
    session = begin(world.context, older, "us-east-1")
    service, kms = Service(session), Other(session, "kms")
    before = values(service)
    assert pins(older, "text") == {"whole record"}
    for key_id in (DEFAULT, "other"):
        kms("RotateKeyOnDemand", KeyId=key_id, Rewrap=True)
    assert values(service) == before
    for name in ("text", "bytes", "both", "going"):
        assert pins(older, name) == {"sealed value"}
    with older.read() as view:
        keys = view.kms_directory().keys.values()
        assert [len(key.materials) for key in keys] == [1, 1]
    assert check(older).problems == ()
    session.recorder.release()


def bound(vault: Vault) -> dict[str, bool]:
    """Return whether values are bound to the names of their secrets, by these."""
    with vault.read() as view:
        return {
            secret.name: view.opened_value(secret, *view.checked_value(secret, version))[1]
            for secret in view.all_secrets("us-east-1")
            for version in secret.versions
            if "AWSCURRENT" in version.stages
        }


def test_its_values_are_copied_and_moved_as_before(world: World, older: Vault) -> None:
    """They are under the keys that their secrets name, and bound to names once they are moved."""
    session = begin(world.context, older, "us-east-1")
    service = Service(session)
    before = values(service)
    for name in ("text", "bytes"):
        service("ReplicateSecretToRegions", SecretId=name, AddReplicaRegions=[{"Region": "r-a-1"}])
    service("UpdateSecret", SecretId="bytes", KmsKeyId=DEFAULT)
    assert values(service) == before
    assert bound(older) == {"text": False, "both": False, "going": False, "bytes": True}
    assert check(older).problems == ()
    session.close()


def test_it_gets_new_keys_and_is_of_today_then(world: World, older: Vault) -> None:
    """Keys, aliases and values are what they were, and pins about the sealed value alone."""
    session = begin(world.context, older, "us-east-1")
    before, listed = values(Service(session)), Other(session, "kms")("ListAliases")
    key = {"SECRETCTL_KEY_FILE": str(world.home / "opening.key")}
    context = world.context._replace(environ={**world.context.environ, **key})
    dropped = [each.id.hex() for each in older.header().slots if each.type == "passphrase"]
    words = ("rekey", "--vault", older.directory, "--drop-slot", *dropped)
    assert ended(world, *words, context=context).status == 0
    session.recorder.release()
    vault = opening.open_vault(older.directory, context)
    session = begin(world.context, vault, "us-east-1")
    assert values(Service(session)) == before
    assert entries(Other(session, "kms")("ListAliases"), "Aliases") == entries(listed, "Aliases")
    assert pins(vault, "text") == {"sealed value"}
    assert not any(bound(vault).values()), "of a value that may be another secret's none is made"
    assert check(vault).problems == ()
    session.close()
