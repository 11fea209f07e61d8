"""RotateSecret and CancelRotateSecret: configuration and labels."""

import datetime as dt

import pytest

from tests.conftest import Service, World, token
from tests.service.conftest import FUNCTION, refusal, stages

NO_FUNCTION = (
    "InvalidRequestException",
    "No Lambda rotation function ARN is associated with this secret.",
)
NOT_INVOKED = (
    "AccessDeniedException",
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
    "policy grants access to the principal secretsmanager.amazonaws.com.",
)
INCOMPLETE = (
    "InvalidRequestException",
    "A previous rotation isn't complete. That rotation will be reattempted.",
)
DAYS = {"AutomaticallyAfterDays": 30}
OFF = {"RotateImmediately": False}


@pytest.fixture
def rotating(service: Service) -> Service:
    """Operations that find every rotation function, and a secret."""
    able = Service(service.session._replace(lacks_function=lambda *_: ""))
    able("CreateSecret", Name="a", SecretString="v")
    return able


def test_rotation_needs_a_function(service: Service) -> None:
    """The first time the request must name one."""
    service("CreateSecret", Name="a", SecretString="v")
    assert refusal(service, "RotateSecret", SecretId="a") == NO_FUNCTION
    assert refusal(service, "RotateSecret", SecretId="a", RotationRules=DAYS) == NO_FUNCTION


def test_a_function_that_cannot_be_run_changes_nothing(service: Service) -> None:
    """No configuration stays and no version is pending."""
    service("CreateSecret", Name="a", SecretString="v")
    before = service("DescribeSecret", SecretId="a")
    assert (
        refusal(
            service,
            "RotateSecret",
            SecretId="a",
            RotationLambdaARN=FUNCTION,
            RotationRules=DAYS,
        )
        == NOT_INVOKED
    )
    assert service("DescribeSecret", SecretId="a") == before


def test_a_rotation_begins_with_an_empty_pending_version(rotating: Service) -> None:
    """Its id is the token; the current version stays."""
    (current,) = stages(rotating)
    mine = token()
    answer = rotating(
        "RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, ClientRequestToken=mine
    )
    assert list(answer) == ["ARN", "Name", "VersionId"]
    assert answer["VersionId"] == mine
    assert stages(rotating) == {current: ["AWSCURRENT"], mine: ["AWSPENDING"]}
    shown = rotating("DescribeSecret", SecretId="a")
    assert shown["RotationEnabled"] is True
    assert shown["RotationLambdaARN"] == FUNCTION


def test_put_fills_the_pending_version(rotating: Service) -> None:
    """With its token; then moving AWSCURRENT ends the rotation, and another can begin."""
    (current,) = stages(rotating)
    mine = token()
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, ClientRequestToken=mine)
    put = {"SecretId": "a", "ClientRequestToken": mine, "VersionStages": ["AWSPENDING"]}
    answer = rotating("PutSecretValue", **put, SecretString="new")
    assert answer["VersionStages"] == ["AWSPENDING"]
    assert rotating("PutSecretValue", **put, SecretString="new") == answer
    assert refusal(rotating, "PutSecretValue", **put, SecretString="other")[0] == (
        "ResourceExistsException"
    )
    pending = rotating("GetSecretValue", SecretId="a", VersionStage="AWSPENDING")
    assert pending["SecretString"] == "new"
    assert refusal(rotating, "RotateSecret", SecretId="a") == INCOMPLETE
    rotating(
        "UpdateSecretVersionStage",
        SecretId="a",
        VersionStage="AWSCURRENT",
        RemoveFromVersionId=current,
        MoveToVersionId=mine,
    )
    assert rotating("GetSecretValue", SecretId="a")["SecretString"] == "new"
    again = token()
    rotating("RotateSecret", SecretId="a", ClientRequestToken=again)
    assert stages(rotating) == {
        current: ["AWSPREVIOUS"],
        mine: ["AWSCURRENT"],
        again: ["AWSPENDING"],
    }


def test_an_unfinished_rotation_is_in_the_way(rotating: Service) -> None:
    """Another token is refused and changes nothing; the same one is the same rotation."""
    mine = token()
    begun = rotating(
        "RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, ClientRequestToken=mine
    )
    before = stages(rotating)
    assert refusal(rotating, "RotateSecret", SecretId="a") == INCOMPLETE
    assert rotating("RotateSecret", SecretId="a", ClientRequestToken=mine) == begun
    assert stages(rotating) == before


