"""Automatic pagination, against a service of numbered items."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.errors import ServiceError
from secretctl.model.iam import BY_NAME as IAM
from secretctl.model.kms import BY_NAME as KMS
from secretctl.model.shapes import Operation, Pages
from secretctl.service import paging
from secretctl.service.paging import Paging

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


def marked(operation: Operation, total: int, page: int = 3) -> Call:
    """Return an operation of IAM or KMS over the items 0 to *total*, *page* at a time."""
    pages = operation.pages
    assert pages is not None

    def call(parameters: dict[str, object]) -> dict[str, object]:
        begin = int(str(parameters.get(pages.input_token, "at-0"))[3:])
        end = begin + int(str(parameters.get(pages.limit, page)))
        answer: dict[str, object] = dict.fromkeys(pages.non_aggregate, "the same")
        answer |= {pages.result: list(range(total))[begin:end], pages.more_results: end < total}
        return answer | ({pages.output_token: f"at-{end}"} if end < total else {})

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


def test_same_token_twice_ends_with_an_error() -> None:
    """A service that goes round in circles does not hang the command."""

    def call(_parameters: dict[str, object]) -> dict[str, object]:
        return {"SecretList": [1], "NextToken": "t"}

    with pytest.raises(ServiceError, match="same next token"):
        paging.run(call, LIST, {}, Paging())


def test_without_pagination_one_page_is_given_whole() -> None:
    """The page is passed on as it is."""
    assert paging.run(service(5), ONE, {}, Paging()) == {
        "SecretList": [0, 1, 2],
        "Extra": 1,
        "NextToken": "at-3",
    }


MARKED = [each for service in (IAM, KMS) for each in service.values() if each.pages]


def pages_of(operation: Operation) -> Pages:
    """Return how the result of *operation* is divided."""
    assert operation.pages is not None
    return operation.pages


@pytest.mark.parametrize("operation", MARKED, ids=lambda each: each.name)
def test_lists_with_markers_become_one_answer(operation: Operation) -> None:
    """The items, and what is the same in every page once; nothing of markers, as in aws."""
    pages = pages_of(operation)
    answer = paging.run(marked(operation, 8), operation, {}, Paging())
    once = dict.fromkeys(pages.non_aggregate, "the same")
    assert answer == {pages.result: list(range(8)), **once}


@pytest.mark.parametrize("operation", MARKED, ids=lambda each: each.name)
def test_a_cut_list_with_markers_goes_on_where_it_ended(operation: Operation) -> None:
    """``--max-items``, ``--page-size`` and ``--starting-token`` count items, not pages."""
    pages = pages_of(operation)
    call = marked(operation, 8)
    first = paging.run(call, operation, {}, Paging(page_size=3, max_items=4))
    token = str(first["NextToken"])
    assert first[pages.result] == [0, 1, 2, 3]
    assert json.loads(base64.b64decode(token)) == {"Marker": "at-3", "boto_truncate_amount": 1}
    rest = paging.run(call, operation, {}, Paging(page_size=3, starting_token=token))
    assert rest[pages.result] == [4, 5, 6, 7]
    assert "NextToken" not in rest


def test_what_every_page_says_is_written_with_the_first() -> None:
    """The group of ``get-group`` stands in text once, and in the answer behind its users."""
    operation = IAM["GetGroup"]
    found = list(paging.each_page(marked(operation, 4), operation, {}, Paging()))
    assert found == [{"Group": "the same", "Users": [0, 1, 2]}, {"Users": [3]}]


@pytest.mark.parametrize("more", [False, None, "true"])
def test_a_marker_counts_only_if_there_is_said_to_be_more(more: object) -> None:
    """The last page may carry a marker; it is not followed."""

    def call(parameters: dict[str, object]) -> dict[str, object]:
        assert "Marker" not in parameters
        return {"Users": [1], "IsTruncated": more, "Marker": "at-1"}

    assert paging.run(call, IAM["ListUsers"], {}, Paging()) == {"Users": [1]}
