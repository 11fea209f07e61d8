"""Whether vault, journal and what this machine has seen of both agree."""

from __future__ import annotations

from secretctl.audit.line import Head
from secretctl.audit.trust import MOST_COMMITS
from secretctl.errors import RolledBackError
from secretctl.record import TYPE_CHECKING
from secretctl.vault.state import GO_ON

if TYPE_CHECKING:
    from secretctl.audit.state import State as JournalState
    from secretctl.audit.trust import Anchor
    from secretctl.vault.state import State as VaultState

ACCEPT = "secretctl accept-restore"
RESTORED = GO_ON
OTHER_KEYS = "this machine has seen the vault under other keys: an older copy was put back"
VOUCHED = "what the vault's owner vouches for"
_SEEN = "is older than this machine has seen it, or another copy was used since"


def digest_of(vault: VaultState) -> bytes:
    """Return the vault's state digest as 32 bytes."""
    return vault.digest.to_bytes(32, "big")


def compare(vault: VaultState, stands: JournalState, seen: Anchor | None) -> None:
    """Compare vault, journal and what this machine has seen; none may be older than another.

    Args:
        vault: Read last.
        stands: The journal, read before the vault.
        seen: The trust file, read before both.

    Raises:
        RolledBackError: One of them is an old copy, or what the vault says of it was made up.
    """
    if vault.generation >= MOST_COMMITS:
        raise RolledBackError("the vault has a generation that nobody reaches", RESTORED)
    if vault.generation < stands.generation:
        raise RolledBackError("the vault is older than its journal", RESTORED)
    if seen is None:
        return
    if vault.generation < seen.generation:
        raise RolledBackError(f"the vault {_SEEN}", RESTORED)
    same_commit = vault.generation == seen.generation and seen.generation
    if same_commit and digest_of(vault) != seen.digest:
        raise RolledBackError("another copy of the vault was changed besides", RESTORED)
    if vault.vouched < seen.vouched:
        raise RolledBackError(f"{VOUCHED} {_SEEN}", RESTORED)
    if stands.number <= seen.head.number:
        raise RolledBackError(f"the journal {_SEEN}", RESTORED)
    if stands.head.number == seen.head.number and stands.hash != seen.head.hash:
        raise RolledBackError("another copy of the journal was written besides", RESTORED)


def check_known(
    directory: str, vault: VaultState, stands: JournalState, seen: Anchor | None
) -> None:
    """Look for the last records that this machine and the vault know in a journal that goes on.

    What went on from an older copy goes further than they know, too, and the next record would be
    known in the place of theirs. The vault's counts where this machine has not seen the same vault.

    Args:
        directory: The journal's.
        vault: As for `compare`, which found no fault.
        stands: Likewise.
        seen: Likewise.

    Raises:
        RolledBackError: Another record is in the place of one of them.
    """
    known = [] if seen is None else [seen.head]
    if vault.journal_number >= 0 and (seen is None or seen.digest != digest_of(vault)):
        known.append(Head(vault.journal_number, bytes.fromhex(vault.journal_hash)))
    for head in known:
        if 0 <= head.number < stands.head.number:
            from secretctl.audit.known_record import is_another

            if is_another(directory, stands, head):
                raise RolledBackError("another copy of the journal was written besides", RESTORED)
