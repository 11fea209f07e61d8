"""Replicas: made, kept in step, promoted, removed."""

import pytest

from tests.conftest import Service, World, token
from tests.service.conftest import FUNCTION, MARKED, NOT_FOUND, ON_REPLICA, entries, refusal, stages

THERE = "eu-west-1"
OWN = {"ARN", "LastAccessedDate", "KmsKeyId", "ReplicationStatus", "CreatedDate"}
IN_SYNC = {
    "Region": THERE,
    "KmsKeyId": "alias/aws/secretsmanager",
    "Status": "InSync",
    "StatusMessage": "Replication succeeded",
}


@pytest.fixture
def here(service: Service) -> Service:
    """A secret with a replica; every rotation function is found."""
    able = Service(service.session._replace(lacks_function=lambda *_: ""))
    able("CreateSecret", Name="a", SecretString="v", AddReplicaRegions=[{"Region": THERE}])
    return able


@pytest.fixture
def there(here: Service) -> Service:
    """The operations of the replica's region."""
    return here.in_region(THERE)


def in_step(here: Service, there: Service) -> None:
    """Compare all that is known of primary and replica, values included."""
    primary = here("DescribeSecret", SecretId="a")
    replica = there("DescribeSecret", SecretId="a")
    assert {key: primary[key] for key in primary.keys() - OWN} == {
        key: replica[key] for key in replica.keys() - OWN
    }
    versions = {"SecretId": "a", "IncludeDeprecated": True}
    lists = [
        entries(each("ListSecretVersionIds", **versions), "Versions") for each in (here, there)
    ]
    ids = [[version["VersionId"] for version in versions] for versions in lists]
    assert ids[0] == ids[1]
    for version_id in ids[0]:
        answers = [value(each, version_id) for each in (here, there)]
        assert answers[0] == answers[1]


def value(of: Service, version_id: object) -> object:
    """Return what a version holds and which labels, None for one without a value."""
    try:
        answer = of("GetSecretValue", SecretId="a", VersionId=version_id)
    except Exception as error:  # noqa: BLE001 the same refusal is the same answer
        return str(error)
    return {key: answer[key] for key in answer.keys() - {"ARN"}}


def test_a_replica_has_the_arn_of_its_region(here: Service, there: Service) -> None:
    """The suffix is the primary's; both say where the primary is."""
    primary, replica = (each("DescribeSecret", SecretId="a") for each in (here, there))
    assert replica["ARN"] == str(primary["ARN"]).replace("us-east-1", THERE)
    assert primary["PrimaryRegion"] == replica["PrimaryRegion"] == "us-east-1"
    assert primary["ReplicationStatus"] == [IN_SYNC]
    assert there("GetSecretValue", SecretId=replica["ARN"])["SecretString"] == "v"
    read = here("DescribeSecret", SecretId="a")["ReplicationStatus"]
    day = there("DescribeSecret", SecretId="a")["LastAccessedDate"]
    assert read == [{**IN_SYNC, "LastAccessedDate": day}]


def test_a_repeated_create_is_none_where_a_replica_stands(here: Service, there: Service) -> None:
    """The primary's token and content do not make the replica the answer to a create."""
    token = next(iter(stages(here)))
    again = {"Name": "a", "SecretString": "v", "ClientRequestToken": token}
    assert here("CreateSecret", **again)["VersionId"] == token
    assert refusal(there, "CreateSecret", **again)[0] == "ResourceExistsException"


def test_promoting_a_replica_changes_its_primary(here: Service, there: Service) -> None:
    """The primary that lost a replica says that it was changed."""
    before = here("DescribeSecret", SecretId="a")["LastChangedDate"]
    there("StopReplicationToReplica", SecretId="a")
    assert here("DescribeSecret", SecretId="a")["LastChangedDate"] > before  # type: ignore[operator]  # dates


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("PutSecretValue", {"SecretString": "w"}),
        ("PutSecretValue", {"SecretBinary": b"w", "VersionStages": ["blue"]}),
        ("UpdateSecret", {"SecretString": "w", "Description": "d"}),
        ("UpdateSecret", {"KmsKeyId": "alias/k"}),
        ("TagResource", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("UntagResource", {"TagKeys": ["k"]}),
        (
            "PutResourcePolicy",
            {
                "ResourcePolicy": '{"Statement": {"Effect": "Allow", "Principal": "*", '
                '"Action": "*", "Resource": "*"}}'
            },
        ),
        ("DeleteResourcePolicy", {}),
        ("RotateSecret", {"RotationLambdaARN": FUNCTION}),
    ],
)
def test_every_change_reaches_the_replica_at_once(
    here: Service, there: Service, operation: str, more: dict[str, object]
) -> None:
    """And on the replica itself it is refused."""
    assert refusal(there, operation, SecretId="a", **more) == ON_REPLICA
    here(operation, SecretId="a", **more)
    in_step(here, there)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DeleteSecret", {}),
        ("DeleteSecret", {"ForceDeleteWithoutRecovery": True}),
        ("RestoreSecret", {}),
        ("CancelRotateSecret", {}),
        ("UpdateSecretVersionStage", {"VersionStage": "x", "MoveToVersionId": "0" * 32}),
        ("DeleteSecretVersion", {"VersionId": "0" * 32}),
        ("ReplicateSecretToRegions", {"AddReplicaRegions": [{"Region": "eu-west-2"}]}),
        ("RemoveRegionsFromReplication", {"RemoveReplicaRegions": [THERE]}),
    ],
)
def test_a_replica_is_changed_through_its_primary(
    there: Service, operation: str, more: dict[str, object]
) -> None:
    """The other changing operations refuse it too."""
    assert refusal(there, operation, SecretId="a", **more) == ON_REPLICA


