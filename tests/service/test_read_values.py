"""GetSecretValue, BatchGetSecretValue, and the day of the last read."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.service import dispatch
from tests.conftest import DAY_MS, Service, World, token
from tests.service.conftest import FUNCTION, MARKED, NOT_FOUND, entries, refusal

NO_STAGE = "Secrets Manager can't find the specified secret value for staging label: {}"
NO_VERSION = "Secrets Manager can't find the specified secret value for VersionId: {}"
round_trips = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_an_unknown_label_or_version(service: Service) -> None:
    """The sentence names what was looked for."""
    service("CreateSecret", Name="a", SecretString="v")
    assert refusal(service, "GetSecretValue", SecretId="a", VersionStage="AWSPREVIOUS") == (
        "ResourceNotFoundException",
        NO_STAGE.format("AWSPREVIOUS"),
    )
    assert refusal(service, "GetSecretValue", SecretId="a", VersionId="0" * 36) == (
        "ResourceNotFoundException",
        NO_VERSION.format("0" * 36),
    )


def test_label_and_version_must_agree(service: Service) -> None:
    """Both may be given when they mean the same version."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    both = {"SecretId": "a", "VersionId": mine}
    assert service("GetSecretValue", **both, VersionStage="AWSCURRENT")["VersionId"] == mine
    assert refusal(service, "GetSecretValue", **both, VersionStage="AWSPREVIOUS") == (
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
    )


def test_a_pending_version_without_a_value_cannot_be_read(service: Service) -> None:
    """By id, by label, or by both."""
    service = Service(service.session._replace(lacks_function=lambda *_: ""))
    service("CreateSecret", Name="a", SecretString="v")
    mine = service("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION)["VersionId"]
    pending = {"VersionStage": "AWSPENDING"}
    for which, sentence in (
        ({"VersionId": mine}, NO_VERSION.format(mine)),
        (pending, NO_STAGE.format("AWSPENDING")),
        ({"VersionId": mine, **pending}, NO_VERSION.format(mine)),
    ):
        assert refusal(service, "GetSecretValue", SecretId="a", **which) == (
            "ResourceNotFoundException",
            sentence,
        )


def test_an_answer_has_exactly_what_the_api_names(service: Service) -> None:
    """Text or bytes, never both."""
    service("CreateSecret", Name="a", SecretString="v")
    assert set(service("GetSecretValue", SecretId="a")) == {
        *("ARN", "Name", "VersionId", "SecretString", "VersionStages", "CreatedDate")
    }
    service("PutSecretValue", SecretId="a", SecretBinary=b"v")
    answer = service("GetSecretValue", SecretId="a")
    assert "SecretString" not in answer
    assert answer["SecretBinary"] == b"v"


@pytest.mark.parametrize("value", [b"\x00\x01\x02\xff", b"tops3cret", b"dG9wczNjcmV0", b"="])
def test_bytes_are_not_decoded_twice(service: Service, value: bytes) -> None:
    """What looks like base64 is bytes like any others, on all three ways in."""
    service("CreateSecret", Name="a", SecretBinary=value)
    assert service("GetSecretValue", SecretId="a")["SecretBinary"] == value
    for operation in ("PutSecretValue", "UpdateSecret"):
        service(operation, SecretId="a", SecretBinary=value)
        assert service("GetSecretValue", SecretId="a")["SecretBinary"] == value


@round_trips
@given(value=st.binary(min_size=1, max_size=300) | st.text(min_size=1, max_size=300))
def test_any_value_comes_back_as_given(service: Service, value: bytes | str) -> None:
    """Every byte and every character, control characters and odd Unicode among them."""
    name = token()
    member = "SecretString" if isinstance(value, str) else "SecretBinary"
    service("CreateSecret", Name=name, **{member: value})
    assert service("GetSecretValue", SecretId=name)[member] == value
    service("DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize(
    "value",
    [
        *("x" * 65_536, "é" * 32_768, "\U0001f511" * 16_384),
        *("\x00", "\r\n", "\ufeffbom", "\u2028\u2029", "-n", "%d", "\x1b[2J"),
        "".join(map(chr, range(0x4000))),
    ],
    ids=range(11),
)
def test_edges_of_text_come_back_as_given(service: Service, value: str) -> None:
    """The longest text in bytes of UTF-8, and what terminals and shells would change."""
    service("CreateSecret", Name="a", SecretString=value)
    assert service("GetSecretValue", SecretId="a")["SecretString"] == value


def test_every_byte_in_the_longest_value(service: Service) -> None:
    """65,536 bytes, each value of a byte 256 times."""
    value = bytes(range(256)) * 256
    service("CreateSecret", Name="a", SecretBinary=value)
    assert service("GetSecretValue", SecretId="a")["SecretBinary"] == value


def test_reading_is_dated_by_day(service: Service, world: World) -> None:
    """Absent before the first read; then the day, of the secret and of the version read."""
    first, second = token(), token()
    service("CreateSecret", Name="a", SecretString="1", ClientRequestToken=first)
    service("PutSecretValue", SecretId="a", SecretString="2", ClientRequestToken=second)
    assert "LastAccessedDate" not in service("DescribeSecret", SecretId="a")
    service("GetSecretValue", SecretId="a")
    today = dt.datetime.fromtimestamp(world.clock.now_ms // DAY_MS * 86_400, dt.UTC)
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] == today
    listed = entries(service("ListSecretVersionIds", SecretId="a"), "Versions")
    assert [each.get("LastAccessedDate") for each in listed] == [None, today]
    world.clock.pass_days(1)
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] == today
    service("GetSecretValue", SecretId="a", VersionId=first)
    tomorrow = today + dt.timedelta(days=1)
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] == tomorrow
    listed = entries(service("ListSecretVersionIds", SecretId="a"), "Versions")
    assert [each.get("LastAccessedDate") for each in listed] == [tomorrow, today]


