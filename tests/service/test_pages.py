"""Pages and their tokens."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.cli import making
from secretctl.errors import ServiceError
from tests.conftest import Service, World, operating
from tests.service.conftest import entries, refusal

INVALID = "InvalidNextTokenException"
NAMES = [f"secret-{number}" for number in range(7)]
BY_NAME_DOWN = {"SortBy": "name", "SortOrder": "desc"}


@pytest.fixture
def seven(service: Service) -> Service:
    """A vault with seven secrets."""
    for name in NAMES:
        service("CreateSecret", Name=name, SecretString="v")
    return service


def page(service: Service, **parameters: object) -> tuple[list[object], dict[str, object]]:
    """Return a page's names and what the request for the next one adds."""
    answer = service("ListSecrets", **parameters)
    names = [each["Name"] for each in entries(answer, "SecretList")]
    return names, {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}


def pages(service: Service, **parameters: object) -> list[list[object]]:
    """Return the names of every page."""
    names, more = page(service, **parameters)
    found = [names]
    while more:
        names, more = page(service, **parameters, **more)
        found.append(names)
    return found


@pytest.mark.parametrize("sort_by", ["created-date", "name", "last-changed-date"])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_pages_join_without_gap_or_overlap(seven: Service, sort_by: str, size: int) -> None:
    """No page but the last is short, none is empty, and the last has no token."""
    for order, expected in (("asc", NAMES), ("desc", NAMES[::-1])):
        found = pages(seven, MaxResults=size, SortBy=sort_by, SortOrder=order)
        assert [name for each in found for name in each] == expected
        assert all(len(each) == size for each in found[:-1])
        assert found[-1]


def test_pages_of_what_passes_a_filter(seven: Service) -> None:
    """The limit counts secrets found, not secrets looked at."""
    filters = [{"Key": "name", "Values": ["secret-1", "secret-3", "secret-6"]}]
    assert pages(seven, MaxResults=2, Filters=filters) == [["secret-1", "secret-3"], ["secret-6"]]
    assert pages(seven, Filters=[{"Key": "name", "Values": ["x"]}]) == [[]]