def test_labels_rotation_and_removal_reach_the_replica(here: Service, there: Service) -> None:
    """A pending version filled late, a label moved, a version removed."""
    pending = token()
    here("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, ClientRequestToken=pending)
    labelled = here("PutSecretValue", SecretId="a", SecretString="w", VersionStages=["blue"])
    in_step(here, there)
    here("PutSecretValue", SecretId="a", SecretString="new", ClientRequestToken=pending)
    in_step(here, there)
    found: list[object] = []
    more: dict[str, object] = {}
    while True:
        page = there("ListSecretVersionIds", SecretId="a", MaxResults=1, **more)
        found += [each["VersionId"] for each in entries(page, "Versions")]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert set(found) == set(there("DescribeSecret", SecretId="a")["VersionIdsToStages"])  # type: ignore[call-overload]  # the model says it is a map
    here("CancelRotateSecret", SecretId="a")
    old = labelled["VersionId"]
    here("UpdateSecretVersionStage", SecretId="a", VersionStage="blue", RemoveFromVersionId=old)
    here("DeleteSecretVersion", SecretId="a", VersionId=old)
    in_step(here, there)


def test_reads_are_dated_where_they_happen(here: Service, there: Service) -> None:
    """Primary and replica each have their own day, which a change does not carry over."""
    there("GetSecretValue", SecretId="a")
    here("UpdateSecret", SecretId="a", Description="d")
    assert "LastAccessedDate" in there("DescribeSecret", SecretId="a")
    assert "LastAccessedDate" not in here("DescribeSecret", SecretId="a")


def test_a_replica_has_a_key_of_its_own(service: Service) -> None:
    """As the request says, whatever the primary's key."""
    service(
        "CreateSecret",
        Name="a",
        SecretString="v",
        KmsKeyId="alias/here",
        AddReplicaRegions=[{"Region": THERE, "KmsKeyId": "alias/there"}],
    )
    there = service.in_region(THERE)
    assert there("DescribeSecret", SecretId="a")["KmsKeyId"] == "alias/there"
    (version,) = entries(there("ListSecretVersionIds", SecretId="a"), "Versions")
    assert version["KmsKeyIds"] == ["alias/there"]


def test_deletion_waits_for_the_replicas(here: Service, there: Service) -> None:
    """A primary with replicas cannot be deleted, even by force; without them it can."""
    arn = here("DescribeSecret", SecretId="a")["ARN"]
    for force in ({}, {"ForceDeleteWithoutRecovery": True}):
        assert refusal(here, "DeleteSecret", SecretId="a", **force) == (
            "InvalidParameterException",
            f"You can't delete secret {arn} that still has replica regions [{THERE}]",
        )
    answer = here("RemoveRegionsFromReplication", SecretId="a", RemoveReplicaRegions=[THERE])
    assert answer == {"ARN": arn, "ReplicationStatus": []}
    assert refusal(there, "DescribeSecret", SecretId="a") == NOT_FOUND
    assert "PrimaryRegion" not in here("DescribeSecret", SecretId="a")
    here("DeleteSecret", SecretId="a")
    assert refusal(here, "GetSecretValue", SecretId="a") == MARKED


def test_a_promoted_replica_lives_its_own_life(here: Service, there: Service) -> None:
    """Its ARN stays; neither follows the other any more."""
    arn = there("DescribeSecret", SecretId="a")["ARN"]
    assert there("StopReplicationToReplica", SecretId="a") == {"ARN": arn}
    there("PutSecretValue", SecretId="a", SecretString="mine")
    here("PutSecretValue", SecretId="a", SecretString="yours")
    assert there("GetSecretValue", SecretId="a")["SecretString"] == "mine"
    assert here("GetSecretValue", SecretId="a")["SecretString"] == "yours"
    for each in (here, there):
        shown = each("DescribeSecret", SecretId="a")
        assert not {"PrimaryRegion", "ReplicationStatus"} & set(shown)
        each("DeleteSecret", SecretId="a", ForceDeleteWithoutRecovery=True)


def test_only_a_replica_can_be_promoted(here: Service) -> None:
    """A primary is none."""
    assert refusal(here, "StopReplicationToReplica", SecretId="a")[0] == "InvalidParameterException"


def test_a_secret_in_the_way_makes_a_failed_replica(service: Service) -> None:
    """It stays untouched unless overwriting was asked for; a failed region can be tried again."""
    there = service.in_region(THERE)
    there("CreateSecret", Name="a", SecretString="theirs")
    request = {"AddReplicaRegions": [{"Region": THERE}]}
    answer = service("CreateSecret", Name="a", SecretString="v", **request)
    (status,) = entries(answer, "ReplicationStatus")
    assert (status["Region"], status["Status"]) == (THERE, "Failed")
    assert "StatusMessage" in status
    service("PutSecretValue", SecretId="a", SecretString="w")
    assert there("GetSecretValue", SecretId="a")["SecretString"] == "theirs"
    answer = service(
        "ReplicateSecretToRegions", SecretId="a", **request, ForceOverwriteReplicaSecret=True
    )
    assert answer["ReplicationStatus"] == [IN_SYNC]
    assert there("GetSecretValue", SecretId="a")["SecretString"] == "w"
    in_step(service, there)


def test_removing_a_failed_replica_spares_the_other_secret(service: Service) -> None:
    """What stood in the way was never a replica."""
    there = service.in_region(THERE)
    there("CreateSecret", Name="a", SecretString="theirs")
    service("CreateSecret", Name="a", AddReplicaRegions=[{"Region": THERE}])
    service("RemoveRegionsFromReplication", SecretId="a", RemoveReplicaRegions=[THERE])
    assert there("GetSecretValue", SecretId="a")["SecretString"] == "theirs"


def test_a_secret_whose_window_is_over_is_not_in_the_way(service: Service, world: World) -> None:
    """It is gone, though its record may wait to be purged."""
    there = service.in_region(THERE)
    there("CreateSecret", Name="a", SecretString="old")
    there("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_days(7)
    answer = service(
        "CreateSecret", Name="a", SecretString="v", AddReplicaRegions=[{"Region": THERE}]
    )
    assert answer["ReplicationStatus"] == [IN_SYNC]
    in_step(service, there)


@pytest.mark.parametrize("regions", [["us-east-1"], [THERE, THERE], ["Nowhere"], [""]])
def test_regions_that_cannot_be(service: Service, regions: list[str]) -> None:
    """The primary's own, one twice, none at all; nothing is made."""
    wanted = [{"Region": region} for region in regions]
    code, _ = refusal(service, "CreateSecret", Name="a", AddReplicaRegions=wanted)
    assert code in ("InvalidParameterException", "ValidationException")
    assert refusal(service, "DescribeSecret", SecretId="a") == NOT_FOUND


def test_regions_already_there_or_not_there(here: Service) -> None:
    """Adding one twice and removing one that is no replica are refused."""
    again = {"AddReplicaRegions": [{"Region": THERE}]}
    assert refusal(here, "ReplicateSecretToRegions", SecretId="a", **again)[0] == (
        "InvalidParameterException"
    )
    other = {"RemoveReplicaRegions": ["eu-west-2"]}
    assert refusal(here, "RemoveRegionsFromReplication", SecretId="a", **other)[0] == (
        "InvalidParameterException"
    )


@pytest.mark.parametrize(
    "operation", ["AssociateCrossAccountReplica", "DisassociateCrossAccountReplica"]
)
def test_cross_account_operations(here: Service, operation: str) -> None:
    """Are validated first, then refused: one vault is one account."""
    other = {
        "CrossAccountReplicaARN": "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-AbCdEf"
    }
    assert refusal(here, operation, SecretId="nope", **other) == NOT_FOUND
    assert refusal(here, operation, SecretId="a", CrossAccountReplicaARN="x")[0] == (
        "ValidationException"
    )
    code, sentence = refusal(here, operation, SecretId="a", **other)
    assert code == "InvalidRequestException"
    assert "one account" in sentence