def test_a_second_read_of_the_day_writes_nothing(service: Service) -> None:
    """The vault is not changed, nor is LastChangedDate ever by a read."""
    service("CreateSecret", Name="a", SecretString="v")
    changed = service("DescribeSecret", SecretId="a")["LastChangedDate"]
    service("GetSecretValue", SecretId="a")
    before = list(service.session.vault.engine.records())
    service("GetSecretValue", SecretId="a")
    assert list(service.session.vault.engine.records()) == before
    assert service("DescribeSecret", SecretId="a")["LastChangedDate"] == changed


def test_a_batch_reports_failures_beside_values(service: Service) -> None:
    """Unknown, deleted, misnamed and empty secrets spoil nothing."""
    for name in ("a", "b"):
        service("CreateSecret", Name=name, SecretString=name)
    service("CreateSecret", Name="empty")
    service("CreateSecret", Name="deleted", SecretString="v")
    service("DeleteSecret", SecretId="deleted")
    ids = ["b", "nope", "a", "deleted", "empty", "no good"]
    answer = service("BatchGetSecretValue", SecretIdList=ids)
    assert [each["SecretString"] for each in entries(answer, "SecretValues")] == ["b", "a"]
    errors = {each["SecretId"]: each for each in entries(answer, "Errors")}
    found = {name: (each["ErrorCode"], each["Message"]) for name, each in errors.items()}
    assert found["nope"] == NOT_FOUND
    assert found["deleted"] == MARKED
    assert found["empty"] == ("ResourceNotFoundException", NO_STAGE.format("AWSCURRENT"))
    assert found["no good"][0] == "ValidationException"
    assert "NextToken" not in answer