def days_to_next(rotating: Service, world: World) -> int:
    """Return the days, begun ones too, until the NextRotationDate of ``a``."""
    due = rotating("DescribeSecret", SecretId="a")["NextRotationDate"]
    assert isinstance(due, dt.datetime)
    today = dt.datetime.fromtimestamp(world.clock() / 1000, dt.UTC).date()
    return (due.date() - today).days


@pytest.mark.parametrize("at_once", [False, True])
def test_the_next_rotation_counts_from_the_last_change_of_the_value(
    rotating: Service, world: World, *, at_once: bool
) -> None:
    """Not from a creation long ago, and not from a rotation that only begins."""
    world.clock.pass_days(400)
    rotating("PutSecretValue", SecretId="a", SecretString="w")
    world.clock.pass_days(10)
    request = {"SecretId": "a", "RotateImmediately": at_once, "RotationRules": DAYS}
    rotating("RotateSecret", **request, RotationLambdaARN=FUNCTION)
    assert days_to_next(rotating, world) == 20


def test_a_rotation_that_begins_moves_no_date(rotating: Service, world: World) -> None:
    """An overdue secret stays so until the value changes, or the rules do, or it is turned on."""
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, RotationRules=DAYS)
    rotating("PutSecretValue", SecretId="a", SecretString="w")
    world.clock.pass_days(35)
    mine = token()
    for rules in ({}, {"RotationRules": DAYS}):
        rotating("RotateSecret", SecretId="a", ClientRequestToken=mine, **rules)
        assert days_to_next(rotating, world) == -5
    assert days_to_next(rotating, world) == -5
    later = {"AutomaticallyAfterDays": 50}
    rotating("RotateSecret", SecretId="a", ClientRequestToken=mine, RotationRules=later)
    assert days_to_next(rotating, world) == 15
    rotating("PutSecretValue", SecretId="a", SecretString="x")
    assert days_to_next(rotating, world) == 50
    world.clock.pass_days(60)
    rotating("CancelRotateSecret", SecretId="a")
    rotating("RotateSecret", SecretId="a")
    assert days_to_next(rotating, world) == 0


def test_a_later_rotation_reuses_what_is_stored(rotating: Service) -> None:
    """Function and rules need be given once."""
    request = {"SecretId": "a", "RotateImmediately": False}
    rotating("RotateSecret", **request, RotationLambdaARN=FUNCTION, RotationRules=DAYS)
    rotating("RotateSecret", **request)
    shown = rotating("DescribeSecret", SecretId="a")
    assert shown["RotationRules"] == DAYS
    assert shown["RotationLambdaARN"] == FUNCTION
    created, due = shown["CreatedDate"], shown["NextRotationDate"]
    assert isinstance(created, dt.datetime)
    assert isinstance(due, dt.datetime)
    assert dt.timedelta(days=29) < due - created <= dt.timedelta(days=31)


def test_without_immediate_rotation_no_version_is_made(rotating: Service) -> None:
    """RotateImmediately=false only stores the configuration."""
    before = stages(rotating)
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, RotateImmediately=False)
    assert stages(rotating) == before


def test_cancelling_keeps_function_and_labels(rotating: Service) -> None:
    """Rotation is off, and the pending version is named in the answer."""
    mine = rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, RotationRules=DAYS)[
        "VersionId"
    ]
    before = stages(rotating)
    answer = rotating("CancelRotateSecret", SecretId="a")
    assert answer["VersionId"] == mine
    assert stages(rotating) == before
    shown = rotating("DescribeSecret", SecretId="a")
    assert shown["RotationEnabled"] is False
    assert shown["RotationLambdaARN"] == FUNCTION
    assert "NextRotationDate" not in shown


def test_cancelling_what_was_never_configured(rotating: Service) -> None:
    """Is refused."""
    assert refusal(rotating, "CancelRotateSecret", SecretId="a")[0] == "InvalidRequestException"


def test_days_and_a_schedule_at_once_are_refused_in_the_words_of_aws(rotating: Service) -> None:
    """Which of the two was meant cannot be told."""
    rules = {**DAYS, "ScheduleExpression": "rate(10 days)"}
    request = {"SecretId": "a", "RotationLambdaARN": FUNCTION, "RotationRules": rules}
    assert refusal(rotating, "RotateSecret", **request) == (
        "InvalidParameterException",
        "You cannot specify both rotation frequency and schedule expression together.",
    )


