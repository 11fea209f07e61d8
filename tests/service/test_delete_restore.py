"""DeleteSecret, RestoreSecret, and what becomes of secrets that are due."""

import datetime as dt

import pytest

from tests.conftest import DAY_MS, Service, World, token
from tests.service.conftest import FUNCTION, MARKED, NOT_FOUND, refusal

WINDOW = (
    "InvalidParameterException",
    "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
)


def moment(milliseconds: int) -> dt.datetime:
    """Return a time since 1970 as the API gives it."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)


def records(service: Service) -> int:
    """Return how many records the store holds."""
    return len(list(service.session.vault.engine.records()))


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("GetSecretValue", {}),
        ("PutSecretValue", {"SecretString": "v"}),
        ("UpdateSecret", {"Description": "d"}),
        ("RotateSecret", {"RotationLambdaARN": FUNCTION}),
        ("CancelRotateSecret", {}),
        ("UpdateSecretVersionStage", {"VersionStage": "x", "MoveToVersionId": "0" * 32}),
        ("TagResource", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("UntagResource", {"TagKeys": ["k"]}),
        ("GetResourcePolicy", {}),
        ("PutResourcePolicy", {"ResourcePolicy": "{}"}),
        ("DeleteResourcePolicy", {}),
        ("ListResourcePolicies", {}),
        ("ReplicateSecretToRegions", {"AddReplicaRegions": [{"Region": "eu-west-1"}]}),
        ("RemoveRegionsFromReplication", {"RemoveReplicaRegions": ["eu-west-1"]}),
        ("DeleteSecretVersion", {"VersionId": "0" * 32}),
        ("DeleteSecret", {}),
    ],
)
def test_a_scheduled_secret_refuses_use(
    service: Service, operation: str, more: dict[str, object]
) -> None:
    """Every operation that uses or changes it gives the same answer, and nothing changes."""
    service("CreateSecret", Name="a", SecretString="v")
    service("DeleteSecret", SecretId="a")
    before = service("DescribeSecret", SecretId="a")
    assert refusal(service, operation, SecretId="a", **more) == MARKED
    assert service("DescribeSecret", SecretId="a") == before


def test_a_scheduled_secret_is_still_described(service: Service) -> None:
    """With the date of its end; its versions are listed too."""
    service("CreateSecret", Name="a", SecretString="v")
    answer = service("DeleteSecret", SecretId="a")
    assert list(answer) == ["ARN", "Name", "DeletionDate"]
    assert service("DescribeSecret", SecretId="a")["DeletedDate"] == answer["DeletionDate"]
    assert service("ListSecretVersionIds", SecretId="a")["Versions"]


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"RecoveryWindowInDays": 7}, 7)])
def test_the_date_is_the_end_of_the_window(
    service: Service, world: World, given: dict[str, object], days: int
) -> None:
    """Thirty days unless told otherwise."""
    service("CreateSecret", Name="a")
    answer = service("DeleteSecret", SecretId="a", **given)
    assert answer["DeletionDate"] == moment(world.clock.now_ms + days * DAY_MS)


@pytest.mark.parametrize("days", [-1, 0, 6, 31, 2**31])
@pytest.mark.parametrize("force", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_a_window_out_of_range_comes_first(
    service: Service, days: int, force: dict[str, object]
) -> None:
    """Before existence, and with force too."""
    assert (
        refusal(service, "DeleteSecret", SecretId="nope", RecoveryWindowInDays=days, **force)
        == WINDOW
    )


def test_force_and_window_exclude_each_other(service: Service) -> None:
    """A window in range does not help."""
    both = {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}
    assert refusal(service, "DeleteSecret", SecretId="a", **both) == (
        "InvalidParameterException",
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    )


def test_force_succeeds_on_nothing(service: Service, world: World) -> None:
    """With a name, an ARN and a date; without force nothing is found."""
    answer = service("DeleteSecret", SecretId="nope", ForceDeleteWithoutRecovery=True)
    assert answer["Name"] == "nope"
    assert str(answer["ARN"]).partition(":nope-")[1]
    assert answer["DeletionDate"] == moment(world.clock.now_ms)
    again = service("DeleteSecret", SecretId=answer["ARN"], ForceDeleteWithoutRecovery=True)
    assert again == answer
    assert refusal(service, "DeleteSecret", SecretId="nope") == NOT_FOUND
    not_forced = {"ForceDeleteWithoutRecovery": False}
    assert refusal(service, "DeleteSecret", SecretId="nope", **not_forced) == NOT_FOUND


@pytest.mark.parametrize("scheduled", [False, True])
def test_force_leaves_nothing_behind(service: Service, scheduled: bool) -> None:  # noqa: FBT001 a table's column
    """No record of secret, name, versions or date stays in the store."""
    service("CreateSecret", Name="other", SecretString="v")
    before = records(service)
    service("CreateSecret", Name="a", SecretString="1")
    service("PutSecretValue", SecretId="a", SecretString="2")
    if scheduled:
        service("DeleteSecret", SecretId="a")
    service("DeleteSecret", SecretId="a", ForceDeleteWithoutRecovery=True)
    assert records(service) == before
    assert refusal(service, "DescribeSecret", SecretId="a") == NOT_FOUND
    assert refusal(service, "RestoreSecret", SecretId="a") == NOT_FOUND


def test_restoring(service: Service, world: World) -> None:
    """Until the last moment of the window everything comes back; after it nothing does."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_ms(7 * DAY_MS - 1)
    assert list(service("RestoreSecret", SecretId="a")) == ["ARN", "Name"]
    shown = service("DescribeSecret", SecretId="a")
    assert "DeletedDate" not in shown
    assert shown["VersionIdsToStages"] == {mine: ["AWSCURRENT"]}
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "v"
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_ms(7 * DAY_MS)
    assert refusal(service, "RestoreSecret", SecretId="a") == NOT_FOUND