@pytest.mark.parametrize("order", [{}, {"SortOrder": "desc"}, {"SortBy": "name"}, BY_NAME_DOWN])
def test_a_listing_goes_on_behind_a_deleted_secret(
    seven: Service, order: dict[str, object]
) -> None:
    """Deleting the last secret of a page loses none of those that follow."""
    first, more = page(seven, MaxResults=3, **order)
    for name in first:
        seven("DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)
    rest, more = page(seven, MaxResults=10, **order, **more)
    assert more == {}
    assert sorted(map(str, first + rest)) == NAMES


def test_a_secret_made_meanwhile_disturbs_no_page(seven: Service) -> None:
    """Those that were there all come, once."""
    first, more = page(seven, MaxResults=3, **BY_NAME_DOWN)
    seven("CreateSecret", Name="secret-55")
    rest, _ = page(seven, MaxResults=10, **BY_NAME_DOWN, **more)
    assert first + rest == NAMES[::-1]


def test_a_token_is_good_for_its_request_only(seven: Service) -> None:
    """Another order, filter, choice, region or operation is another request."""
    _, more = page(seven, MaxResults=2)
    filters = [{"Key": "name", "Values": ["s"]}]
    for other in (
        {"SortOrder": "desc"},
        {"SortBy": "name"},
        {"IncludePlannedDeletion": True},
        {"Filters": filters},
    ):
        assert refusal(seven, "ListSecrets", **other, **more)[0] == INVALID
    away = seven.in_region("eu-west-1")
    assert refusal(away, "ListSecrets", **more)[0] == INVALID
    for operation, required in (
        ("ListSecretVersionIds", {"SecretId": "secret-1"}),
        ("ListResourcePolicies", {"SecretId": "secret-1"}),
        ("BatchGetSecretValue", {"Filters": filters}),
    ):
        assert refusal(seven, operation, **required, **more)[0] == INVALID
    assert page(seven, MaxResults=5, **more)[0] == NAMES[2:]


def test_a_token_of_another_vault_is_refused(seven: Service, world: World, tmp_path: Path) -> None:
    """Each vault seals its own."""
    _, more = page(seven, MaxResults=2)
    home = tmp_path / "elsewhere"
    home.mkdir(mode=0o700)
    context = world.context._replace(environ={**world.context.environ, "HOME": str(home)})
    made = making.make_vault(str(home / "vault"), context)
    try:
        with operating(context, made.vault) as other:
            for name in NAMES:
                other("CreateSecret", Name=name)
            assert refusal(other, "ListSecrets", **more)[0] == INVALID
    finally:
        made.vault.close()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_other_text_is_a_token(seven: Service, data: st.DataObject) -> None:
    """Changed, cut, lengthened or made up: each is refused, and none is a crash."""
    if not entries(seven("ListSecrets"), "SecretList"):
        return
    _, more = page(seven, MaxResults=2)
    given_token = str(more["NextToken"])
    where = data.draw(st.integers(0, len(given_token) - 1))
    forged = data.draw(
        st.sampled_from(
            [
                given_token[:where],
                given_token + given_token[where:],
                given_token[:where] + given_token[where + 1 :],
                given_token[:where] + "\n" + given_token[where:],
                base64.b64encode(b'{"NextToken": null, "boto_truncate_amount": 2}').decode(),
            ]
        )
        | st.text(min_size=1, max_size=80)
        | st.builds(
            lambda letter: given_token[:where] + letter + given_token[where + 1 :],
            st.sampled_from("ABCDabcd0123-_=+/"),
        )
    )
    if forged == given_token:
        return
    with pytest.raises(ServiceError) as caught:
        seven("ListSecrets", NextToken=forged)
    assert caught.value.code in (INVALID, "ValidationException")
    if caught.value.code == INVALID:  # static: a text that was made up may be a part of it
        assert caught.value.message == "Invalid token."
    else:
        assert forged not in caught.value.message or len(forged) < 4


def test_a_token_shows_no_name(seven: Service) -> None:
    """Neither as written nor decoded, also where the order is by name."""
    for order in ({}, BY_NAME_DOWN):
        _, more = page(seven, MaxResults=2, **order)
        sealed = base64.urlsafe_b64decode(str(more["NextToken"]))
        assert not any(name.encode() in sealed for name in NAMES)


def test_versions_come_in_pages(service: Service) -> None:
    """In the order of creation; the token is bound to the secret and to what is asked for."""
    service("CreateSecret", Name="a")
    service("CreateSecret", Name="b")
    ids = [service("PutSecretValue", SecretId="a", SecretString="v")["VersionId"] for _ in range(5)]
    request: dict[str, object] = {"SecretId": "a", "IncludeDeprecated": True, "MaxResults": 2}
    found: list[object] = []
    answer: dict[str, object] = {"NextToken": None}
    while "NextToken" in answer:
        answer = service("ListSecretVersionIds", **request, NextToken=answer["NextToken"])
        found += [each["VersionId"] for each in entries(answer, "Versions")]
    assert found == ids
    first = service("ListSecretVersionIds", **request)
    more = {"NextToken": first["NextToken"]}
    for other in ({"SecretId": "b", "IncludeDeprecated": True}, {"SecretId": "a"}):
        assert refusal(service, "ListSecretVersionIds", **other, **more)[0] == INVALID


@pytest.mark.parametrize("limit", [-1, 0, 101, 10**9])
def test_page_sizes_have_limits(service: Service, limit: int) -> None:
    """One to a hundred."""
    service("CreateSecret", Name="a")
    for operation, more in (("ListSecrets", {}), ("ListSecretVersionIds", {"SecretId": "a"})):
        assert refusal(service, operation, MaxResults=limit, **more)[0] == "ValidationException"
