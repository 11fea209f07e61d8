"""Pages of IAM's lists: a marker names the last item that was given, so none is left out after it.

See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service import tokens
from secretctl.service.session import Session

Items = list[tuple[str, object]]
"""What is listed, each with the key it is sorted by, which it has alone."""

_PAGE = 100


def page(  # noqa: PLR0913 what a list is divided by
    session: Session,
    scope: str,
    member: str,
    items: Items,
    marker: str | None,
    max_items: int | None,
) -> Result:
    """Return a page of *items*, which stand in *member* of the answer.

    Args:
        session: Of the caller.
        scope: Names the request: a marker is valid for the same one only.
        member: Of the answer.
        items: All there are, in their order.
        marker: Where to go on.
        max_items: Most items of a page; 100 if None.

    Raises:
        ServiceError: ValidationError, the marker is none of this list.
    """
    valid_for = tokens.scope(scope, "", member)
    start = _start(session, valid_for, items, marker)
    end = start + (max_items or _PAGE)
    result: Result = {
        member: [shown for _, shown in items[start:end]],
        "IsTruncated": end < len(items),
    }
    if end < len(items):
        result["Marker"] = tokens.token(session.vault, valid_for, items[end - 1][0])
    return result


def _start(session: Session, valid_for: bytes, items: Items, marker: str | None) -> int:
    try:
        last = tokens.position(session.vault, valid_for, marker)
    except ServiceError:
        raise ServiceError("ValidationError", "Invalid Marker.") from None
    if last is None:
        return 0
    keys = [key for key, _ in items]
    if last in keys:
        return keys.index(last) + 1
    return sum(key <= last for key in keys)
