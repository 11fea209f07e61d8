"""Versions and staging labels."""

import pytest

from tests.conftest import Service, World, token
from tests.service.conftest import entries, refusal, stages

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


def made(service: Service, *labels: str) -> list[str]:
    """Make a secret with a version for each of *labels* (space-separated) and return the ids."""
    ids = [token() for _ in labels]
    service("CreateSecret", Name="a")
    for number, (mine, of_mine) in enumerate(zip(ids, labels, strict=True)):
        service(
            "PutSecretValue",
            SecretId="a",
            SecretString=str(number),
            ClientRequestToken=mine,
            VersionStages=of_mine.split(),
        )
    return ids


def test_a_put_makes_the_new_version_current(service: Service) -> None:
    """The one before is previous, the one before that has no label."""
    first, second, third = made(service, CURRENT, CURRENT, CURRENT)
    assert stages(service) == {second: [PREVIOUS], third: [CURRENT]}
    assert first not in stages(service)


def test_custom_labels_leave_the_current_version_alone(service: Service) -> None:
    """Labels used again are taken from the version that had them; the others stay."""
    current, old, new = made(service, CURRENT, "one two three", "one two four")
    assert stages(service) == {
        current: [CURRENT],
        old: ["three"],
        new: ["one", "two", "four"],
    }


def test_the_first_version_is_current_whatever_its_labels(service: Service) -> None:
    """A secret with a value always has a current one."""
    (only,) = made(service, "blue")
    assert stages(service) == {only: ["blue", CURRENT]}


def test_moving_current_keeps_custom_labels(service: Service) -> None:
    """The old version keeps its own and becomes the one previous; pending stays."""
    old, new = made(service, f"{CURRENT} blue", f"{PENDING} green")
    answer = service(
        "UpdateSecretVersionStage",
        SecretId="a",
        VersionStage=CURRENT,
        RemoveFromVersionId=old,
        MoveToVersionId=new,
    )
    assert list(answer) == ["ARN", "Name"]
    found = stages(service)
    assert sorted(found[old]) == [PREVIOUS, "blue"]
    assert sorted(found[new]) == [CURRENT, PENDING, "green"]


def test_there_is_one_previous_version(service: Service) -> None:
    """Moving AWSCURRENT takes the label from whoever had it."""
    first, second, third = made(service, f"{CURRENT} keep", CURRENT, CURRENT)
    service(
        "UpdateSecretVersionStage",
        SecretId="a",
        VersionStage=CURRENT,
        RemoveFromVersionId=third,
        MoveToVersionId=first,
    )
    assert stages(service) == {first: ["keep", CURRENT], third: [PREVIOUS]}
    assert second not in stages(service)


def test_a_put_ends_a_pending_rotation(service: Service) -> None:
    """A version that was current and pending is just previous afterwards."""
    old, new = made(service, CURRENT, PENDING)
    service(
        "UpdateSecretVersionStage",
        SecretId="a",
        VersionStage=CURRENT,
        RemoveFromVersionId=old,
        MoveToVersionId=new,
    )
    assert sorted(stages(service)[new]) == [CURRENT, PENDING]
    service("PutSecretValue", SecretId="a", SecretString="later")
    assert stages(service)[new] == [PREVIOUS]


def test_moving_current_names_its_holder(service: Service) -> None:
    """Without RemoveFromVersionId, or with another, AWSCURRENT stays."""
    old, new = made(service, CURRENT, "next")
    move = {"SecretId": "a", "VersionStage": CURRENT, "MoveToVersionId": new}
    before = stages(service)
    assert refusal(service, "UpdateSecretVersionStage", **move) == (
        "InvalidParameterException",
        f"The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently "
        f"attached to version {old}, so you must explicitly reference that version in "
        "RemoveFromVersionId.",
    )
    assert refusal(service, "UpdateSecretVersionStage", **move, RemoveFromVersionId=new)[0] == (
        "InvalidParameterException"
    )
    assert stages(service) == before


