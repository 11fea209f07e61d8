"""TagResource, UntagResource."""

import pytest

from tests.conftest import Service
from tests.service.conftest import NOT_FOUND, refusal


def pairs(**tags: str) -> list[dict[str, str]]:
    """Return tags as the API spells them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def shown(service: Service) -> object:
    """Return the Tags member, None where there is none."""
    return service("DescribeSecret", SecretId="a").get("Tags")


def test_the_answers_are_empty(service: Service) -> None:
    """Both operations answer with no member."""
    service("CreateSecret", Name="a")
    assert service("TagResource", SecretId="a", Tags=pairs(k="v")) == {}
    assert service("UntagResource", SecretId="a", TagKeys=["k"]) == {}


def test_tags_are_absent_until_first_tagged(service: Service) -> None:
    """And an empty list once the last was removed; a new value keeps a key's place."""
    service("CreateSecret", Name="a")
    assert shown(service) is None
    service("UntagResource", SecretId="a", TagKeys=["x"])
    assert shown(service) is None
    service("TagResource", SecretId="a", Tags=pairs(b="1", a="2"))
    service("TagResource", SecretId="a", Tags=pairs(c="3", b="4"))
    assert shown(service) == pairs(b="4", a="2", c="3")
    service("UntagResource", SecretId="a", TagKeys=["b", "unknown"])
    assert shown(service) == pairs(a="2", c="3")
    service("UntagResource", SecretId="a", TagKeys=["a", "c"])
    assert shown(service) == []


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Value": "v"}], "InvalidParameterException"),
        (pairs(k="1") + pairs(k="2"), "InvalidParameterException"),
        ([{"Key": "aws:x", "Value": "v"}], "InvalidParameterException"),
        ([{"Key": str(n), "Value": ""} for n in range(51)], "InvalidParameterException"),
        ([{"Key": "k" * 129, "Value": ""}], "ValidationException"),
        ([{"Key": "", "Value": ""}], "ValidationException"),
        (pairs(k="v" * 257), "ValidationException"),
    ],
)
def test_tags_out_of_bounds(service: Service, tags: list[dict[str, str]], code: str) -> None:
    """Refused on a secret that is there and on a new one, and nothing is kept."""
    service("CreateSecret", Name="a")
    assert refusal(service, "TagResource", SecretId="a", Tags=tags)[0] == code
    assert refusal(service, "CreateSecret", Name="b", Tags=tags)[0] == code
    assert shown(service) is None
    assert refusal(service, "DescribeSecret", SecretId="b") == NOT_FOUND


def test_fifty_tags_are_enough(service: Service) -> None:
    """The limit counts keys: changing one of fifty is no fifty-first."""
    service("CreateSecret", Name="a", Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    service("TagResource", SecretId="a", Tags=[{"Key": "7", "Value": "new"}])
    before = shown(service)
    assert refusal(service, "TagResource", SecretId="a", Tags=pairs(one="more"))[0] == (
        "InvalidParameterException"
    )
    assert shown(service) == before
