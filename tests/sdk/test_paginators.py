"""Paginators divide a list as botocore's do."""

from copy import deepcopy
from typing import Any

import botocore.session
import pytest
from botocore.paginate import Paginator

import secretctl
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, snake
from secretctl.sdk import ClientError, PaginationError, SecretsManager
from secretctl.sdk.held import Outcome
from secretctl.sdk.paginators import PageIterator
from secretctl.service.paging import Paging

SESSION = botocore.session.get_session()
CONFIGS: list[dict[str, object]] = [
    {},
    {"PageSize": 2},
    {"MaxItems": 0},
    {"MaxItems": 1},
    {"MaxItems": 3, "PageSize": 2},
    {"MaxItems": 4, "PageSize": 2},
    {"MaxItems": 5},
    {"MaxItems": 9, "PageSize": "3"},
    {"MaxItems": None, "PageSize": None, "StartingToken": None},
]


@pytest.fixture
def full(client: SecretsManager) -> SecretsManager:
    """A client of a vault with five secrets."""
    for name in "abcd":
        client.create_secret(Name=name)
    return memo(client)


def memo(client: SecretsManager) -> SecretsManager:
    """Return a client that answers the same request with the same tokens."""
    known: dict[str, Outcome] = {}

    def ask(operation: Operation, parameters: dict[str, object]) -> Outcome:
        asked = f"{operation.name}{sorted(parameters.items(), key=str)}"
        if asked not in known:
            answer = getattr(client, snake(operation.name))(**parameters)
            known[asked] = Outcome(answer, "id")
        return deepcopy(known[asked])

    return SecretsManager(ask, client.close, "us-east-1")


def theirs(client: SecretsManager) -> Any:
    """Return botocore's paginator over the client's method."""
    pages = SESSION.get_paginator_model("secretsmanager").get_paginator("ListSecrets")
    model = SESSION.get_service_model("secretsmanager").operation_model("ListSecrets")
    return Paginator(client.list_secrets, pages, model)


def gone_through(pages: Any) -> tuple[list[dict[str, Any]], object]:
    """Return the pages, and where to take them up."""
    found = [dict(page) for page in pages]
    for page in found:
        del page["ResponseMetadata"]
    return found, pages.resume_token


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_pages_are_those_of_botocore(full: SecretsManager, config: dict[str, Any]) -> None:
    """Page by page and as a whole; and so is the rest, from where the list was cut."""
    ours = full.get_paginator("list_secrets")
    wanted: dict[str, Any] = {"SortBy": "name", "PaginationConfig": config}
    pages = ours.paginate(**wanted)
    assert gone_through(pages) == gone_through(theirs(full).paginate(**wanted))
    # NOTE: botocore's pages are good for going through once.
    assert pages.build_full_result() == theirs(full).paginate(**wanted).build_full_result()
    if pages.resume_token is not None:
        wanted["PaginationConfig"] = {**config, "StartingToken": pages.resume_token, "MaxItems": 9}
        rest = ours.paginate(**wanted)
        assert gone_through(rest) == gone_through(theirs(full).paginate(**wanted))


def test_a_search_goes_through_all_pages(full: SecretsManager) -> None:
    """A list gives its items, anything else itself."""
    pages = full.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 2})
    for expression in ("SecretList[].Name", "length(SecretList)", "SecretList[?Name == 'x']"):
        expected = theirs(full).paginate(PaginationConfig={"PageSize": 2}).search(expression)
        assert list(pages.search(expression)) == list(expected)


def test_there_are_paginators_for_what_boto3_has_them() -> None:
    """No more than that, so that code does not come to depend on another."""
    client = secretctl.client("secretsmanager", vault="/none")
    published = {"list_secrets", "list_resource_policies"}
    methods = [*client.meta.method_to_api_mapping, "no_such_method"]
    assert {method for method in methods if client.can_paginate(method)} == published


def test_wrong_tokens_and_requests_raise_as_boto3_does(full: SecretsManager) -> None:
    """Nothing is called for a token that is none."""
    paginator = full.get_paginator("list_secrets")
    with pytest.raises(ValueError, match="Bad starting token"):
        list(paginator.paginate(PaginationConfig={"StartingToken": "eyJhIjogMX0="}))
    untyped: Any = paginator
    with pytest.raises(TypeError, match="PaginationConfig must be a dictionary"):
        untyped.paginate(PaginationConfig=5)
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        list(paginator.paginate(PaginationConfig={"StartingToken": "x"}))


def test_a_list_that_goes_in_circles_ends_with_an_error() -> None:
    """As with botocore."""
    page: dict[str, object] = {"SecretList": [1], "NextToken": "t"}
    pages = PageIterator(lambda _: dict(page), BY_NAME["ListSecrets"], {}, Paging())
    with pytest.raises(PaginationError, match="The same next token was received twice"):
        list(pages)
