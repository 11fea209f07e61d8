"""The record of what the owner vouches for: what it holds, sealed and opened.

    "o" = sealed under derive(root key, "vouched"): JSON

It names every record that only the owner writes and that decides to whom keys are sealed, by a
keyed hash of all of it; the key directory it has whole, so that it can be put back. The counter
stands in the vault's state as well, and in what each machine has seen.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import derive, mac
from secretctl.crypto.seal import SealError, context, open_sealed, seal
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import layout
from secretctl.vault.state import GO_ON

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View

EXACT = 2
"""Level of access keys whose vault must have a record of this kind (`AccessKeys.vouches`)."""

_FIELD = b"vouched-records"
_HASH_BYTES = 16
_MENDS = (
    "secretctl restore FILE, of a backup from before",
    GO_ON,
)


class Principal(NamedTuple):
    """A record of a user, group, role or managed policy, as the owner wrote it."""

    digest: str
    """Keyed hash of it, hexadecimal."""

    shown: str
    """Kind and name."""


class Vouched(NamedTuple):
    """What the record says."""

    counter: int
    """How often it was renewed, over all keys that the vault had."""

    directory: str | None
    """The key directory before sealing; None before there is one."""

    principals: dict[str, Principal]
    """By their keys in the store, hexadecimal."""

    granted: frozenset[str]
    """Keyed hash of each grant and of each key that is sealed to somebody, hexadecimal."""


def nothing(counter: int) -> Vouched:
    """Return what the owner of an empty vault vouches for."""
    return Vouched(counter, None, {}, frozenset())


def digester(keys: Keys) -> Callable[[bytes, bytes], str]:
    """Return what gives the keyed hash (16 bytes) of a record's key and content, hexadecimal."""
    key = derive(keys.root, "facts", keys.vault_id)

    def digest(where: bytes, content: bytes) -> str:
        return mac(key, context(where, content))[:_HASH_BYTES].hex()

    return digest


def sealed(keys: Keys, vouched: Vouched) -> bytes:
    """Return the stored record; the root key is needed for it."""
    fields = {**vouched._asdict(), "granted": sorted(vouched.granted)}
    where = keys.where(_FIELD, layout.VOUCHED)
    return seal(sealing_key(keys), where, json_text.compact(fields).encode())


def opened(view: View) -> Vouched | None:
    """Return the record; None if there is none that is of this kind and was made by the owner."""
    keys, stored = view.keys, view.stored_record(layout.VOUCHED)
    try:
        plain = open_sealed(sealing_key(keys), keys.where(_FIELD, layout.VOUCHED), stored or b"")
    except SealError:
        return None
    fields: dict[str, Any] = json_text.of_bytes(plain)
    known = {where: Principal(*each) for where, each in fields["principals"].items()}
    return Vouched(fields["counter"], fields["directory"], known, frozenset(fields["granted"]))


def check_counter(view: View, counter: int) -> None:
    """Refuse a record that is not the one the vault's state names.

    Raises:
        VaultDamagedError: It is an older one, or the state was changed.
    """
    if counter != view.state().vouched:
        raise VaultDamagedError(
            "an older record of what the owner vouches for was put back", "secretctl fsck", *_MENDS
        )


def unknown(view: View, message: str) -> VaultDamagedError:
    """Return the error for a record that cannot be believed."""
    renewing = command(view, "renew")
    return VaultDamagedError(
        message,
        "secretctl fsck",
        _MENDS[0],
        f"{renewing}, once you have looked at all users, groups, roles, policies and grants",
    )


def command(view: View, *words: str) -> str:
    """Return the command that does something about it in the vault that *view* is of."""
    from shlex import quote

    where = ["--vault", view.directory] if view.directory else []
    return "secretctl vouching " + " ".join(map(quote, (*words, *where)))


def directory_text(view: View) -> str | None:
    """Return the key directory before sealing; None if there is none, "" if it cannot be read."""
    try:
        plain = view.sealed_record(b"key-directory", layout.KEY_DIRECTORY)
        return None if plain is None else plain.decode()
    except (VaultDamagedError, UnicodeDecodeError):
        return ""


def sealing_key(keys: Keys) -> bytes:
    """Return the key that the record is sealed under."""
    return derive(keys.root, "vouched", keys.vault_id)
