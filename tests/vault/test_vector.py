"""A vault kept from format 1 opens for ever, with every value and label as it was.

``python tests/vault/test_vector.py`` makes a new one, to be done only with a new format: what is
kept is never changed.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from secretctl.cli import making, opening, unlock_slots
from secretctl.context import of_process
from secretctl.service import unlocking
from secretctl.service.opening import begin
from secretctl.vault import slots
from secretctl.vault.fsck import check
from secretctl.vault.vault import FILE
from tests.conftest import Service, World, operating

KEPT = Path(__file__).parents[1] / "vectors" / "format-1"
REGIONS = ("us-east-1", "eu-west-1")
PASSPHRASE = "cafe\u0301 horse battery"


def told(service: Service) -> dict[str, object]:
    """Return every secret of a region as the operations tell it, values included."""
    listed = service("ListSecrets", IncludePlannedDeletion=True)["SecretList"]
    assert isinstance(listed, list)
    return {str(entry["Name"]): _secret(service, str(entry["Name"])) for entry in listed}


def _secret(service: Service, name: str) -> dict[str, object]:
    described = service("DescribeSecret", SecretId=name)
    labels = described.get("VersionIdsToStages", {})
    assert isinstance(labels, dict)
    values = {}
    if "DeletedDate" not in described:
        for version_id in labels:
            answer = service("GetSecretValue", SecretId=name, VersionId=version_id)
            value = answer.get("SecretString", answer.get("SecretBinary"))
            values[version_id] = value.hex() if isinstance(value, bytes) else value
    return {"described": json.loads(json.dumps(described, default=str)), "values": values}


@pytest.mark.parametrize("way", ["key file", "passphrase"])
def test_a_vault_of_format_1_reads_as_it_was_written(world: World, way: str) -> None:
    """By either slot: sound, and all that was told then is told now."""
    directory = world.home / "vault"
    directory.mkdir(mode=0o700)
    shutil.copy(KEPT / FILE, directory / FILE)
    shutil.copy(KEPT / "opening.key", world.home / "opening.key")
    for path in (directory / FILE, world.home / "opening.key"):
        path.chmod(0o600)
    environ = {"SECRETCTL_KEY_FILE": str(world.home / "opening.key")}
    if way == "passphrase":
        environ = {"SECRETCTL_PASSPHRASE": PASSPHRASE}
    expected = json.loads((KEPT / "told.json").read_text("utf-8"))
    world.clock.now_ms = expected["now_ms"]
    context = world.context._replace(environ=dict(world.context.environ) | environ)
    vault = opening.open_vault(str(directory), context)
    try:
        assert check(vault).problems == ()
        assert vault.account == expected["account"]
        for region in REGIONS:
            with operating(context, vault, region) as service:
                assert told(service) == expected[region]
    finally:
        vault.close()


def _make() -> None:
    """Write the vector."""
    now_ms = 1_800_000_000_000
    KEPT.mkdir(parents=True)
    scratch = KEPT / "vault"
    environ = dict(os.environ) | {"SECRETCTL_PASSPHRASE": PASSPHRASE}
    context = of_process()._replace(now_ms=lambda: now_ms, environ=environ)
    vault = making.make_vault(
        str(scratch), context, account="123456789012", with_passphrase=True
    ).vault
    key = os.urandom(32)
    slot = unlock_slots.key_file_slot(vault, key, context)
    service = Service(begin(context, vault, REGIONS[0]))
    with unlocking.adding_slot(service.session) as add:
        add(slot)
    service("CreateSecret", Name="text", SecretString="first\n\u2028ü", Description="déjà vu")
    service("PutSecretValue", SecretId="text", SecretString="second", VersionStages=["blue"])
    service("PutSecretValue", SecretId="text", SecretString="third " * 800)
    service("CreateSecret", Name="bytes", SecretBinary=bytes(range(256)), KmsKeyId="other")
    service("CreateSecret", Name="empty", Tags=[{"Key": "owner", "Value": "me"}])
    service(
        "CreateSecret", Name="both", SecretString="{}", AddReplicaRegions=[{"Region": REGIONS[1]}]
    )
    service("CreateSecret", Name="going", SecretString="gone soon")
    service("DeleteSecret", SecretId="going", RecoveryWindowInDays=30)
    for region in REGIONS:  # the first reading notes the day, which is told by the second
        told(Service(begin(context, vault, region)))
    tell = {region: told(Service(begin(context, vault, region))) for region in REGIONS}
    kept = {"now_ms": now_ms, "account": vault.account, **tell}
    vault.close()
    shutil.move(scratch / FILE, KEPT / FILE)
    shutil.rmtree(scratch)
    (KEPT / "told.json").write_text(json.dumps(kept, indent=1, sort_keys=True), "utf-8")
    (KEPT / "opening.key").write_text(slots.key_file_text(key))


if __name__ == "__main__":
    _make()