def test_current_is_moved_and_never_removed(service: Service) -> None:
    """Removing it without a destination is refused."""
    (only,) = made(service, CURRENT)
    assert refusal(
        service,
        "UpdateSecretVersionStage",
        SecretId="a",
        VersionStage=CURRENT,
        RemoveFromVersionId=only,
    ) == (
        "InvalidParameterException",
        "You can only move staging label AWSCURRENT to a different secret version. It can't be "
        "completely removed.",
    )


def test_another_label_moves_without_touching_previous(service: Service) -> None:
    """Attach, move and remove a label; AWSPREVIOUS stays where it is."""
    old, new = made(service, CURRENT, CURRENT)
    label = {"SecretId": "a", "VersionStage": "blue"}
    service("UpdateSecretVersionStage", **label, MoveToVersionId=old)
    assert stages(service) == {old: [PREVIOUS, "blue"], new: [CURRENT]}
    service("UpdateSecretVersionStage", **label, RemoveFromVersionId=old, MoveToVersionId=new)
    service("UpdateSecretVersionStage", **label, RemoveFromVersionId=new)
    assert stages(service) == {old: [PREVIOUS], new: [CURRENT]}


def test_a_label_moves_only_between_versions_of_the_secret(service: Service) -> None:
    """A version that is not there can be neither source nor destination."""
    (only,) = made(service, CURRENT)
    for more in ({"MoveToVersionId": "0" * 32}, {"RemoveFromVersionId": "0" * 32}):
        assert refusal(
            service, "UpdateSecretVersionStage", SecretId="a", VersionStage="blue", **more
        ) == (
            "InvalidParameterException",
            "Not a valid version: " + "0" * 32,
        )
    assert stages(service) == {only: [CURRENT]}


def test_deprecated_versions_are_hidden_and_readable(service: Service) -> None:
    """IncludeDeprecated shows them without a VersionStages member; ids still read."""
    first, second, third = made(service, CURRENT, CURRENT, CURRENT)
    listed = service("ListSecretVersionIds", SecretId="a")
    assert [each["VersionId"] for each in entries(listed, "Versions")] == [second, third]
    listed = service("ListSecretVersionIds", SecretId="a", IncludeDeprecated=True)
    shown = {each["VersionId"]: each for each in entries(listed, "Versions")}
    assert set(shown) == {first, second, third}
    assert set(shown[first]) == {"VersionId", "CreatedDate", "KmsKeyIds"}
    answer = service("GetSecretValue", SecretId="a", VersionId=first)
    assert answer["SecretString"] == "0"
    assert "VersionStages" not in answer


def test_a_listed_version_shows_what_is_set(service: Service) -> None:
    """The key's name of the default key, the day of a read only after one, no token."""
    read, unread = made(service, CURRENT, CURRENT)
    service("GetSecretValue", SecretId="a", VersionId=read)
    listed = service("ListSecretVersionIds", SecretId="a")
    assert set(listed) == {"Versions", "ARN", "Name"}
    assert listed["ARN"] == service("DescribeSecret", SecretId="a")["ARN"]
    shown = {each["VersionId"]: each for each in entries(listed, "Versions")}
    assert set(shown[unread]) == {"VersionId", "VersionStages", "CreatedDate", "KmsKeyIds"}
    assert set(shown[read]) == set(shown[unread]) | {"LastAccessedDate"}
    assert shown[unread]["KmsKeyIds"] == ["DefaultEncryptionKey"]


def test_at_most_twenty_labels(service: Service) -> None:
    """Over all versions; the one too many changes nothing, by whatever operation."""
    made(service, " ".join([CURRENT, *(f"l{number}" for number in range(19))]))
    (only,) = before = stages(service)
    too_many = {"SecretId": "a", "VersionStage": "x", "MoveToVersionId": only}
    assert refusal(service, "UpdateSecretVersionStage", **too_many)[0] == "LimitExceededException"
    put = {"SecretId": "a", "SecretString": "v", "VersionStages": ["x"]}
    assert refusal(service, "PutSecretValue", **put)[0] == "LimitExceededException"
    assert refusal(service, "PutSecretValue", SecretId="a", SecretString="v")[0] == (
        "LimitExceededException"
    )
    assert stages(service) == before


