"""Whether vault, journal and what this machine has seen of both agree."""

from __future__ import annotations

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