def test_restoring_what_was_not_deleted(service: Service) -> None:
    """Succeeds and changes nothing."""
    service("CreateSecret", Name="a")
    before = service("DescribeSecret", SecretId="a")
    service("RestoreSecret", SecretId="a")
    assert service("DescribeSecret", SecretId="a") == before


def test_what_is_due_is_purged_by_a_later_change(service: Service, world: World) -> None:
    """Not a day early, not the restored one, and the whole of the others."""
    service("CreateSecret", Name="other", SecretString="v")
    before = records(service)
    for name in ("due", "later", "restored"):
        service("CreateSecret", Name=name, SecretString="v")
    each = (records(service) - before) // 3
    service("DeleteSecret", SecretId="due", RecoveryWindowInDays=7)
    service("DeleteSecret", SecretId="later", RecoveryWindowInDays=30)
    service("DeleteSecret", SecretId="restored", RecoveryWindowInDays=7)
    service("RestoreSecret", SecretId="restored")
    for days in (6.9, 2):
        world.clock.pass_days(days)
        service("UpdateSecret", SecretId="other")
    assert records(service) == before + 2 * each + 1
    world.clock.pass_days(30)
    service("UpdateSecret", SecretId="other")
    assert records(service) == before + each
    assert service("GetSecretValue", SecretId="restored")["SecretString"] == "v"


def test_many_that_are_due_are_purged_by_a_few_changes(service: Service, world: World) -> None:
    """One change purges a bounded number; the following ones the rest."""
    service("CreateSecret", Name="other", SecretString="v")
    before = records(service)
    for number in range(70):
        service("CreateSecret", Name=str(number))
        service("DeleteSecret", SecretId=str(number), RecoveryWindowInDays=7)
    world.clock.pass_days(9)
    counts = []
    for _ in range(4):
        service("UpdateSecret", SecretId="other")
        counts.append(records(service))
    assert counts[0] > before
    assert counts[-1] == before


def test_a_clock_that_was_ahead_hides_nothing_from_the_purge(
    service: Service, world: World
) -> None:
    """What is deleted after the clock was set right is purged when it is due."""
    service("CreateSecret", Name="other", SecretString="v")
    before = records(service)
    world.clock.pass_days(3650)
    service("UpdateSecret", SecretId="other")
    service("CreateSecret", Name="passing")
    service("DeleteSecret", SecretId="passing", RecoveryWindowInDays=7)
    world.clock.pass_days(10)
    service("UpdateSecret", SecretId="other")
    world.clock.pass_days(-3660)
    service("CreateSecret", Name="a", SecretString="v")
    service("DeleteSecret", SecretId="a", RecoveryWindowInDays=7)
    world.clock.pass_days(9)
    service("UpdateSecret", SecretId="other")
    assert records(service) == before