def test_a_hundred_versions_and_a_day(service: Service, world: World) -> None:
    """Labelled ones do not count. Within the day the limit is an error, then the oldest go."""
    named, *_ = made(service, f"{CURRENT} keep")
    ids = [str(put(service)["VersionId"]) for _ in range(102)]
    assert refusal(service, "PutSecretValue", SecretId="a", SecretString="v")[0] == (
        "LimitExceededException"
    )
    world.clock.pass_days(1)
    records = len(list(service.session.vault.engine.records()))
    newest = [str(put(service)["VersionId"]) for _ in range(3)]
    assert len(list(service.session.vault.engine.records())) == records
    request: dict[str, object] = {"SecretId": "a", "IncludeDeprecated": True}
    first = service("ListSecretVersionIds", **request)
    rest = service("ListSecretVersionIds", **request, NextToken=first["NextToken"])
    listed = entries(first, "Versions") + entries(rest, "Versions")
    assert [each["VersionId"] for each in listed] == [named, *ids[3:], *newest]
    assert refusal(service, "GetSecretValue", SecretId="a", VersionId=ids[0])[0] == (
        "ResourceNotFoundException"
    )


def unlabel(service: Service, version: str, label: str) -> None:
    """Take a label away."""
    request = {"SecretId": "a", "VersionStage": label, "RemoveFromVersionId": version}
    service("UpdateSecretVersionStage", **request)


@pytest.mark.parametrize("label", [PREVIOUS, PENDING, "MINE"])
def test_a_version_with_a_label_is_not_removed(service: Service, label: str) -> None:
    """Whoever reads by the label would find nothing; without it, it goes."""
    old = made(service, CURRENT, CURRENT)[0]
    if label != PREVIOUS:
        unlabel(service, old, PREVIOUS)
        service("UpdateSecretVersionStage", SecretId="a", VersionStage=label, MoveToVersionId=old)
    assert refusal(service, "DeleteSecretVersion", SecretId="a", VersionId=old) == (
        "InvalidRequestException",
        f"You can't delete a version that staging labels are attached to: {label}.",
    )
    assert old in stages(service)
    unlabel(service, old, label)
    service("DeleteSecretVersion", SecretId="a", VersionId=old)
    assert old not in stages(service)


def put(service: Service) -> dict[str, object]:
    """Put another value."""
    return service("PutSecretValue", SecretId="a", SecretString="v")


def test_a_version_can_be_removed_for_good(service: Service) -> None:
    """Its value leaves the store; its id can be used anew; the current one stays."""
    old, new = made(service, CURRENT, CURRENT)
    unlabel(service, old, PREVIOUS)
    before = len(list(service.session.vault.engine.records()))
    answer = service("DeleteSecretVersion", SecretId="a", VersionId=old)
    assert set(answer) == {"ARN", "Name", "VersionId"}
    assert len(list(service.session.vault.engine.records())) == before - 1
    assert stages(service) == {new: [CURRENT]}
    gone = refusal(service, "GetSecretValue", SecretId="a", VersionId=old)
    assert gone == refusal(service, "DeleteSecretVersion", SecretId="a", VersionId=old)
    assert gone == (
        "ResourceNotFoundException",
        f"Secrets Manager can't find the specified secret value for VersionId: {old}",
    )
    assert refusal(service, "DeleteSecretVersion", SecretId="a", VersionId=new) == (
        "InvalidRequestException",
        "You can't delete the version that staging label AWSCURRENT is attached to.",
    )
    service("PutSecretValue", SecretId="a", SecretString="again", ClientRequestToken=old)
    assert service("GetSecretValue", SecretId="a", VersionId=old)["SecretString"] == "again"
