"""DescribeSecret, ListSecrets with its filters, UpdateSecret."""

import datetime as dt

import pytest

from tests.conftest import Service, World, token
from tests.service.conftest import entries, refusal


def listed(service: Service, **parameters: object) -> list[object]:
    """Return the names that ListSecrets gives, in its order."""
    return [each["Name"] for each in entries(service("ListSecrets", **parameters), "SecretList")]


def filtered(service: Service, *filters: tuple[str, str | list[str]]) -> set[object]:
    """Return the names that pass filters of a key and a value or values."""
    given = [
        {"Key": key, "Values": [values] if isinstance(values, str) else values}
        for key, values in filters
    ]
    return set(listed(service, Filters=given))


def test_only_what_is_set_is_shown(service: Service) -> None:
    """A bare secret has ARN, name and two dates."""
    service("CreateSecret", Name="a")
    bare = {"ARN", "Name", "LastChangedDate", "CreatedDate"}
    assert set(service("DescribeSecret", SecretId="a")) == bare
    (entry,) = entries(service("ListSecrets"), "SecretList")
    assert set(entry) == bare


def test_describe_and_list_spell_versions_differently(service: Service) -> None:
    """VersionIdsToStages here, SecretVersionsToStages there; the rest is the same."""
    mine = token()
    service(
        "CreateSecret",
        Name="a",
        SecretString="v",
        ClientRequestToken=mine,
        Description="d",
        Tags=[],
    )
    described = service("DescribeSecret", SecretId="a")
    (entry,) = entries(service("ListSecrets"), "SecretList")
    assert described.pop("VersionIdsToStages") == {mine: ["AWSCURRENT"]}
    assert entry.pop("SecretVersionsToStages") == {mine: ["AWSCURRENT"]}
    assert described == entry


def test_dates_are_utc_and_to_the_millisecond(service: Service, world: World) -> None:
    """CreatedDate is the moment of the call."""
    service("CreateSecret", Name="a")
    expected = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        milliseconds=world.clock.now_ms
    )
    assert service("DescribeSecret", SecretId="a")["CreatedDate"] == expected


@pytest.mark.parametrize("step_ms", [0, 1, -5_000])
def test_each_change_is_later_than_the_one_before(
    service: Service, world: World, step_ms: int
) -> None:
    """LastChangedDate grows even where the clock stands or goes back, or the value is the same."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    dates = [service("DescribeSecret", SecretId="a")["LastChangedDate"]]
    for operation, more in (
        ("UpdateSecret", {"SecretString": "v"}),
        ("UpdateSecret", {"Description": "d"}),
        ("PutSecretValue", {"SecretString": "v"}),
        ("TagResource", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("UntagResource", {"TagKeys": ["k"]}),
        ("DeleteSecret", {}),
        ("RestoreSecret", {}),
    ):
        world.clock.pass_ms(step_ms)
        service(operation, SecretId="a", **more)
        dates.append(service("DescribeSecret", SecretId="a")["LastChangedDate"])
    assert all(isinstance(date, dt.datetime) for date in dates)
    assert len(set(dates)) == len(dates)
    assert dates == sorted(dates, key=str)


def test_an_update_without_a_value_makes_no_version(service: Service) -> None:
    """The answer is ARN and name; with a value also the version's id."""
    mine = token()
    service("CreateSecret", Name="a", SecretString="v", ClientRequestToken=mine)
    assert list(service("UpdateSecret", SecretId="a", Description="d")) == ["ARN", "Name"]
    assert list(service("UpdateSecret", SecretId="a")) == ["ARN", "Name"]
    assert service("DescribeSecret", SecretId="a")["VersionIdsToStages"] == {mine: ["AWSCURRENT"]}
    answer = service("UpdateSecret", SecretId="a", SecretString="w")
    assert list(answer) == ["ARN", "Name", "VersionId"]
    assert service("DescribeSecret", SecretId="a")["VersionIdsToStages"] == {
        mine: ["AWSPREVIOUS"],
        answer["VersionId"]: ["AWSCURRENT"],
    }
    assert service("DescribeSecret", SecretId="a")["Description"] == "d"


