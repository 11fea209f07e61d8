"""Pagination done for the caller, as AWS's clients do it: page after page, cut where it is to be.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from secretctl.errors import ServiceError, UsageError
from secretctl.model.shapes import Operation, Pages
from secretctl.record import NamedTuple

TRUNCATED = "boto_truncate_amount"
"""Name in a token for how many items of its page were given out; botocore's."""


class Paging(NamedTuple):
    """What the caller wants of an answer in pages."""

    page_size: int | None = None
    max_items: int | None = None
    starting_token: str | None = None


def run(
    call: Callable[[dict[str, object]], dict[str, object]],
    operation: Operation,
    parameters: Mapping[str, object],
    paging: Paging,
) -> dict[str, object]:
    """Call the operation as often as it takes and return one answer: `each_page`, merged."""
    answers = list(each_page(call, operation, parameters, paging))
    if operation.pages is None:
        return answers[0]
    items: list[object] = []
    for page in answers:
        found = page[operation.pages.result]
        items.extend(found if isinstance(found, list) else ())
    merged: dict[str, object] = {operation.pages.result: items}
    once = {name: answers[0][name] for name in operation.pages.non_aggregate if name in answers[0]}
    last = {name: answers[-1][name] for name in ("NextToken",) if name in answers[-1]}
    return merged | once | last


def each_page(
    call: Callable[[dict[str, object]], dict[str, object]],
    operation: Operation,
    parameters: Mapping[str, object],
    paging: Paging,
) -> Iterator[dict[str, object]]:
    """Call the operation as often as it takes and yield its answers.

    Args:
        call: Given wire parameters, returns one page.
        operation: What is called.
        parameters: The caller's parameters.
        paging: How much is wanted.

    Yields:
        Pages, without what tells of the next one; the last with ``NextToken`` (for
        ``--starting-token``) if more are left. What is not aggregated is in the first alone.

    Raises:
        UsageError: the starting token is none.
        ServiceError: the service gave the same token twice.
    """
    pages = operation.pages
    if pages is None:
        yield call(dict(parameters))
        return
    wanted = dict(parameters)
    if paging.page_size is not None:
        wanted[pages.limit] = paging.page_size
    token, skip = parsed_token(paging.starting_token, pages)
    left = paging.max_items
    told: tuple[str, ...] = ()
    while True:
        page = call(_with_token(wanted, pages, token))
        page = {name: value for name, value in page.items() if name not in told}
        found = page.get(pages.result)
        items = found[skip:] if isinstance(found, list) else []
        following = _following(page, pages)
        if left is not None and len(items) > left:
            cut = _token({pages.input_token: token, TRUNCATED: skip + left})
            yield {**page, pages.result: items[:left], "NextToken": cut}
            return
        left = None if left is None else left - len(items)
        page[pages.result] = items
        if following is None:
            yield page
            return
        if left == 0:
            yield {**page, "NextToken": _token({pages.input_token: following})}
            return
        if following == token:
            raise ServiceError(
                "InvalidNextTokenException",
                "Error during pagination: The same next token was received twice",
            )
        yield page
        token, skip, told = following, 0, pages.non_aggregate


def each_page_as_served(
    call: Callable[[dict[str, object]], dict[str, object]],
    operation: Operation,
    parameters: Mapping[str, object],
    paging: Paging,
) -> Iterator[dict[str, object]]:
    """Yield the pages of `each_page` with all that each answer said, its token of the next too.

    Where the last is cut, its items are fewer, and nothing tells where to go on.
    """
    served: dict[str, object] = {}

    def kept(wanted: dict[str, object]) -> dict[str, object]:
        nonlocal served
        served = call(wanted)
        return served

    for page in each_page(kept, operation, parameters, paging):
        result = "" if operation.pages is None else operation.pages.result
        yield {**served, result: page[result]} if result else page


def _following(page: dict[str, object], pages: Pages) -> str | None:
    """Take out of *page* what tells of the next; return its token, if there is one."""
    token = page.pop(pages.output_token, None)
    if pages.more_results and page.pop(pages.more_results, False) is not True:
        return None
    return token if isinstance(token, str) and token else None


def _with_token(wanted: dict[str, object], pages: Pages, token: str | None) -> dict[str, object]:
    return dict(wanted) if token is None else {**wanted, pages.input_token: token}


def _token(content: dict[str, object]) -> str:
    import base64
    import json

    return base64.b64encode(json.dumps(content).encode()).decode()


def parsed_token(text: str | None, pages: Pages) -> tuple[str | None, int]:
    """Return the service's token in *text* and how many items of its page to leave out.

    Raises:
        UsageError: It is neither a token of `run` nor one of the service.
    """
    if text is None:
        return None, 0
    content = _decoded(text)
    if content is None:
        return _parse_plain(text)
    token, skip = content.get(pages.input_token), content.get(TRUNCATED, 0)
    known = {pages.input_token} <= content.keys() <= {pages.input_token, TRUNCATED}
    if not known or not isinstance(token, str | None) or type(skip) is not int or skip < 0:
        raise UsageError("Bad starting token", "give the NextToken of the answer before, unchanged")
    return (None if token == "None" else token), skip  # noqa: S105 botocore's word for no token


def _decoded(text: str) -> dict[str, object] | None:
    """Return what a token of `run` holds, or None for a token of the service."""
    import base64
    import json

    try:
        content = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _parse_plain(text: str) -> tuple[str | None, int]:
    """Read the form of older command lines, ``TOKEN___COUNT``, or a token of the service."""
    token, found, count = text.rpartition("___")
    if not found or not (count.isascii() and count.isdigit() and len(count) < 19):  # noqa: PLR2004 more than any page holds
        token, count = text, "0"
    return (None if token == "None" else token), int(count)  # noqa: S105 botocore's word for no token
