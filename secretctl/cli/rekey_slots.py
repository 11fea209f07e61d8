"""What opens a vault after a rekey: each unlock slot is sealed anew with that, or given up."""

from __future__ import annotations

import os

from secretctl.cli import keyfile, keyfile_waiting, passphrase
from secretctl.cli.opening import key_file_path
from secretctl.context import Context
from secretctl.errors import NothingGivenError, UnlockError, VaultError
from secretctl.record import NamedTuple
from secretctl.vault import slots
from secretctl.vault.header import Header, Slot

_LIST = "secretctl unlock-slot list"
_NAME_ANOTHER = "name one that opens this vault, or give its slot up: --drop-slot ID"


class Wanted(NamedTuple):
    """What the command line says."""

    dropped: list[str]
    """Slot ids."""

    key_files: list[str]
    """Besides the one at hand."""

    same_key_files: bool


class Means(NamedTuple):
    """What opens a slot. Its ``repr`` shows neither key nor passphrase."""

    slot: Slot
    path: str = ""
    """Of a key file, and what is in it."""

    file_key: bytes = b""
    words: str = ""
    """A passphrase."""

    waiting: str = ""
    """Where the new key file lies that has that key, and is to take the place of what is at *path*.
    """

    def __repr__(self) -> str:
        """Name the slot."""
        return f"<what opens the slot {self.slot.id.hex()}>"


class Plan(NamedTuple):
    """What becomes of each slot."""

    kept: tuple[Means, ...]
    """Several for a slot whose key was found in several files."""

    dropped: tuple[Slot, ...]
    asked: tuple[Slot, ...]
    """Whose passphrase somebody will be asked for."""

    missing: tuple[Slot, ...]
    """Of which nothing was given."""


def left(wanted: Wanted, given_up: list[str]) -> Wanted | None:
    """Return what a rekey that was cut off and gave up slots leaves of what is wanted.

    Returns:
        None if that is nothing.
    """
    dropped = [each for each in wanted.dropped if each not in given_up]
    return wanted._replace(dropped=dropped) if dropped or wanted.key_files else None


def plan(header: Header, directory: str, wanted: Wanted, context: Context) -> Plan:
    """Find out what opens each slot of the vault in *directory*.

    Raises:
        VaultError: A slot to be dropped is not there, or none would be left.
        UnlockError: A key file that is named opens none.
    """
    dropped = _dropped(header, wanted.dropped)
    found = _means(header, directory, wanted, context)
    left = [slot for slot in header.slots if slot not in dropped]
    rest = [slot for slot in left if slot not in [means.slot for means in found]]
    asked = [slot for slot in rest if slot.type == "passphrase" and passphrase.can_ask(context)]
    return Plan(
        tuple(means for slot in left for means in found if means.slot == slot),
        dropped,
        tuple(asked),
        tuple(slot for slot in rest if slot not in asked),
    )


def check(plan: Plan, context: Context) -> None:
    """See that something was given of each slot that is kept, or somebody will be asked.

    Raises:
        UnlockError: Of one nothing was given.
    """
    for slot in plan.missing:
        raise _nothing_given(slot, context)


def complete(plan: Plan, header: Header, context: Context) -> tuple[Means, ...]:
    """Return what opens each slot that is kept, in their order; somebody may be asked.

    Raises:
        UnlockError: Another passphrase was typed, or none.
    """
    typed = [_typed(header, slot, context) for slot in plan.asked]
    order = [slot.id for slot in header.slots]
    return tuple(sorted((*plan.kept, *typed), key=lambda means: order.index(means.slot.id)))


def _nothing_given(slot: Slot, context: Context) -> UnlockError:
    identifier, how = slot.id.hex(), "name its key file: --key-file FILE"
    if slot.type == "passphrase":
        how = "SECRETCTL_PASSPHRASE_FILE names the file of a passphrase"
        if passphrase.origin(context):
            how = (
                f"{passphrase.origin(context)}, and opens another; the rest are typed on a terminal"
            )
    return UnlockError(
        f"nothing was given that opens the unlock slot {identifier} ({slot.type})",
        how,
        f"or give it up: --drop-slot {identifier}",
    )


def _dropped(header: Header, given: list[str]) -> tuple[Slot, ...]:
    ids = {slot.id.hex(): slot for slot in header.slots}
    if any(each not in ids for each in given):
        raise VaultError("there is no such unlock slot", _LIST)
    if set(given) == set(ids):
        raise VaultError("all unlock slots would be dropped: nothing would open the vault", _LIST)
    return tuple(slot for identifier, slot in ids.items() if identifier in given)


def _means(header: Header, directory: str, wanted: Wanted, context: Context) -> list[Means]:
    found = []
    at_hand = key_file_path(header, context)
    for path in dict.fromkeys(map(os.path.abspath, [at_hand, *wanted.key_files])):
        is_named = path in map(os.path.abspath, wanted.key_files)
        if not is_named and not keyfile.exists(path):
            continue
        hint = _NAME_ANOTHER if is_named else keyfile.OF_THE_VAULT
        means = _of_key_file(header, path, directory, hint)
        if means is not None:
            found.append(means)
        elif is_named:
            raise UnlockError(f"the key file does not open this vault: '{path}'", _LIST)
    if any(slot.type == "passphrase" for slot in header.slots):
        words = passphrase.from_environment(context)
        slot = None if words is None else slots.of_passphrase(header, words)
        if slot is not None and words is not None:
            found.append(Means(slot, words=words))
    return found


def _of_key_file(header: Header, path: str, directory: str, hint: str) -> Means | None:
    """Return what a key file opens, or the new one that a rekey which was killed left beside it."""
    file_key = keyfile.read(path, directory, hint)
    slot = slots.of_key_file(header, file_key)
    if slot is not None:
        return Means(slot, path, file_key)
    waiting = keyfile_waiting.find(header, path, directory, file_key)
    slot = None if waiting is None else slots.of_key_file(header, waiting.file_key)
    if waiting is None or slot is None:
        return None
    if waiting.is_next:
        return Means(slot, path, waiting.file_key, waiting=waiting.path)
    return Means(slot, waiting.path, waiting.file_key)


def _typed(header: Header, slot: Slot, context: Context) -> Means:
    try:
        words = passphrase.find_of_slot(slot.id.hex())
    except NothingGivenError:
        raise _nothing_given(slot, context) from None
    if slots.by_passphrase(header._replace(slots=(slot,)), words) is None:
        raise UnlockError("the passphrase does not open that unlock slot", _LIST)
    return Means(slot, words=words)