def test_a_description_can_be_taken_away(service: Service) -> None:
    """An empty one is none; one that is not given stays."""
    service("CreateSecret", Name="a", Description="d")
    service("UpdateSecret", SecretId="a", SecretString="v")
    assert service("DescribeSecret", SecretId="a")["Description"] == "d"
    service("UpdateSecret", SecretId="a", Description="")
    assert "Description" not in service("DescribeSecret", SecretId="a")


def test_another_key_seals_the_versions_in_use_anew(service: Service) -> None:
    """Those with AWS's labels change key, the others keep it; all stay readable."""
    ids = [token() for _ in range(3)]
    service("CreateSecret", Name="a", SecretString="0", ClientRequestToken=ids[0])
    for number in (1, 2):
        service(
            "PutSecretValue",
            SecretId="a",
            SecretString=str(number),
            ClientRequestToken=ids[number],
        )
    service("UpdateSecret", SecretId="a", KmsKeyId="alias/mine")
    versions = entries(
        service("ListSecretVersionIds", SecretId="a", IncludeDeprecated=True), "Versions"
    )
    assert {each["VersionId"]: each["KmsKeyIds"] for each in versions} == {
        ids[0]: ["DefaultEncryptionKey"],
        ids[1]: ["alias/mine"],
        ids[2]: ["alias/mine"],
    }
    for number, mine in enumerate(ids):
        answer = service("GetSecretValue", SecretId="a", VersionId=mine)
        assert answer["SecretString"] == str(number)


def test_names_and_tags_match_from_the_beginning(service: Service) -> None:
    """The whole text, case told apart."""
    for name in ("DatabaseSecret", "databaseSecret", "MyData", "/testing1/one"):
        service("CreateSecret", Name=name, Tags=[{"Key": f"K{name}", "Value": f"V{name}"}])
    assert filtered(service, ("name", "Data")) == {"DatabaseSecret"}
    assert filtered(service, ("name", "/")) == {"/testing1/one"}
    assert filtered(service, ("name", "testing1 one")) == set()
    assert filtered(service, ("tag-key", "Kdata")) == {"databaseSecret"}
    assert filtered(service, ("tag-value", "VMy")) == {"MyData"}
    assert filtered(service, ("tag-value", "My")) == set()
    assert filtered(service, ("name", "!/")) == {"DatabaseSecret", "databaseSecret", "MyData"}


def test_descriptions_match_by_words(service: Service) -> None:
    """Each word of the value begins some word, in either case."""
    for name, text in (("1", "a secret"), ("2", "an secret"), ("3", "asecret"), ("4", "thesecret")):
        service("CreateSecret", Name=name, Description=text)
    service("CreateSecret", Name="5", Description="one two")
    assert filtered(service, ("description", "a")) == {"1", "2", "3"}
    assert filtered(service, ("description", "A")) == {"1", "2", "3"}
    assert filtered(service, ("description", "a secret")) == {"1", "2"}
    assert filtered(service, ("description", "o t")) == {"5"}
    assert filtered(service, ("description", "!a")) == {"4", "5"}


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("MyTest", "Test", True),
        ("MyTest", "est", False),
        ("COMPANYthings", "COMPAN", True),
        ("COMPANYthings", "Ythings", True),
        ("COMPANYthings", "pany", False),
        ("my/secret", "sec", True),
        ("my/secret", "ret", False),
        ("prod-AppBeta/x", "prod", True),
        ("prod-AppBeta/x", "App", False),
        ("MyTest", "+", False),
    ],
)
def test_words_end_where_aws_ends_them(
    service: Service,
    text: str,
    value: str,
    found: bool,  # noqa: FBT001 a table's column
) -> None:
    """At one kind of separator and where the case changes."""
    service("CreateSecret", Name="x", Description=text)
    assert bool(filtered(service, ("description", value))) == found
    assert bool(filtered(service, ("all", value))) == found


