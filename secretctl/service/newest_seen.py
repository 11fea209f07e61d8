"""What a process knows of vault and journal, and keeps of it for this machine.

One for each process and vault, whoever it acts for: the newest commit is the newest for everybody.
"""

from __future__ import annotations

from secretctl.audit.line import NO_HASH, Head
from secretctl.audit.trust import MOST_COMMITS, NOTHING, Anchor, Trust
from secretctl.errors import RolledBackError
from secretctl.record import TYPE_CHECKING
from secretctl.service.agreement import RESTORED, digest_of

if TYPE_CHECKING:
    from secretctl.audit.state import State as JournalState
    from secretctl.vault.state import State as VaultState


class NewestSeen:
    """The newest of a vault and its journal, as far as they were seen."""

    def __init__(self, trust: Trust | None) -> None:
        """Know nothing yet; *trust* is None where nothing is kept for this machine."""
        self._trust = trust
        self._newest = NOTHING

    @property
    def is_of_other_keys(self) -> bool:
        """Whether this machine has seen the vault under keys other than it has or had."""
        return self._trust is not None and self._trust.is_of_other_keys

    @property
    def forgets(self) -> bool:
        """Whether this machine cannot keep what it has seen of the vault."""
        return self._trust is not None and self._trust.is_unusable

    @property
    def why_forgets(self) -> str:
        """What is wrong with the file in which this machine would keep it; empty if nothing."""
        return "" if self._trust is None else self._trust.why

    def seen(self) -> Anchor | None:
        """Return what this machine has seen of the vault; None if it knows nothing."""
        return None if self._trust is None else self._trust.read()

    def seen_of(self, vault: VaultState) -> Anchor | None:
        """Return what counts for *vault* of what `seen` read before."""
        trust = self._trust
        return None if trust is None else trust.seen_of(vault.generation, digest_of(vault))

    def learn(self, vault: VaultState, proved: int = 0) -> None:
        """Learn how the vault stands; *proved*: how often its owner vouched, by the root key."""
        head = Head(vault.journal_number, bytes.fromhex(vault.journal_hash) or NO_HASH)
        self._newest = Anchor(vault.generation, digest_of(vault), head, min(proved, vault.vouched))

    def under(self, trust_key: bytes) -> None:
        """Keep it under another key from now on: the vault has new ones."""
        if self._trust is not None:
            self._trust = self._trust.under(trust_key)

    def check(self, stands: JournalState) -> None:
        """Refuse a journal that is older than the vault knows.

        Raises:
            RolledBackError: It is.
        """
        known = self._newest.head
        if stands.number <= known.number:
            raise RolledBackError("the journal is older than the vault", RESTORED)
        if stands.head.number == known.number and stands.hash != known.hash:
            raise RolledBackError("the journal is not the one the vault knows", RESTORED)

    def keep(self, stands: JournalState) -> None:
        """Keep for this machine how the journal stands now, and the newest commit."""
        if self._trust is None:
            return
        before = self._trust.read()
        if before is None and self._newest is NOTHING:
            return  # of a vault that was refused nothing is learnt
        both = before or NOTHING, self._newest
        newest = max(both, key=lambda anchor: anchor.generation)
        if newest.generation >= MOST_COMMITS and self._newest is not NOTHING:
            newest = self._newest  # of a vault that was accepted, or agrees
        vouched = max(anchor.vouched for anchor in both)
        self._trust.write(newest._replace(head=stands.head, vouched=vouched))

    def close(self) -> None:
        """Give the file back."""
        if self._trust is not None:
            self._trust.close()