@pytest.mark.parametrize(
    "rules",
    [
        {**DAYS, "ScheduleExpression": "rate(10 days)"},
        {"ScheduleExpression": "rate(1 hours)"},
        {"ScheduleExpression": "cron(* * * * * *)"},
        {"ScheduleExpression": "every day"},
        {**DAYS, "Duration": "0h"},
        {"AutomaticallyAfterDays": 0},
        {"AutomaticallyAfterDays": 1001},
        {**DAYS, "Duration": "3m"},
    ],
)
def test_rules_that_mean_nothing(rotating: Service, rules: dict[str, object]) -> None:
    """Are refused, and no rotation is configured."""
    before = rotating("DescribeSecret", SecretId="a")
    code, _ = refusal(
        rotating, "RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, RotationRules=rules
    )
    assert code in ("InvalidParameterException", "ValidationException")
    assert rotating("DescribeSecret", SecretId="a") == before


@pytest.mark.parametrize("expression", ["rate(4 hours)", "rate(10 days)", "cron(0 8 1 * ? *)"])
def test_schedules(rotating: Service, expression: str) -> None:
    """Rates and cron expressions give a next date."""
    rules = {"ScheduleExpression": expression, "Duration": "2h"}
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, RotationRules=rules)
    shown = rotating("DescribeSecret", SecretId="a")
    assert shown["RotationRules"] == rules
    assert "NextRotationDate" in shown


@pytest.mark.parametrize("own", [18, 19])
def test_a_pending_label_counts_among_twenty(rotating: Service, own: int) -> None:
    """A secret without room for AWSPENDING, and AWSPREVIOUS in the end, begins no rotation."""
    (current,) = stages(rotating)
    for number in range(own):
        rotating(
            "UpdateSecretVersionStage",
            SecretId="a",
            VersionStage=str(number),
            MoveToVersionId=current,
        )
    before = rotating("DescribeSecret", SecretId="a")
    assert refusal(rotating, "RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION)[0] == (
        "LimitExceededException"
    )
    assert rotating("DescribeSecret", SecretId="a") == before


def test_a_rotation_that_could_not_end_does_not_begin(rotating: Service, world: World) -> None:
    """For want of room for another version without a label; a day later there is some."""
    for number in range(101):
        rotating("PutSecretValue", SecretId="a", SecretString=str(number))
    before = rotating("DescribeSecret", SecretId="a")
    request = {"SecretId": "a", "RotationLambdaARN": FUNCTION}
    assert refusal(rotating, "RotateSecret", **request)[0] == "LimitExceededException"
    assert rotating("DescribeSecret", SecretId="a") == before
    world.clock.pass_days(1)
    rotating("RotateSecret", **request)


def test_a_token_that_was_used_begins_no_rotation(rotating: Service) -> None:
    """Of the current version: it has been done; of another: refused. Nothing moves."""
    (first,) = stages(rotating)
    second = str(rotating("PutSecretValue", SecretId="a", SecretString="w")["VersionId"])
    before = stages(rotating)
    request = {"SecretId": "a", "RotationLambdaARN": FUNCTION}
    answer = rotating("RotateSecret", **request, ClientRequestToken=second)
    assert answer["VersionId"] == second
    for used, more in ((first, {}), (first, OFF), (second, OFF)):
        code, message = refusal(
            rotating, "RotateSecret", **request, **more, ClientRequestToken=used
        )
        assert code == "InvalidRequestException"
        assert message == (
            f"You can't use ClientRequestToken {used} because that value is already in use "
            f"for a version of secret {answer['ARN']}."
        )
    assert stages(rotating) == before


def test_what_has_begun_is_no_version_in_a_list_before_it_has_a_value(rotating: Service) -> None:
    """DescribeSecret shows its label, as AWS's does."""
    mine = token()
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, ClientRequestToken=mine)
    assert mine in stages(rotating)
    assert mine not in listed(rotating)
    put = {"SecretId": "a", "ClientRequestToken": mine, "VersionStages": ["AWSPENDING"]}
    rotating("PutSecretValue", **put, SecretString="new")
    assert mine in listed(rotating)


def test_a_secret_that_is_to_be_deleted_is_neither_rotated_nor_cancelled(rotating: Service) -> None:
    """As every change of it."""
    rotating("RotateSecret", SecretId="a", RotationLambdaARN=FUNCTION, **OFF)
    rotating("DeleteSecret", SecretId="a")
    for operation in ("RotateSecret", "CancelRotateSecret"):
        code, message = refusal(rotating, operation, SecretId="a")
        assert code == "InvalidRequestException"
        assert "marked for deletion" in message


def listed(service: Service) -> list[str]:
    """Return the ids of all versions."""
    found = service("ListSecretVersionIds", SecretId="a", IncludeDeprecated=True)["Versions"]
    assert isinstance(found, list)
    return [each["VersionId"] for each in found]