def test_values_are_alternatives_and_filters_are_not(service: Service) -> None:
    """One value of a filter is enough; every filter must hold, even of the same key."""
    for name in ("ab", "ac", "bc"):
        service("CreateSecret", Name=name, Description=name)
    assert filtered(service, ("name", ["ab", "b"])) == {"ab", "bc"}
    assert filtered(service, ("name", "a"), ("name", "!ab")) == {"ac"}
    assert filtered(service, ("name", "a"), ("description", "b")) == set()


def test_a_replica_is_found_by_its_primary_region(service: Service) -> None:
    """primary-region looks at where a replicated secret comes from."""
    service("CreateSecret", Name="a", AddReplicaRegions=[{"Region": "eu-west-1"}])
    service("CreateSecret", Name="b")
    assert filtered(service.in_region("eu-west-1"), ("primary-region", "us-east-1")) == {"a"}
    assert filtered(service, ("primary-region", "us-east-1")) == {"a"}


def test_a_filter_that_is_no_filter(service: Service) -> None:
    """Key and values must be there, and the key one of seven."""
    assert refusal(service, "ListSecrets", Filters=[{"Values": ["v"]}]) == (
        "InvalidParameterException",
        "Invalid filter key",
    )
    assert refusal(service, "ListSecrets", Filters=[{"Key": "description"}]) == (
        "InvalidParameterException",
        "Invalid filter values for key: description",
    )
    code, message = refusal(service, "ListSecrets", Filters=[{"Key": "invalid", "Values": ["v"]}])
    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value at 'filters.1.member.key' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )
    many = [{"Key": "name", "Values": ["v"]}] * 11
    assert refusal(service, "ListSecrets", Filters=many)[0] == "ValidationException"


def test_secrets_to_be_deleted_are_left_out(service: Service) -> None:
    """Unless they are asked for."""
    for name in ("a", "b"):
        service("CreateSecret", Name=name)
    service("DeleteSecret", SecretId="a")
    assert listed(service) == ["b"]
    assert listed(service, IncludePlannedDeletion=True) == ["a", "b"]
    (entry, _) = entries(service("ListSecrets", IncludePlannedDeletion=True), "SecretList")
    assert "DeletedDate" in entry


def test_orders(service: Service, world: World) -> None:
    """By creation, name, last change or last read, either way round."""
    for name in ("c", "a", "b"):
        world.clock.pass_ms(10)
        service("CreateSecret", Name=name, SecretString="v")
    world.clock.pass_days(1)
    service("GetSecretValue", SecretId="a")
    world.clock.pass_days(1)
    service("GetSecretValue", SecretId="c")
    service("UpdateSecret", SecretId="a", Description="d")
    for sort_by, order in (
        ("created-date", ["c", "a", "b"]),
        ("name", ["a", "b", "c"]),
        ("last-changed-date", ["c", "b", "a"]),
        ("last-accessed-date", ["b", "a", "c"]),
    ):
        assert listed(service, SortBy=sort_by) == order
        assert listed(service, SortBy=sort_by, SortOrder="desc") == order[::-1]
    assert listed(service) == ["c", "a", "b"]


def test_regions_are_apart(service: Service) -> None:
    """The same name in two regions is two secrets, listed each in its own."""
    away = service.in_region("eu-west-1")
    service("CreateSecret", Name="a", SecretString="here")
    away("CreateSecret", Name="a", SecretString="there")
    assert service("GetSecretValue", SecretId="a")["SecretString"] == "here"
    assert away("GetSecretValue", SecretId="a")["SecretString"] == "there"
    assert listed(service) == listed(away) == ["a"]
    assert listed(service.in_region("eu-west-2")) == []
