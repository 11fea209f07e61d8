"""What is recorded of a call, and that nothing comes of it before that."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit import line as lines
from secretctl.audit.journal import Journal
from secretctl.errors import (
    JournalUnavailableError,
    OutcomeNotRecordedError,
    SecretctlError,
    ServiceError,
)
from secretctl.model.operations import BY_NAME
from secretctl.service import shown_errors
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.proof import verified
from secretctl.vault.slots import key_file_text
from secretctl.vault.view import View
from tests.conftest import Service, World, token
from tests.faults.commands import ended, separately
from tests.service.conftest import Fields, Told, code, phase

REGIONS = (
    *("us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-south-1"),
    *("ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ca-central-1", "ca-west-1"),
    *("eu-central-1", "eu-central-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-south-1"),
    *("eu-south-2", "eu-north-1", "il-central-1", "me-south-1", "me-central-1", "sa-east-1"),
)


def failing(monkeypatch: pytest.MonkeyPatch, allowed: int = 0) -> None:
    """Let the journal take so many appends more and then none."""
    append, left = Journal.append, [allowed]

    def refuse(self: Journal, *arguments: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise JournalUnavailableError("the journal cannot be written")
        return append(self, *arguments)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(Journal, "append", refuse)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of each secret whose value is decrypted."""
    value, names = View.stored_value, []

    def count(self: View, secret: object, version: object) -> object:
        names.append(str(getattr(secret, "name", "")))
        return value(self, secret, version)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(View, "stored_value", count)
    return names


@pytest.mark.parametrize("name", ["secretsmanager", "iam", "kms", "sts"])
def test_an_event_names_the_service_that_was_called(
    name: str, service: Service, told: Told
) -> None:
    """The eventSource is that of the operation's service, as in CloudTrail."""
    operation = BY_NAME["GetRandomPassword"]._replace(service=name)
    call(service.session, operation, {})
    assert [each["eventSource"] for each in told.events()] == [f"{name}.amazonaws.com"]


def test_each_kind_of_call_has_its_records(service: Service, told: Told) -> None:
    """A read has one, a refusal one, a change two; a repeat that changes nothing one."""
    service("GetSecretValue", SecretId="a")
    assert told.names() == [("GetSecretValue", "", "")]
    service("ListSecrets")
    service("GetRandomPassword")
    assert told.names() == [("ListSecrets", "", ""), ("GetRandomPassword", "", "")]
    with pytest.raises(ServiceError):
        service("GetSecretValue", SecretId="not-there")
    with pytest.raises(ServiceError):
        service("PutSecretValue", SecretId="not-there", SecretString="v")
    assert told.names() == [
        ("GetSecretValue", "", "ResourceNotFoundException"),
        ("PutSecretValue", "", "ResourceNotFoundException"),
    ]
    mine = token()
    for _ in range(2):
        service("PutSecretValue", SecretId="a", SecretString="w", ClientRequestToken=mine)
    intent, outcome, repeat = told.events()
    assert [phase(each) for each in (intent, outcome, repeat)] == ["intent", "outcome", ""]
    assert intent["responseElements"] is None
    assert outcome["responseElements"] == repeat["responseElements"]
    assert not code(repeat)


def test_a_batch_has_a_record_for_each_secret(service: Service, told: Told) -> None:
    """Those that fail as well, and no record of the batch besides."""
    service("BatchGetSecretValue", SecretIdList=["a", "not-there", "b"])
    events = told.events()
    assert [(str(each["eventName"]), code(each)) for each in events] == [
        ("GetSecretValue", ""),
        ("GetSecretValue", "ResourceNotFoundException"),
        ("GetSecretValue", ""),
    ]
    assert len({each["requestID"] for each in events}) == 1
    assert len({each["eventID"] for each in events}) == 3


def test_exec_is_recorded_before_the_command_runs(world: World, told: Told) -> None:
    """A read for each secret, then path and variables, never a value."""
    journal = Path(world.directory, "audit", "00000001.jsonl")
    shown_there = separately(world, ["exec", "A=a", "B=b", "--", "cat", str(journal)])
    assert shown_there.status == 0, shown_there.stderr
    names = [json.loads(line)["eventName"] for line in shown_there.stdout.splitlines()]
    assert names[-3:] == ["GetSecretValue", "GetSecretValue", "Exec"]
    said = told.events()[-1]["requestParameters"]
    assert said == {"command": shutil.which("cat"), "variables": ["A", "B"], "variableCount": 2}


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("GetSecretValue", {"SecretId": "a"}),
        ("BatchGetSecretValue", {"SecretIdList": ["a", "b"]}),
        ("BatchGetSecretValue", {"Filters": [{"Key": "name", "Values": ["a"]}]}),
    ],
)
@pytest.mark.usefixtures("told")
def test_nothing_is_decrypted_without_a_record(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    parameters: Fields,
) -> None:
    """Where the journal cannot be written, no value is touched; where it can, they are."""
    decrypted = counted(monkeypatch)
    service(operation, **parameters)
    assert decrypted
    decrypted.clear()
    failing(monkeypatch)
    with pytest.raises(JournalUnavailableError):
        service(operation, **parameters)
    assert decrypted == []


