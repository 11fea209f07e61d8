"""Options on pages, and what they ask for."""

import base64
import json

import pytest

from secretctl.cli import paging
from secretctl.errors import ParameterError, UsageError
from secretctl.model.iam import BY_NAME as IAM
from secretctl.model.kms import BY_NAME as KMS
from secretctl.model.shapes import Pages

LIST = Pages("SecretList")
USERS = IAM["ListUsers"].pages or LIST
KEYS = KMS["ListKeys"].pages or LIST


@pytest.mark.parametrize(
    "content",
    [
        {"a": 1},
        {"NextToken": 5},
        {"NextToken": None, "boto_truncate_amount": -1},
        {"NextToken": None, "boto_truncate_amount": True},
        {"boto_truncate_amount": 1},
        {"NextToken": None, "boto_truncate_amount": 1, "x": 1},
    ],
)
def test_forged_token_is_refused(content: dict[str, object]) -> None:
    """A token of another shape is an error before anything is called."""
    token = base64.b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(UsageError, match="Bad starting token"):
        paging.read(LIST, {"starting_token": token}, {}, paginate=True)


@pytest.mark.parametrize("content", ["", '{"NextToken": "", "boto_truncate_amount": 2}', "___3"])
def test_empty_token_is_refused_as_a_parameter(content: str) -> None:
    """A starting token that stands for an empty NextToken has botocore's sentence, as with aws."""
    token = base64.b64encode(content.encode()).decode() if "{" in content else content
    with pytest.raises(ParameterError) as caught:
        paging.read(LIST, {"starting_token": token}, {}, paginate=True)
    assert caught.value.message == (
        "Parameter validation failed:\n"
        "Invalid length for parameter NextToken, value: 0, valid min length: 1"
    )


@pytest.mark.parametrize(
    ("given_options", "parameters", "paginate", "expected"),
    [
        ({"max_items": 5}, {}, True, {}),
        ({"max_items": 5}, {}, False, {"MaxItems": 5}),
        ({"max_items": 5}, {"Marker": "m"}, True, {"MaxItems": 5}),
        ({}, {"Marker": "m"}, True, {}),
    ],
)
def test_max_items_is_the_services_own_in_a_page_by_hand(
    given_options: dict[str, object],
    parameters: dict[str, object],
    paginate: bool,  # noqa: FBT001 a case
    expected: dict[str, object],
) -> None:
    """IAM has a parameter of that name, which aws gives way to where it does not paginate."""
    wanted = paging.read(USERS, given_options, parameters, paginate=paginate)
    assert (wanted is None) == (not paginate or bool(parameters))
    by_hand = {} if wanted else paging.limit_by_hand(USERS, given_options)
    assert by_hand == expected


@pytest.mark.parametrize(("pages", "name"), [(USERS, "page_size"), (KEYS, "max_items")])
def test_pagination_and_a_page_by_hand_exclude_each_other(pages: Pages, name: str) -> None:
    """Only where the service has ``--max-items`` too does it go with ``--no-paginate``."""
    with pytest.raises(UsageError, match="Cannot specify --no-paginate"):
        paging.read(pages, {name: 2}, {}, paginate=False)
