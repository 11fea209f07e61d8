"""boto3 against an endpoint: every operation, paginators, exceptions by class, signatures."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from secretctl.model.operations import OPERATIONS
from secretctl.model.shapes import snake
from tests.conftest import World
from tests.faults.commands import ended
from tests.server.clients import EVERYTHING, REGION, Client, Home
from tests.server.served import WAIT_S

OTHER = "eu-west-1"
NOT_OF_BOTO = {"DeleteSecretVersion"}
MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def client(home: Home, root: Credentials) -> Client:
    """A client of that user."""
    return home.client(root)


def test_every_operation_is_there(client: Client) -> None:
    """Called by boto3 with what each needs; what AWS alone can do is refused as it says."""
    name, region = "every/one", {"Region": OTHER}
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
            },
        }
    )
    made = client.create_secret(Name=name, SecretString="one", Tags=[{"Key": "a", "Value": "b"}])
    arn, first = made["ARN"], made["VersionId"]
    second = client.put_secret_value(SecretId=name, SecretBinary=b"\x00\x01\x02\xff")["VersionId"]
    calls: dict[str, tuple[dict[str, object], Callable[[Any], bool]]] = {
        "DescribeSecret": ({"SecretId": name}, lambda said: said["Tags"] == made_tags()),
        "GetSecretValue": ({"SecretId": arn}, lambda said: said["SecretBinary"] == b"\0\1\2\xff"),
        "BatchGetSecretValue": (
            {"SecretIdList": [name, "none"]},
            lambda said: (
                said["SecretValues"][0]["VersionId"] == second
                and said["Errors"][0]["ErrorCode"] == "ResourceNotFoundException"
            ),
        ),
        "ListSecretVersionIds": ({"SecretId": name}, lambda said: len(said["Versions"]) == 2),
        "ListSecrets": ({}, lambda said: said["SecretList"][0]["ARN"] == arn),
        "GetRandomPassword": (
            {"PasswordLength": 20},
            lambda said: len(said["RandomPassword"]) == 20,
        ),
        "UpdateSecret": ({"SecretId": name, "Description": "d"}, lambda said: said["ARN"] == arn),
        "UpdateSecretVersionStage": (
            {"SecretId": name, "VersionStage": "X", "MoveToVersionId": first},
            lambda said: said["Name"] == name,
        ),
        "TagResource": ({"SecretId": name, "Tags": [{"Key": "c", "Value": "d"}]}, bool),
        "UntagResource": ({"SecretId": name, "TagKeys": ["c"]}, bool),
        "PutResourcePolicy": (
            {"SecretId": name, "ResourcePolicy": policy},
            lambda said: said["ARN"] == arn,
        ),
        "GetResourcePolicy": (
            {"SecretId": name},
            lambda said: json.loads(said["ResourcePolicy"])["Version"] != "",
        ),
        "ListResourcePolicies": ({"SecretId": name}, bool),
        "ValidateResourcePolicy": (
            {"ResourcePolicy": policy},
            lambda said: said["PolicyValidationPassed"],
        ),
        "DeleteResourcePolicy": ({"SecretId": name}, lambda said: said["Name"] == name),
        "ReplicateSecretToRegions": (
            {"SecretId": name, "AddReplicaRegions": [region]},
            lambda said: said["ReplicationStatus"][0]["Status"] == "InSync",
        ),
        "RemoveRegionsFromReplication": (
            {"SecretId": name, "RemoveReplicaRegions": [OTHER]},
            lambda said: said["ARN"] == arn,
        ),
        "DeleteSecret": ({"SecretId": name}, lambda said: said["DeletionDate"] > datetime.now(UTC)),
        "RestoreSecret": ({"SecretId": name}, lambda said: said["ARN"] == arn),
    }
    for operation, (given, holds) in calls.items():
        assert holds(getattr(client, snake(operation))(**given)), operation
    refused: dict[str, dict[str, object]] = {
        "RotateSecret": {"SecretId": name},
        "CancelRotateSecret": {"SecretId": name},
        "StopReplicationToReplica": {"SecretId": name},
        "AssociateCrossAccountReplica": {"SecretId": name, "CrossAccountReplicaARN": arn},
        "DisassociateCrossAccountReplica": {"SecretId": name, "CrossAccountReplicaARN": arn},
    }
    for operation, given in refused.items():
        with pytest.raises(ClientError) as caught:
            getattr(client, snake(operation))(**given)
        assert type(caught.value) is not ClientError, operation
    called = {*calls, *refused, "CreateSecret", "PutSecretValue"}
    assert called == {each.name for each in OPERATIONS} - NOT_OF_BOTO


def made_tags() -> list[dict[str, str]]:
    """Return the tags that are given above."""
    return [{"Key": "a", "Value": "b"}]


def test_pages_and_regions(home: Home, root: Credentials) -> None:
    """The paginator finds all secrets of the region that was signed for, and no other's."""
    client = home.client(root, "ap-south-1")
    names = [f"page/{number}" for number in range(7)]
    for each in names:
        client.create_secret(Name=each, SecretString="v")
    pages = list(client.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["SecretList"]) for page in pages] == [3, 3, 1]
    assert [each["Name"] for page in pages for each in page["SecretList"]] == names
    assert ":ap-south-1:" in pages[0]["SecretList"][0]["ARN"]
    assert home.client(root, "ap-south-2").list_secrets()["SecretList"] == []
    with pytest.raises(ClientError, match=r"InvalidSignature.* scoped to a valid region"):
        home.client(root, "Nowhere").list_secrets()
    home.client(root, "local").create_secret(Name="a", SecretString="v")  # as --region takes it


