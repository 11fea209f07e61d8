"""Removing what is due: secrets whose recovery window ended, KMS keys whose waiting period is over.

Whoever changes the vault next does it, a principal as well.
"""

from __future__ import annotations

from itertools import islice

from secretctl.domain import kms
from secretctl.domain.secret import DAY_MS
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import kms_deletion, layout
from secretctl.vault.state import NO_COUNT

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction

_LIMIT = 64
"""Most secrets purged by one commit, so that no single change takes long."""


def sweep(transaction: Transaction, now_ms: int) -> None:
    """Purge what is due on the days up to yesterday that have not been swept."""
    today = now_ms // DAY_MS
    if transaction.swept_day == NO_COUNT:  # what is due stays; `fsck` tells of it
        return
    if transaction.swept_day == 0:
        transaction.note_swept(today - 1, changed=False)
        return
    _sweep_keys(transaction, now_ms)
    left = _LIMIT
    for day in range(transaction.swept_day + 1, today):
        prefix = layout.due_prefix(transaction.index_key, day)
        found = list(islice(transaction.stored_keys(prefix), left + 1))
        for key in found[:left]:
            _purge_due(transaction, key, now_ms)
        left -= len(found)
        if left < 0:
            return
        transaction.note_swept(day, changed=bool(found))


def move(transaction: Transaction, where: bytes, old_day: int | None, new_day: int | None) -> None:
    """Let a secret at *where* be due on another day, or on none."""
    index_key = transaction.index_key
    if old_day is not None:
        transaction.delete_record(layout.due_prefix(index_key, old_day) + where)
    if new_day is not None:
        if new_day <= transaction.swept_day:  # the clock was ahead when that day was swept
            transaction.note_swept(new_day - 1, changed=False)
        transaction.put_record(layout.due_prefix(index_key, new_day) + where, b"\x01")


def _sweep_keys(transaction: Transaction, now_ms: int) -> None:
    """Remove keys that are due, unless the owner does not vouch for what is there."""
    keys = transaction.kms_directory().keys.values()
    due = [key for key in keys if kms.is_over(key, now_ms)]
    if due and transaction.keys.holder is None:
        try:
            transaction.watch()
        except VaultDamagedError:  # it is told where it matters; they go another day
            return
    for key in due:
        kms_deletion.remove(transaction, key)
        transaction.purged_keys.append(key.id)


def _purge_due(transaction: Transaction, due_key: bytes, now_ms: int) -> None:
    where = due_key[-layout.PLACE_BYTES :]
    stored = transaction.stored_record(layout.SECRET + where)
    if stored is None:
        transaction.delete_record(due_key)
        return
    try:
        secret = transaction.secret_at(layout.SECRET + where, stored)
    except VaultDamagedError:  # `fsck` tells of it; it keeps nobody from a change of something else
        return
    if secret.delete_after_ms is not None and secret.delete_after_ms <= now_ms:
        transaction.purge(secret)
        transaction.purged.append(secret)
