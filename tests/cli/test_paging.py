"""Automatic pagination, against a service of numbered items."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.cli import paging
from secretctl.cli.paging import Paging
from secretctl.errors import ParameterError, ServiceError, UsageError
from secretctl.model.shapes import Operation, Pages

LIST = Operation("ListSecrets", "List.", "m:f", pages=Pages("SecretList"))
ONE = Operation("GetSecretValue", "Get.", "m:f")

Call = Callable[[dict[str, object]], dict[str, object]]


def service(total: int, page: int = 3) -> Call:
    """Return an operation over the items 0 to *total*, *page* at a time."""

    def call(parameters: dict[str, object]) -> dict[str, object]:
        begin = int(str(parameters.get("NextToken", "at-0"))[3:])
        end = begin + int(str(parameters.get("MaxResults", page)))
        answer: dict[str, object] = {"SecretList": list(range(total))[begin:end], "Extra": 1}
        return answer | ({"NextToken": f"at-{end}"} if end < total else {})

    return call


def test_all_pages_become_one_answer() -> None:
    """Only the items are kept, as aws keeps them."""
    assert paging.run(service(8), LIST, {}, Paging()) == {"SecretList": list(range(8))}


def test_truncated_answer_carries_the_token_of_botocore() -> None:
    """Two of the first page: the token says so in botocore's words."""
    answer = paging.run(service(8), LIST, {}, Paging(max_items=2))
    assert answer == {
        "SecretList": [0, 1],
        "NextToken": "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ==",
    }
    assert base64.b64decode(str(answer["NextToken"])) == (
        b'{"NextToken": null, "boto_truncate_amount": 2}'
    )


def test_answer_cut_between_pages_carries_the_token_of_the_next() -> None:
    """No item of a page is then to be left out."""
    answer = paging.run(service(8), LIST, {}, Paging(max_items=3))
    assert json.loads(base64.b64decode(str(answer["NextToken"]))) == {"NextToken": "at-3"}


def test_nothing_more_means_no_token() -> None:
    """Asking for exactly what there is leaves nothing."""
    assert paging.run(service(3), LIST, {}, Paging(max_items=3)) == {"SecretList": [0, 1, 2]}


@settings(max_examples=60, deadline=None)
@given(
    total=st.integers(0, 30),
    size=st.one_of(st.none(), st.integers(1, 7)),
    steps=st.integers(1, 9),
)
def test_pieces_make_up_the_whole(total: int, size: int | None, steps: int) -> None:
    """Whatever the sizes, following the tokens gives every item once."""
    seen: list[object] = []
    token: str | None = None
    while True:
        wanted = Paging(page_size=size, max_items=steps, starting_token=token)
        answer = paging.run(service(total), LIST, {}, wanted)
        items = answer["SecretList"]
        assert isinstance(items, list)
        seen += items
        if "NextToken" not in answer:
            break
        assert len(items) == steps
        token = str(answer["NextToken"])
    assert seen == list(range(total))


@pytest.mark.parametrize(
    ("token", "first"), [("at-4", 4), ("at-3___1", 4), ("None___2", 2), ("TkY=", None)]
)
def test_older_tokens_are_taken(token: str, first: int | None) -> None:
    """A token of the service and the form of older command lines start there too."""
    if first is None:
        with pytest.raises(ValueError, match="invalid literal"):
            paging.run(service(8), LIST, {}, Paging(starting_token=token))
        return
    answer = paging.run(service(8), LIST, {}, Paging(starting_token=token))
    assert answer == {"SecretList": list(range(first, 8))}


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


def test_same_token_twice_ends_with_an_error() -> None:
    """A service that goes round in circles does not hang the command."""

    def call(_parameters: dict[str, object]) -> dict[str, object]:
        return {"SecretList": [1], "NextToken": "t"}

    with pytest.raises(ServiceError, match="same next token"):
        paging.run(call, LIST, {}, Paging())


@pytest.mark.parametrize(("operation", "paginate"), [(ONE, True), (LIST, False)])
def test_without_pagination_one_page_is_given_whole(
    operation: Operation,
    paginate: bool,  # noqa: FBT001 a case
) -> None:
    """The page is passed on as it is."""
    assert paging.run(service(5), operation, {}, Paging(paginate=paginate)) == {
        "SecretList": [0, 1, 2],
        "Extra": 1,
        "NextToken": "at-3",
    }


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