def test_exceptions_have_their_class(client: Client) -> None:
    """Each that the model declares, with code, sentence and Message; others by their code."""
    client.create_secret(Name="there", SecretString="v")
    client.create_secret(Name="gone", SecretString="v")
    client.delete_secret(SecretId="gone")
    known = client.exceptions
    cases: list[tuple[type[ClientError], Callable[[], object]]] = [
        (known.ResourceNotFoundException, lambda: client.get_secret_value(SecretId="none")),
        (known.ResourceExistsException, lambda: client.create_secret(Name="there")),
        (known.InvalidRequestException, lambda: client.get_secret_value(SecretId="gone")),
        (
            known.InvalidParameterException,
            lambda: client.delete_secret(SecretId="there", RecoveryWindowInDays=1),
        ),
        (known.InvalidNextTokenException, lambda: client.list_secrets(NextToken="wrong")),
        (
            known.MalformedPolicyDocumentException,
            lambda: client.put_resource_policy(SecretId="there", ResourcePolicy="{}"),
        ),
    ]
    for expected, call in cases:
        with pytest.raises(expected) as caught:
            call()
        answer = caught.value.response
        assert answer["Message"] == answer["Error"]["Message"] != ""
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError) as other:
        client.get_secret_value(SecretId="*")
    assert other.value.response["Error"]["Code"] == "ValidationException"
    assert "Message" not in other.value.response


def test_a_large_value_of_any_text_arrives(client: Client) -> None:
    """64 KiB in characters that are escaped, and in bytes."""
    for each in ("ä" * 32768, "\U0001f511" * 16384, "a" * 65536):
        client.create_secret(Name="large", SecretString=each)
        assert client.get_secret_value(SecretId="large")["SecretString"] == each
        client.delete_secret(SecretId="large", ForceDeleteWithoutRecovery=True)
    with pytest.raises(ClientError, match="ValidationException"):
        client.create_secret(Name="large", SecretString="a" * 65537)


def test_callers_are_kept_apart(home: Home, client: Client) -> None:
    """Each has what policies give; the answer to another does not change that."""
    client.create_secret(Name="apart/a", SecretString="A")
    client.create_secret(Name="apart/b", SecretString="B")
    reads = {
        letter: home.client(
            home.user(
                f"reader-{letter}",
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": f"arn:aws:secretsmanager:*:*:secret:apart/{letter}-*",
                    },
                },
            )
        )
        for letter in "ab"
    }
    for letter, other in ("ab", "ba"):
        got = reads[letter].get_secret_value(SecretId=f"apart/{letter}")
        assert got["SecretString"] == letter.upper()
        with pytest.raises(ClientError) as caught:
            reads[letter].get_secret_value(SecretId=f"apart/{other}")
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"user/reader-{letter} is not authorized" in str(caught.value)


def signed(home: Home, given: Credentials, **changes: Any) -> AWSRequest:
    """Return a signed request for the list of secrets."""
    request = AWSRequest(
        method="POST",
        url=changes.get("url", home.served.url + "/"),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.ListSecrets",
        },
        data=b"{}",
    )
    SigV4Auth(given, changes.get("service", "secretsmanager"), REGION).add_auth(request)
    return request


def sent(request: AWSRequest) -> tuple[int, dict[str, Any]]:
    """Send a request and return status and body of the answer."""
    answer = URLLib3Session().send(request.prepare())
    return answer.status_code, json.loads(answer.content)


def test_a_signature_is_good_as_often_as_it_is_sent(home: Home, root: Credentials) -> None:
    """SDKs that try again send the same one."""
    request = signed(home, root)
    assert [sent(request)[0] for _ in range(3)] == [200] * 3


