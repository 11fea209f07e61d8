"""Options on pages, as the AWS command line reads them.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.errors import ParameterError, UsageError
from secretctl.model.shapes import Pages, kebab
from secretctl.service.paging import Paging, parsed_token


def read(
    pages: Pages,
    given: Mapping[str, object],
    parameters: Mapping[str, object],
    *,
    paginate: bool,
) -> Paging | None:
    """Return what the options on pages ask for; None where one page is asked for by hand.

    Args:
        pages: How the operation divides its answer.
        given: Values of ``page_size``, ``max_items`` and ``starting_token``.
        parameters: What the operation is called with: a page asked for by hand ends pagination.
        paginate: False after ``--no-paginate``.

    Raises:
        UsageError: options that exclude each other, or a number that makes no sense.
    """
    page_size, max_items = _number(given, "page_size"), _number(given, "max_items")
    token = given.get("starting_token")
    if not paginate or pages.limit in parameters or pages.input_token in parameters:
        names = ("starting_token", "page_size", *(() if is_shadowed(pages) else ("max_items",)))
        used = [name for name in names if given.get(name)]
        if used:
            flags = ", ".join("--" + name.replace("_", "-") for name in used)
            raise UsageError(
                f"Cannot specify --no-paginate along with pagination arguments: {flags}"
            )
        return None
    if page_size is not None and page_size < 1:
        raise ParameterError(
            "Parameter validation failed:\n"
            f"Invalid value for parameter {pages.limit}, value: {page_size}, valid min value: 1"
        )
    if max_items is not None and max_items < 0:
        raise UsageError("argument --max-items: must not be negative")
    starting = token if isinstance(token, str) else None
    if starting is not None and parsed_token(starting, pages)[0] == "":
        raise ParameterError(
            "Parameter validation failed:\n"
            f"Invalid length for parameter {pages.input_token}, value: 0, valid min length: 1"
        )
    return Paging(page_size=page_size, max_items=max_items, starting_token=starting)


def is_shadowed(pages: Pages) -> bool:
    """Tell whether ``--max-items`` is also an option of the operation itself, as it is IAM's."""
    return kebab(pages.limit) == "max-items"


def limit_by_hand(pages: Pages, given: Mapping[str, object]) -> dict[str, object]:
    """Return the parameter that ``--max-items`` is where one page is asked for by hand."""
    most = _number(given, "max_items")
    return {} if most is None or not is_shadowed(pages) else {pages.limit: most}


def _number(given: Mapping[str, object], name: str) -> int | None:
    value = given.get(name)
    return value if isinstance(value, int) else None
