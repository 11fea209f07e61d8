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
from secretctl.model.iam import BY_NAME as IAM
from secretctl.model.kms import BY_NAME as KMS
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
    operation = IAM["ListUsers"]
    wanted = paging.read(operation, given_options, parameters, paginate=paginate)
    assert wanted.paginate == (paginate and not parameters)
    assert paging.limit_by_hand(operation, given_options, wanted) == expected


@pytest.mark.parametrize(
    ("operation", "name"), [(IAM["ListUsers"], "page_size"), (KMS["ListKeys"], "max_items")]
)
def test_pagination_and_a_page_by_hand_exclude_each_other(operation: Operation, name: str) -> None:
    """Only where the service has ``--max-items`` too does it go with ``--no-paginate``."""
    with pytest.raises(UsageError, match="Cannot specify --no-paginate"):
        paging.read(operation, {name: 2}, {}, paginate=False)