def test_what_was_altered_is_refused(home: Home, root: Credentials) -> None:
    """Body, a signed header, the signature, the key, the service, the clock: AWS's sentences."""

    def change(alter: Callable[[AWSRequest], object], given: Credentials = root) -> tuple[int, Any]:
        request = signed(home, given)
        alter(request)
        return sent(request)

    def replace(old: str, new: str) -> Callable[[AWSRequest], object]:
        def alter(request: AWSRequest) -> None:
            value = request.headers["Authorization"]
            request.headers.replace_header("Authorization", value.replace(old, new))

        return alter

    def body(request: AWSRequest) -> None:
        request.data = b'{"MaxResults":1}'

    def target(request: AWSRequest) -> None:
        request.headers.replace_header("X-Amz-Target", "secretsmanager.GetRandomPassword")

    def unsigned(request: AWSRequest) -> None:
        del request.headers["Authorization"]

    wrong_secret = Credentials(root.access_key, "wrong")
    wrong_key = Credentials("AKIA" + "A" * 16, root.secret_key)
    with_token = Credentials(root.access_key, root.secret_key, "token")
    cases: list[tuple[tuple[int, Any], str, str]] = [
        (change(body), "InvalidSignatureException", MISMATCH),
        (change(target), "InvalidSignatureException", MISMATCH),
        (change(lambda _: None, wrong_secret), "InvalidSignatureException", MISMATCH),
        (change(replace("Signature=", "Signature=0")), "InvalidSignatureException", MISMATCH),
        (change(replace(REGION, OTHER)), "InvalidSignatureException", MISMATCH),
        (change(lambda _: None, wrong_key), "UnrecognizedClientException", "security token"),
        (change(lambda _: None, with_token), "UnrecognizedClientException", "security token"),
        (change(unsigned), "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (change(replace("SignedHeaders", "x")), "IncompleteSignatureException", "SignedHeaders"),
    ]
    for (status, said), code, sentence in cases:
        assert (status, said["__type"]) == (400, code)
        assert sentence in said["message"]
    status, said = sent(signed(home, root, service="s3"))
    assert (status, said["__type"]) == (400, "InvalidSignatureException")
    assert "correct service" in said["message"]


def test_clocks_may_differ_by_a_quarter_of_an_hour(
    home: Home, root: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either way; beyond, the sentence says by how much, and each answer has a date."""
    for minutes, status in ((-16, 400), (-14, 200), (14, 200), (16, 400)):
        now = datetime.now(UTC) + timedelta(minutes=minutes)
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda now=now: now)
        answer = URLLib3Session().send(signed(home, root).prepare())
        assert answer.status_code == status
        assert "GMT" in answer.headers["date"]
        if status == 400:
            assert json.loads(answer.content)["__type"] == "InvalidSignatureException"


def test_a_presigned_address_answers(home: Home, root: Credentials, client: Client) -> None:
    """Made by boto3's client and by its signer; not one minute longer than it says."""
    client.create_secret(Name="presigned", SecretString="p")
    url = client.generate_presigned_url("get_secret_value", {"SecretId": "presigned"})
    headers = {
        "X-Amz-Target": "secretsmanager.GetSecretValue",
        "Content-Type": "application/x-amz-json-1.1",
    }
    status, said = sent(AWSRequest(method="POST", url=url, headers=headers))
    assert (status, said.get("SecretString")) == (200, "p"), said
    status, said = sent(
        AWSRequest(method="POST", url=url.replace("presigned", "others"), headers=headers)
    )
    assert (status, said["__type"]) == (400, "InvalidSignatureException")
    request = AWSRequest(
        method="GET", url=home.served.url + "/?SecretId=presigned", headers=headers
    )
    SigV4QueryAuth(root, "secretsmanager", REGION, expires=60).add_auth(request)
    status, said = sent(request)
    assert (status, said.get("SecretString")) == (200, "p"), said


def test_sessions_of_roles_are_served(home: Home, root: Credentials) -> None:
    """With their token, and never without it."""
    world: World = home.served.world
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
            "Action": "sts:AssumeRole",
        },
    }
    role = ("--role-name", "r", "--assume-role-policy-document", json.dumps(trust))
    assert ended(world, "iam", "create-role", *role).status == 0
    policy = ("--policy-name", "p", "--policy-document", json.dumps(EVERYTHING))
    assert ended(world, "iam", "put-role-policy", "--role-name", "r", *policy).status == 0
    assumed = ("--role-arn", "arn:aws:iam::000000000000:role/r", "--role-session-name", "session")
    keys = {
        "SECRETCTL_ACCESS_KEY_ID": root.access_key,
        "SECRETCTL_SECRET_ACCESS_KEY": root.secret_key,
    }
    context = world.context._replace(environ={**world.context.environ, **keys})
    done = ended(world, "sts", "assume-role", *assumed, "--output", "json", context=context)
    assert done.status == 0, done.stderr
    made = json.loads(done.stdout)["Credentials"]
    given = Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert home.client(given).list_secrets()["SecretList"]
    bare = Credentials(given.access_key, given.secret_key)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        home.client(bare).list_secrets()


