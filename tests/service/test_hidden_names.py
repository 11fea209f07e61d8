"""Where names are hidden, no record holds one, whatever was done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.audit.exposure import exposure
from secretctl.audit.query import Query, secret, select
from secretctl.audit.reader import Reader
from secretctl.errors import SecretctlError
from secretctl.model.operations import OPERATIONS
from secretctl.service.opening import Recording, begin
from secretctl.vault.vault import Vault
from tests.conftest import Service, World, token

ROOT = Path(__file__).parents[2]
CANARY = "Canary90ce/Hidden"
OTHER = "Canary90ce/Second"


@pytest.fixture
def hidden(world: World, vault: Vault) -> Iterator[Service]:
    """The operations of a vault whose names are hidden in the journal."""
    recording = Recording("test", hidden_names=True)
    session = begin(world.context, vault, "us-east-1", recording=recording)
    yield Service(session)
    session.recorder.journal.close()


def arguments(service: Service, secret_id: str) -> dict[str, object]:
    """Return something for every parameter that an operation may have."""
    described = service("DescribeSecret", SecretId=CANARY)
    versions = described["VersionIdsToStages"]
    assert isinstance(versions, dict)
    return {
        "SecretId": secret_id,
        "Name": OTHER,
        "SecretIdList": [secret_id, OTHER],
        "SecretString": "v",
        "ClientRequestToken": token(),
        "VersionId": next(iter(versions)),
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": next(iter(versions)),
        "ResourcePolicy": '{"Version":"2012-10-17","Statement":[]}',
        "TagKeys": ["k"],
        "Tags": [{"Key": "k", "Value": "v"}],
        "AddReplicaRegions": [{"Region": "eu-west-1"}],
        "RemoveReplicaRegions": ["eu-west-1"],
        "CrossAccountReplicaARN": secret_id if secret_id.startswith("arn:") else f"arn:{secret_id}",
        "Filters": [{"Key": "name", "Values": [secret_id]}],
    }


def journal(world: World) -> str:
    """Return the whole journal."""
    return "".join(path.read_text() for path in Path(world.directory, "audit").glob("*.jsonl"))


def test_no_name_stands_in_the_journal(world: World, hidden: Service) -> None:
    """All operations, by name, ARN and partial ARN, of what is there and what is not."""
    hidden("CreateSecret", Name=CANARY, SecretString="v", Tags=[{"Key": "k", "Value": "v"}])
    arn = str(hidden("DescribeSecret", SecretId=CANARY)["ARN"])
    for secret_id in (CANARY, arn, arn[:-7], f"{CANARY}-not-there", arn.upper()):
        for operation in OPERATIONS:
            if operation.name == "DeleteSecret":
                continue
            given = arguments(hidden, secret_id)
            members = {member.name for member in operation.input}
            if operation.name == "BatchGetSecretValue":
                members.discard("Filters")
            try:
                hidden(operation.name, **{k: v for k, v in given.items() if k in members})
            except SecretctlError:
                continue
    hidden("RemoveRegionsFromReplication", SecretId=arn, RemoveReplicaRegions=["eu-west-1"])
    hidden("DeleteSecret", SecretId=arn, ForceDeleteWithoutRecovery=True)
    written = journal(world)
    done = {operation.name for operation in OPERATIONS} - {"BatchGetSecretValue"}
    assert {name for name in done if f'"eventName":"{name}"' in written} == done
    for part in ("canary90ce", "hidden", "second"):
        assert part not in written.lower()


def test_purged_and_replicated_names_are_hidden(world: World, hidden: Service) -> None:
    """Nor when the recovery window ends, nor in other regions, nor in a batch by filter."""
    hidden(
        "CreateSecret", Name=CANARY, SecretString="v", AddReplicaRegions=[{"Region": "eu-west-1"}]
    )
    hidden("BatchGetSecretValue", Filters=[{"Key": "name", "Values": [CANARY]}])
    hidden("RemoveRegionsFromReplication", SecretId=CANARY, RemoveReplicaRegions=["eu-west-1"])
    hidden("DeleteSecret", SecretId=CANARY, RecoveryWindowInDays=7)
    world.clock.pass_days(8)
    hidden("CreateSecret", Name=OTHER, SecretString="v")
    assert '"eventName":"EndSecretVersionDelete"' in journal(world)
    assert "canary90ce" not in journal(world).lower()


def test_exec_hides_variables_named_after_secrets(world: World, service: Service) -> None:
    """A variable may be called like its secret: hidden as well, and so set by configuration."""
    service("CreateSecret", Name="Canary90ce-made-in-the-open", SecretString="v")
    config = world.home / ".config/secretctl/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('[audit]\nnames = "hmac"\n')
    config.chmod(0o600)
    before = journal(world)
    subprocess.run(
        [sys.executable, "-m", "secretctl", "exec", "Canary90ce-made-in-the-open", "--", "true"],
        env={"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=True,
    )
    told = journal(world).removeprefix(before).lower()
    assert '"eventname":"exec"' in told
    assert '"variables":["n:' in told
    assert "canary90ce" not in told
    assert "made_in" not in told


def test_hidden_name_is_found_by_its_hash(world: World, hidden: Service) -> None:
    """With the key, name and ARN find the records in which they are hidden."""
    hidden("CreateSecret", Name=CANARY, SecretString="v")
    arn = str(hidden("GetSecretValue", SecretId=CANARY)["ARN"])
    for secret_id in (CANARY, arn, arn[:-7]):
        reader = Reader(str(Path(world.directory, "audit")))
        asked = Query((secret(secret_id, hidden.session.recorder.names.hashes),))
        names = [each.fields["eventName"] for each in select(reader, reader.forward(), asked)]
        assert names == ["CreateSecret", "GetSecretValue"]


def test_two_secrets_of_one_name_stay_two(world: World, hidden: Service) -> None:
    """A hidden ARN keeps its six characters: what was read of a deleted secret stays listed."""
    arns = []
    for value in ("v", "w"):
        hidden("CreateSecret", Name=CANARY, SecretString=value)
        arns.append(str(hidden("GetSecretValue", SecretId=CANARY)["ARN"]))
        if value == "v":
            hidden("DeleteSecret", SecretId=CANARY, ForceDeleteWithoutRecovery=True)
    hashed = hidden.session.recorder.names.hashed(CANARY)
    reader = Reader(str(Path(world.directory, "audit")))
    exposed = exposure(reader, {}, world.clock())["Exposures"]
    assert isinstance(exposed, list)
    assert {(each["SecretARN"], each["Name"], each["IsDeleted"]) for each in exposed} == {
        (arn.replace(CANARY, hashed), hashed, arn == arns[0]) for arn in arns
    }
