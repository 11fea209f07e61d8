"""DescribeSecret, ListSecrets, ListSecretVersionIds.

The default order, by creation, is that of the store, so a page costs the same in a vault of any
size. Other orders read the whole region once and keep the order for the pages that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl import json_text
from secretctl.domain.deletion import is_gone
from secretctl.domain.listing import compile_filters, sort_key
from secretctl.domain.secret import Secret
from secretctl.errors import VaultDamagedError
from secretctl.model.shapes import Result
from secretctl.service import tokens
from secretctl.service.entries import entry_of, replication_status, version_entry
from secretctl.service.secrets import find, identity
from secretctl.service.session import Session
from secretctl.vault.view import View

_PAGE = 100
_BY_CREATION = "created-date"


def describe_secret(session: Session, *, secret_id: str) -> Result:
    """Return what is known of a secret, without a value.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
        status = replication_status(view, secret)
    result = entry_of(session, secret, "VersionIdsToStages")
    if status:
        result["ReplicationStatus"] = status
    return result


def list_secrets(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    include_planned_deletion: bool = False,
    max_results: int | None = None,
    next_token: str | None = None,
    filters: list[dict[str, object]] | None = None,
    sort_order: str = "asc",
    sort_by: str = _BY_CREATION,
) -> Result:
    """Return a page of the region's secrets.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
    """
    chosen = compile_filters(filters or [])
    request = (filters, sort_by, sort_order, include_planned_deletion)
    scope = tokens.scope("ListSecrets", session.region, *request)
    after = tokens.position(session.vault, scope, next_token)
    limit = max_results or _PAGE

    def wanted(secret: Secret) -> bool:
        return (include_planned_deletion or secret.delete_after_ms is None) and chosen(secret)

    newest_first = sort_order == "desc"
    with whole(), session.vault.read() as view:
        if sort_by == _BY_CREATION:
            found, number = page_of(
                session, view, wanted, int(after or 0), limit, newest_first=newest_first
            )
            last = None if number is None else str(number)
        else:
            found, last = _sorted_page(
                session, view, wanted, (scope, sort_by, newest_first), after, limit
            )
    result: Result = {
        "SecretList": [entry_of(session, secret, "SecretVersionsToStages") for secret in found]
    }
    if last is not None:
        result["NextToken"] = tokens.token(session.vault, scope, last)
    return result


def list_secret_version_ids(
    session: Session,
    *,
    secret_id: str,
    max_results: int | None = None,
    next_token: str | None = None,
    include_deprecated: bool = False,
) -> Result:
    """Return a page of a secret's versions; those without labels only when asked for.

    What RotateSecret has begun is no version before it has a value.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
    """
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
    scope = tokens.scope(
        "ListSecretVersionIds", session.region, secret.name, secret.suffix, include_deprecated
    )
    after = int(tokens.position(session.vault, scope, next_token) or 0)
    limit = max_results or _PAGE
    left = [
        version
        for version in secret.versions
        if version.serial > after and version.pin and (version.stages or include_deprecated)
    ]
    result: Result = {"Versions": [version_entry(version) for version in left[:limit]]}
    if len(left) > limit:
        result["NextToken"] = tokens.token(session.vault, scope, str(left[limit - 1].serial))
    return result | identity(session, secret)


@contextmanager
def whole() -> Iterator[None]:
    """Refuse a list of which a secret cannot be read, and say where that is and what still works.

    A list without it would pass for all there is.
    """
    try:
        yield
    except VaultDamagedError as error:
        if error.place:
            where = f"no list is whole without the secret at {error.place}; others are read by name"
            error.hints = (*error.hints, f"{where}: secretctl get NAME")
        raise


def page_of(  # noqa: PLR0913 where to look, what for, from where, how far
    session: Session,
    view: View,
    wanted: Callable[[Secret], bool],
    after: int,
    limit: int,
    *,
    newest_first: bool,
) -> tuple[list[Secret], int | None]:
    """Return up to *limit* wanted secrets in the order of creation, and the last one's number.

    The number is None when nothing that is wanted follows.
    """
    now_ms = session.context.now_ms()
    found: list[Secret] = []
    size = limit + 1
    more = True
    while more:
        batch = view.secrets(session.region, after, size, newest_first=newest_first)
        for secret in batch:
            if not is_gone(secret, now_ms) and wanted(secret):
                if len(found) == limit:
                    return found, found[-1].number
                found.append(secret)
        more = len(batch) == size
        after = batch[-1].number if batch else after
        size = max(size, 500)
    return found, None


def _sorted_page(  # noqa: PLR0913 what to list, in which order, from where, how far
    session: Session,
    view: View,
    wanted: Callable[[Secret], bool],
    order: tuple[bytes, str, bool],
    after: str | None,
    limit: int,
) -> tuple[list[Secret], str | None]:
    """Return a page and the place of its last secret; None when nothing follows.

    A place is a secret's sort key, which holds when the secret itself is deleted meanwhile.
    """
    scope, sort_by, newest_first = order
    key = (view.generation(), scope.hex())
    places = session.listings.get(key)
    if places is None:
        now_ms = session.context.now_ms()
        place = sort_key(sort_by)
        places = [
            (*place(secret), secret.name)
            for secret in view.all_secrets(session.region)
            if not is_gone(secret, now_ms) and wanted(secret)
        ]
        places.sort(reverse=newest_first)
        session.listings.clear()
        session.listings[key] = places
    start = 0 if after is None else _start_behind(places, after, newest_first=newest_first)
    end = start + limit
    page = [view.find(session.region, str(name)) for *_, name in places[start:end]]
    last = json_text.compact(places[end - 1][:2]) if end < len(places) else None
    return [secret for secret in page if secret is not None], last


def _start_behind(
    places: list[tuple[int | str, int, str]], after: str, *, newest_first: bool
) -> int:
    """Return the index of the first place that follows *after* in its order."""
    mark = tuple(json_text.read(after))
    for index, place in enumerate(places):
        if place[:2] < mark if newest_first else place[:2] > mark:
            return index
    return len(places)
