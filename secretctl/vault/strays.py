"""Records that belong to nothing: no secret, no principal and no KMS key, or of no known kind."""

from __future__ import annotations

from secretctl.domain.names import check_name
from secretctl.domain.principals import KINDS, Entity, Role, User
from secretctl.domain.secret import DAY_MS
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, escrow, fsck_escrow, grants, layout, principals
from secretctl.vault.vouching import ADDED, CHANGED, GONE, Difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secretctl.domain.secret import Secret
    from secretctl.vault.view import View

LEFT = "is left of a secret whose record was removed, or was put in; a backup may have it"
_SINGLE = (layout.HEADER, layout.ACCESS, layout.STATE, layout.KEY_DIRECTORY, layout.VOUCHED)
_OF_SECRETS = {
    layout.VALUE: "a value of no secret",
    layout.DUE: "a scheduled deletion of no secret",
}
_OF_PRINCIPALS = {
    layout.PRIVATE_KEY: "a private key of nobody",
    layout.CREDENTIAL: "an access key of nobody",
    layout.ESCROW: "a secret of no access key",
}
_APART = (layout.NAME, layout.PRINCIPAL, layout.GRANT, layout.KMS_GRANT)
"""What lies where it should not of these is told elsewhere."""


def found(view: View, records: Iterable[tuple[bytes, bytes]]) -> Iterator[Difference]:
    """Yield the records among *records*, all of the vault, that belong to nothing.

    Also names that lead nowhere, and secrets that no name leads to.
    """
    owned = _of_principals(view)
    named: dict[bytes, list[bytes]] = {}
    for where, stored in records:
        kind = where[:1]
        if kind in _OF_SECRETS:
            if not _belongs(view, where, stored):
                yield _left(view, where, _OF_SECRETS[kind], _place_in(where, stored))
        elif kind == layout.SECRET:
            yield from _of_secret(view, where, stored, named)
        elif kind in _OF_PRINCIPALS:
            if owned is not None and where not in owned:
                yield Difference(where, ADDED, _OF_PRINCIPALS[kind])
        elif kind == layout.KEK:
            if not _is_kek(view, where):
                yield Difference(where, ADDED, "a key of no KMS key")
        elif where not in _SINGLE and kind not in _APART:
            yield Difference(where, ADDED, "a record of no known kind")
    yield from _of_names(view, named)


def of_no_secret(view: View) -> Iterator[bytes]:
    """Yield the places of values, names and scheduled deletions that belong to no secret."""
    for kind in (*_OF_SECRETS, layout.NAME):
        for where, stored in view.stored_records(kind):
            if not _belongs(view, where, stored):
                yield where


def credential_places(view: View, everyone: Iterable[Entity]) -> set[bytes]:
    """Return the places of the credentials that principals have, and of what is kept of them."""
    vault_id = view.keys.vault_id
    ids = [key.id for each in everyone if isinstance(each, User) for key in each.access_keys]
    ids += [key_id for each in everyone if isinstance(each, Role) for key_id, _ in each.sessions]
    places = {credentials.place(vault_id, each) for each in ids}
    return places | {escrow.place(each) for each in places}


def _of_secret(
    view: View, where: bytes, stored: bytes, named: dict[bytes, list[bytes]]
) -> Iterator[Difference]:
    """Yield a secret's record if it cannot be read or lies elsewhere; else note it by its name."""
    try:
        secret = view.secret_at(where, stored)
    except VaultDamagedError:
        yield Difference(where, "cannot be read", "a secret's record")
        return
    if not can_be_named(secret):
        yield Difference(where, "has a name that none can have", "a secret")
        return
    name = layout.name_key(view.index_key, secret.region, secret.name)
    named.setdefault(name, []).append(where)


def _of_names(view: View, named: dict[bytes, list[bytes]]) -> Iterator[Difference]:
    """Yield names that do not lead to their secret, and secrets that no name is left for.

    Which of several secrets of one name was there first nothing tells: none is called somebody
    else's.
    """
    leads = dict(view.stored_records(layout.NAME))
    for name, places in named.items():
        others = [each for each in places if each[1:] != leads.get(name)]
        if others and len(places) == 1:
            how = CHANGED if leads.pop(name, None) else GONE
            shown = _shown(view, places[0])
            yield Difference(name, how, "the name of a secret", shown, places[0][1:])
        else:
            for each in others:
                shown = _shown(view, each)
                yield Difference(each, "has the name of another", "a secret", shown)
    for name, stored in leads.items():
        if not _belongs(view, name, stored):
            yield _left(view, name, "a name of no secret", stored)


def _left(view: View, where: bytes, shown: str, place: bytes) -> Difference:
    """Return what belongs to no secret: which lost it, if there is none at *place*."""
    is_there = view.stored_record(layout.SECRET + place) is not None
    return Difference(where, ADDED if is_there else LEFT, shown)


def can_be_named(secret: Secret) -> bool:
    """Tell whether a secret has a name that this program would give it."""
    try:
        check_name(secret.name)
    except ServiceError:
        return False
    return True


def _shown(view: View, where: bytes) -> str:
    """Return the name of the secret at a place, which can be read; empty if it can be none."""
    secret = view.secret_at(where, view.stored_record(where) or b"")
    return secret.name if can_be_named(secret) else ""


def _of_principals(view: View) -> set[bytes] | None:
    """Return where private keys and credentials have to lie; None where that is not known."""
    try:
        everyone = [each for kind in KINDS for each in principals.all_of(view, kind)]
    except VaultDamagedError:
        return None
    holders = [each for each in everyone if isinstance(each, User | Role)]
    private = {grants.private_place(view, each.id) for each in holders}
    return (private | credential_places(view, holders)) - fsck_escrow.wrong(view, holders).keys()


def _is_kek(view: View, where: bytes) -> bool:
    try:
        view.kek(where[1:])
    except VaultDamagedError:
        pass
    else:
        return True
    try:
        keys = view.kms_directory().keys.values()
    except VaultDamagedError:
        return True
    return where[1:].hex() in [each.id for key in keys for each in key.materials]


def _belongs(view: View, where: bytes, stored: bytes) -> bool:
    """Tell whether a record is one that the secret it names has; so of one that is damaged."""
    at = _place_in(where, stored)
    try:
        secret = _secret_at(view, at)
    except VaultDamagedError:
        return True
    if secret is None:
        return False
    index_key = view.index_key
    if where[:1] == layout.NAME:
        return where == layout.name_key(index_key, secret.region, secret.name)
    if where[:1] == layout.DUE:
        day = None if secret.delete_after_ms is None else secret.delete_after_ms // DAY_MS
        return day is not None and where == layout.due_prefix(index_key, day) + at
    return where in [layout.value_key(at, each.serial) for each in secret.versions if each.pin]


def _place_in(where: bytes, stored: bytes) -> bytes:
    """Return the place of the secret that a name, value or scheduled deletion is of."""
    if where[:1] == layout.VALUE:
        return where[1 : 1 + layout.PLACE_BYTES]
    return stored if where[:1] == layout.NAME else where[-layout.PLACE_BYTES :]


def _secret_at(view: View, where: bytes) -> Secret | None:
    stored = view.stored_record(layout.SECRET + where)
    return None if stored is None else view.secret_at(layout.SECRET + where, stored)