def test_a_batch_chooses_by_ids_or_by_filters(service: Service) -> None:
    """One of the two; pages only with filters."""
    either = (
        "InvalidParameterException",
        "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
    )
    filters = [{"Key": "name", "Values": ["a"]}]
    assert refusal(service, "BatchGetSecretValue") == either
    assert refusal(service, "BatchGetSecretValue", SecretIdList=["a"], NextToken="made up")[0] == (
        "InvalidNextTokenException"
    )
    assert refusal(service, "BatchGetSecretValue", SecretIdList=["a"], Filters=filters) == either
    assert refusal(service, "BatchGetSecretValue", SecretIdList=["a"], MaxResults=1) == (
        "InvalidParameterException",
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
    )
    many = [str(number) for number in range(21)]
    assert refusal(service, "BatchGetSecretValue", SecretIdList=many)[0] == "ValidationException"
    assert refusal(service, "BatchGetSecretValue", Filters=filters, MaxResults=21)[0] == (
        "ValidationException"
    )


def test_a_batch_by_filters_comes_in_pages(service: Service) -> None:
    """Following NextToken gives each value once."""
    for number in range(5):
        service("CreateSecret", Name=f"a{number}", SecretString=str(number))
    service("CreateSecret", Name="other", SecretString="x")
    request: dict[str, object] = {"Filters": [{"Key": "name", "Values": ["a"]}], "MaxResults": 2}
    found: list[object] = []
    while True:
        page = service("BatchGetSecretValue", **request)
        found += [each["SecretString"] for each in entries(page, "SecretValues")]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert found == ["0", "1", "2", "3", "4"]


def test_a_batch_by_filters_leaves_out_what_is_to_be_deleted(service: Service) -> None:
    """As ListSecrets does; asked for by its id it is an error of its own."""
    for name in ("a1", "a2"):
        service("CreateSecret", Name=name, SecretString="v")
    service("DeleteSecret", SecretId="a1")
    found = service("BatchGetSecretValue", Filters=[{"Key": "name", "Values": ["a"]}])
    assert [each["Name"] for each in entries(found, "SecretValues")] == ["a2"]
    assert found["Errors"] == []


def test_a_batch_goes_on_past_a_damaged_value(service: Service) -> None:
    """What cannot be decrypted is an error beside the values that can."""
    for name in ("a", "b"):
        service("CreateSecret", Name=name, SecretString="v" * 4000)
    engine = service.session.vault.engine
    with engine.write() as writer:
        key, stored = next(each for each in engine.records() if each[0][:1] == b"v")
        writer.put(key, stored[:-1] + bytes((stored[-1] ^ 1,)))
    found = service("BatchGetSecretValue", SecretIdList=["a", "b"])
    assert [each["Name"] for each in entries(found, "SecretValues")] == ["b"]
    assert [(each["SecretId"], each["ErrorCode"]) for each in entries(found, "Errors")] == [
        ("a", "DecryptionFailure")
    ]


def test_the_date_of_access_never_goes_back(service: Service, world: World) -> None:
    """Not where the clock does."""
    service("CreateSecret", Name="a", SecretString="v")
    world.clock.pass_days(3)
    service("GetSecretValue", SecretId="a")
    read = service("DescribeSecret", SecretId="a")["LastAccessedDate"]
    world.clock.pass_days(-2)
    service("GetSecretValue", SecretId="a")
    assert service("DescribeSecret", SecretId="a")["LastAccessedDate"] == read


def test_a_batch_dates_what_it_read(service: Service) -> None:
    """All values of a batch count as read."""
    for name in ("a", "b"):
        service("CreateSecret", Name=name, SecretString="v")
    service("BatchGetSecretValue", SecretIdList=["a", "b"])
    for name in ("a", "b"):
        assert "LastAccessedDate" in service("DescribeSecret", SecretId=name)


def test_reads_of_other_faces_are_dated(service: Service) -> None:
    """What exec and others read together counts as read, and what a change looks at first."""
    for name in ("a", "b", "c"):
        service("CreateSecret", Name=name, SecretString="v")
    session = service.session
    dispatch.read_all(session, [{"SecretId": "a"}, {"SecretId": "b"}], "exec")
    dispatch.change_read(session, {"SecretId": "c"}, "set", lambda _: None)
    for name in ("a", "b", "c"):
        assert "LastAccessedDate" in service("DescribeSecret", SecretId=name)