def test_an_answer_that_is_no_value_needs_its_record_too(
    service: Service, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptions, lists and passwords are answers."""
    failing(monkeypatch)
    for operation, parameters in (
        ("DescribeSecret", {"SecretId": "a"}),
        ("ListSecrets", {}),
        ("GetRandomPassword", {}),
    ):
        with pytest.raises(JournalUnavailableError):
            service(operation, **parameters)
    assert told.names() == []


def test_no_change_without_its_intent(
    service: Service, reopen: Callable[[], object], told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the intent cannot be written, the vault stays as it is."""
    before = service("DescribeSecret", SecretId="a")
    told.lines()
    with monkeypatch.context() as broken:
        failing(broken)
        with pytest.raises(JournalUnavailableError):
            service("PutSecretValue", SecretId="a", SecretString="w")
    assert told.names() == []
    reopen()
    assert service("DescribeSecret", SecretId="a") == before


def test_an_outcome_that_cannot_be_written_is_told_and_made_good(
    service: Service, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change holds and its exit status says so; the next command records the outcome."""
    with monkeypatch.context() as broken:
        failing(broken, allowed=1)
        with pytest.raises(OutcomeNotRecordedError) as caught:
            service("PutSecretValue", SecretId="a", SecretString="w")
    assert caught.value.exit_status == 251
    again = begin(service.session.context, service.session.vault, "us-east-1")
    assert Service(again)("GetSecretValue", SecretId="a")["SecretString"] == "w"
    again.recorder.journal.close()
    events = told.events()
    puts = [each for each in events if each["eventName"] == "PutSecretValue"]
    assert [phase(each) for each in puts] == ["intent", "outcome"]
    said = puts[1]["additionalEventData"]
    assert isinstance(said, dict)
    assert said["reconciled"] is True
    assert said["intent"] == puts[0]["eventID"]
    assert puts[1]["requestID"] == puts[0]["requestID"]
    assert not code(puts[1])
    assert verified(service.session.vault, "", [], deep=True).findings == ()


class Died(BaseException):
    """A process that is gone."""


def test_a_change_that_was_not_committed_is_recorded_as_not_made(
    service: Service, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intent stands; the vault never had the change."""
    recorder = service.session.recorder
    prove = recorder.prove

    def die(vault: object) -> object:
        prove(vault)  # type: ignore[arg-type]  # as it was given
        broken.setattr(recorder, "write", lambda _: None)
        raise Died

    with monkeypatch.context() as broken:
        broken.setattr(recorder, "prove", die)
        broken.setattr(recorder, "settle", lambda *_: None)
        with pytest.raises(Died):
            service("PutSecretValue", SecretId="a", SecretString="w")
    again = begin(service.session.context, service.session.vault, "us-east-1")
    assert Service(again)("GetSecretValue", SecretId="a")["SecretString"] == "v"
    again.recorder.journal.close()
    puts = [each for each in told.events() if each["eventName"] == "PutSecretValue"]
    assert [(phase(each), code(each)) for each in puts] == [
        ("intent", ""),
        ("outcome", "InternalServiceError"),
    ]
    assert puts[1]["errorMessage"] == "The change was not made."


def test_error_messages_are_the_journals_own(service: Service, told: Told) -> None:
    """What was answered may repeat a name or a label; the journal has one sentence for a code."""
    for operation, parameters in (
        ("GetSecretValue", {"SecretId": "a", "VersionStage": "canary90ce"}),
        ("GetSecretValue", {"SecretId": "a", "VersionId": "canary90ce" * 4}),
        ("CreateSecret", {"Name": "canary 90ce", "SecretString": "v"}),
        ("CreateSecret", {"Name": "a", "SecretString": "canary90ce"}),
        ("ListSecrets", {"NextToken": "canary90ce"}),
        ("PutResourcePolicy", {"SecretId": "a", "ResourcePolicy": '{"canary90ce":1}'}),
    ):
        with pytest.raises(ServiceError):
            service(operation, **parameters)
    events = told.events()
    assert len(events) == 6
    for event in events:
        assert event["errorMessage"] == shown_errors.ERRORS[code(event)]
        assert "canary" not in json.dumps(event)


def requests(events: list[Fields]) -> list[list[str]]:
    """Return the names of *events* by request."""
    found: dict[str, list[str]] = {}
    for event in events:
        found.setdefault(str(event["requestID"]), []).append(str(event["eventName"]))
    return list(found.values())


def test_one_request_has_one_id(world: World, service: Service, told: Told) -> None:
    """Intent and outcome, reads and the command they are for; the first one's is the unlock's."""
    for words, expected in (
        (
            ("put-secret-value", "--secret-id", "a", "--secret-string", "w"),
            ["UnlockVault", "TrustEstablished", "PutSecretValue", "PutSecretValue"],
        ),
        (
            ("exec", "A=a", "B=b", "--", "true"),
            ["UnlockVault", "GetSecretValue", "GetSecretValue", "Exec"],
        ),
    ):
        assert separately(world, words).status == 0
        assert requests(told.events()) == [expected]
    service("UpdateSecret", SecretId="a", Description="d")
    service("GetSecretValue", SecretId="a")
    assert requests(told.events()) == [["UpdateSecret"] * 2, ["GetSecretValue"]]


def test_a_purge_is_of_the_region_of_its_secret(world: World, service: Service, told: Told) -> None:
    """Whichever region the command is in that it goes with."""
    service.in_region("eu-west-1")("CreateSecret", Name="due", SecretString="v")
    service.in_region("eu-west-1")("DeleteSecret", SecretId="due", RecoveryWindowInDays=7)
    world.clock.pass_days(9)
    told.lines()
    service("UpdateSecret", SecretId="a", Description="d")
    purge = told.events()[-1]
    assert (purge["eventName"], purge["awsRegion"]) == ("EndSecretVersionDelete", "eu-west-1")


def test_names_that_found_nothing_are_hashed(service: Service, told: Told) -> None:
    """What was asked for may be a value typed in the wrong place; its hash can be asked for."""
    with pytest.raises(ServiceError):
        service("GetSecretValue", SecretId="canary90ce")
    (event,) = told.events()
    hashed = service.session.recorder.names.hashed("canary90ce")
    assert event["requestParameters"] == {"secretId": hashed}
    assert "resources" not in event


def test_a_list_that_is_cut_keeps_its_type(service: Service, told: Told) -> None:
    """The first 32 are named as they are; how many more there were is a member of its own."""
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(40)]
    service("TagResource", SecretId="a", Tags=tags)
    service("UntagResource", SecretId="a", TagKeys=[tag["Key"] for tag in tags])
    service("UntagResource", SecretId="a", TagKeys=["k0"])
    kept = [f"k{number}" for number in range(32)]
    assert [each["requestParameters"] for each in told.events()[1::2]] == [
        {"secretId": "a", "tags": [{"key": key} for key in kept], "tagsOmitted": 8},
        {"secretId": "a", "tagKeys": kept, "tagKeysOmitted": 8},
        {"secretId": "a", "tagKeys": ["k0"]},
    ]


def test_response_elements_are_the_answer(service: Service, told: Told) -> None:
    """What the change answered, in CloudTrail's spelling; null where the answer is empty."""
    mine = token()
    arn = str(service("DescribeSecret", SecretId="a")["ARN"])
    named: Fields = {"arn": arn, "name": "a"}
    west, north = (
        {"region": region, "kmsKeyId": "alias/aws/secretsmanager", "status": "InSync"}
        for region in ("eu-west-1", "eu-north-1")
    )
    second = [{"Region": "eu-north-1"}]
    put: Fields = {"SecretString": "w", "ClientRequestToken": mine}
    told.lines()
    calls: list[tuple[str, Fields, Fields | None]] = [
        ("TagResource", {"Tags": [{"Key": "k", "Value": "v"}]}, None),
        ("UntagResource", {"TagKeys": ["k"]}, None),
        ("PutSecretValue", put, named | {"versionId": mine, "versionStages": ["AWSCURRENT"]}),
        ("UpdateSecret", {"Description": "d"}, named),
        (
            "ReplicateSecretToRegions",
            {"AddReplicaRegions": [{"Region": "eu-west-1"}]},
            {"arn": arn, "replicationStatus": [west]},
        ),
        (
            "ReplicateSecretToRegions",
            {"AddReplicaRegions": second},
            {"arn": arn, "replicationStatus": [west, north]},
        ),
        (
            "RemoveRegionsFromReplication",
            {"RemoveReplicaRegions": ["eu-west-1"]},
            {"arn": arn, "replicationStatus": [north]},
        ),
    ]
    for operation, parameters, response in calls:
        service(operation, SecretId="a", **parameters)
        assert told.events()[-1]["responseElements"] == response
    service.in_region("eu-north-1")("StopReplicationToReplica", SecretId="a")
    replica = arn.replace("us-east-1", "eu-north-1")
    assert told.events()[-1]["responseElements"] == {"arn": replica}
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    dated = named | {"deletionDate": "Nov 21, 2023 10:13:20 PM"}
    assert told.events()[-1]["responseElements"] == dated
    service("RestoreSecret", SecretId="a")
    assert told.events()[-1]["responseElements"] == named


def test_creation_with_replicas_tells_of_them(service: Service, told: Told) -> None:
    """Their status is in the answer; a message, which repeats a name, is not in the record."""
    service.in_region("eu-west-1")("CreateSecret", Name="c", SecretString="v")
    service("CreateSecret", Name="c", AddReplicaRegions=[{"Region": "eu-west-1"}])
    response = told.events()[-1]["responseElements"]
    assert isinstance(response, dict)
    assert response["replicationStatus"] == [
        {"region": "eu-west-1", "kmsKeyId": "alias/aws/secretsmanager", "status": "Failed"}
    ]


def attempts() -> list[tuple[str, Fields]]:
    """Return the calls with the most to say."""
    wide = ["\U0001d538" * 125 + f"{number:03d}" for number in range(50)]
    values = [{"Key": key, "Value": "v" * 256} for key in wide]
    key = "arn:aws:kms:us-east-1:000000000000:key/" + "k" * 2000
    replicas = [{"Region": region, "KmsKeyId": key} for region in REGIONS]
    filters = [{"Key": "all", "Values": ["\x01" * 512] * 10}] * 10
    return [
        ("TagResource", {"SecretId": "a", "Tags": values}),
        ("UntagResource", {"SecretId": "a", "TagKeys": wide}),
        ("CreateSecret", {"Name": "n" * 512, "SecretString": "v", "Tags": values}),
        ("UpdateSecret", {"SecretId": "a", "KmsKeyId": "\x01" * 2048, "Description": "d" * 2048}),
        ("PutSecretValue", {"SecretId": "a", "SecretString": "v", "VersionStages": ["s" * 256]}),
        ("PutSecretValue", {"SecretId": "a", "SecretString": "v", "VersionStages": wide[:20]}),
        ("ReplicateSecretToRegions", {"SecretId": "a", "AddReplicaRegions": replicas}),
        ("ListSecrets", {"Filters": filters}),
    ]


def test_no_record_is_larger_than_a_record_may_be(service: Service, told: Told) -> None:
    """16 KiB: 50 tag keys of 128 characters of 4 bytes, replicas with long keys, escapes."""
    for operation, parameters in attempts():
        try:
            service(operation, **parameters)
        except SecretctlError:
            continue
    records = told.lines()
    names = {json.loads(record)["eventName"] for record in records}
    assert {"TagResource", "ReplicateSecretToRegions", "CreateSecret"} <= names
    assert max(map(len, records)) <= lines.LARGEST_BYTES
    assert verified(service.session.vault, "", [], deep=True).findings == ()


def test_500_variables_fit_into_the_record_of_exec(
    world: World, service: Service, told: Told
) -> None:
    """The first are named, all are counted."""
    many = {f"{'V' * 110}_{number}": "v" for number in range(500)}
    service("CreateSecret", Name="many", SecretString=json.dumps(many))
    done = separately(world, ["exec", "many", "--", "true"])
    assert done.status == 0, done.stderr
    records = told.lines()
    assert max(map(len, records)) <= lines.LARGEST_BYTES
    said = json.loads(records[-1])["requestParameters"]
    assert said["variableCount"] == 500
    assert 0 < len(said["variables"]) <= 500


def test_lastaccesseddate_is_no_act_of_its_own(world: World, service: Service, told: Told) -> None:
    """The date changes with the first read of a day; the read's record is all that is told."""
    world.clock.pass_days(1)
    service("GetSecretValue", SecretId="a")
    assert told.names() == [("GetSecretValue", "", "")]


@pytest.mark.parametrize(
    "tried",
    [
        key_file_text(bytes(32)),
        key_file_text(bytes(31)),
        key_file_text(bytes(32)).replace("0", "x"),
        key_file_text(bytes(32)) * 100,
        "",
    ],
    ids=["another", "short", "damaged", "large", "empty"],
)
def test_failed_unlock_is_recorded_while_the_vault_is_locked(
    world: World, told: Told, tried: str
) -> None:
    """Nobody is named but the user of the system, and nothing of what was tried."""
    key = next(Path(world.home, ".config/secretctl/keys").iterdir())
    key.write_text(tried)
    assert ended(world, "list-secrets").status != 0
    (event,) = told.events()
    assert (event["eventName"], code(event)) == ("UnlockVault", "UnlockError")
    assert event["awsRegion"] == "us-east-1"
    assert str(event["userAgent"]).endswith(" command/list-secrets")
    assert "recipientAccountId" not in event