def test_a_key_that_is_taken_back_is_good_for_nothing_at_once(home: Home) -> None:
    """Inactive or deleted, while connections to the server are open."""
    given = home.user("leaves", EVERYTHING)
    client = home.client(given)
    assert "SecretList" in client.list_secrets()
    words = ("--user-name", "leaves", "--access-key-id", given.access_key)
    for status, is_good in (("Inactive", False), ("Active", True)):
        done = ended(home.served.world, "iam", "update-access-key", *words, "--status", status)
        assert done.status == 0
        if is_good:
            client.list_secrets()
        else:
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                client.list_secrets()
    assert ended(home.served.world, "iam", "delete-access-key", *words).status == 0
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client.list_secrets()


def test_who_is_denied_too_much_is_slowed_down(home: Home, client: Client) -> None:
    """A hundred at once; what it may do it does, and nobody else notices."""
    mine = "arn:aws:secretsmanager:*:*:secret:slow/mine-*"
    allowed = {"Effect": "Allow", "Action": "*", "Resource": mine}
    given = home.user("poor", EVERYTHING | {"Statement": allowed})
    poor, other = home.client(given), home.client(home.user("other", EVERYTHING))
    for name in ("slow/mine", "slow/hers"):
        client.create_secret(Name=name, SecretString=name)
    codes = set()
    denied = (poor.list_secrets, lambda: poor.get_secret_value(SecretId="slow/hers"))
    for number in range(140):
        with pytest.raises(ClientError) as caught:
            denied[number % 2]()
        codes.add(caught.value.response["Error"]["Code"])
        if number % 10 == 0:
            assert poor.get_secret_value(SecretId="slow/mine")["SecretString"] == "slow/mine"
            assert poor.describe_secret(SecretId="slow/mine")["Name"] == "slow/mine"
    assert codes == {"AccessDeniedException", "ThrottlingException"}
    for ask in (poor.get_secret_value, poor.describe_secret):
        with pytest.raises(ClientError, match="ThrottlingException"):
            ask(SecretId="slow/hers")
        with pytest.raises(ClientError, match="ThrottlingException"):
            ask(SecretId="slow/none")
    assert "SecretList" in other.list_secrets()
    ends, told = time.monotonic() + WAIT_S, [""]
    while not any(given.access_key in each and "ThrottlingException" in each for each in told):
        assert time.monotonic() < ends, "the first of a kind is recorded within a second"
        lines = ended(home.served.world, "audit", "export").stdout.splitlines()
        told = [each for each in lines if "RefuseRequests" in each]


def test_the_journal_tells_who_asked_from_where_and_which_answer_it_was(
    home: Home, client: Client
) -> None:
    """The requestID of the answer, the caller's key, its address and its program."""
    client.create_secret(Name="told", SecretString="v")
    answers = [
        client.get_secret_value(SecretId="told"),
        client.describe_secret(SecretId="told"),
        client.put_secret_value(SecretId="told", SecretString="w"),
    ]
    done = ended(home.served.world, "audit", "tail", "-n", "200")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    for answer, name in zip(
        answers, ("GetSecretValue", "DescribeSecret", "PutSecretValue"), strict=True
    ):
        request_id = answer["ResponseMetadata"]["RequestId"]
        mine = [each for each in records if each["requestID"] == request_id]
        assert {each["eventName"] for each in mine} == {name}
        for each in mine:
            assert each["userIdentity"]["userName"] == "admin"
            assert each["sourceIPAddress"] == "127.0.0.1"
            assert each["userAgent"].startswith("Boto3/")


def test_a_flood_of_wrong_signatures_fills_no_journal(home: Home, root: Credentials) -> None:
    """Hundreds have a record or two, which say how many and of which key."""
    wrong = home.client(Credentials(root.access_key, "wrong"))
    for _ in range(300):
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            wrong.list_secrets()
    done = ended(home.served.world, "audit", "tail", "-n", "500")
    told = [json.loads(line) for line in done.stdout.splitlines() if "RefuseRequests" in line]
    assert len(told) < 12


def test_a_newer_client_is_answered(home: Home, root: Credentials) -> None:
    """Its new member is left out, and the journal has nothing of it."""
    newer = home.client(root)

    def add(params: dict[str, Any], **_: object) -> None:
        params["body"] = json.dumps({**json.loads(params["body"]), "Newer": "hunter2"}).encode()

    newer.meta.events.register("before-call.secrets-manager", add)
    newer.create_secret(Name="newer/a", SecretString="v")
    assert newer.get_secret_value(SecretId="newer/a")["SecretString"] == "v"
    with pytest.raises(newer.exceptions.ResourceNotFoundException):
        newer.get_secret_value(SecretId="newer/none")
    journal = ended(home.served.world, "audit", "export").stdout
    assert "newer/a" in journal
    assert "hunter2" not in journal
    assert '"Newer"' not in journal
