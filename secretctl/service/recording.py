"""Recording: what is done to a vault is in its journal before anything comes of it.

* A value is decrypted only after its read is on the disk.
* A change is recorded as an intent, committed together with the intent's place in the journal, and
  recorded as an outcome, all while the vault's writing lock is held. So at most one intent is open,
  and whoever holds that lock next can tell from the vault what became of it.
* What is refused or fails is recorded before it is answered.
* The records of one request have one requestID. The first request's has the unlock's as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.audit import event as events
from secretctl.audit.event import Caller, Event, Origin
from secretctl.audit.journal import Describe, Journal
from secretctl.audit.line import Head, Record
from secretctl.audit.records import Records
from secretctl.errors import (
    OutcomeNotRecordedError,
    OutcomeUnknownError,
    SecretctlError,
    ServiceError,
    StoreBusyError,
)
from secretctl.record import TYPE_CHECKING
from secretctl.service.acts import Act
from secretctl.service.newest_seen import NewestSeen
from secretctl.service.shown import Names

if TYPE_CHECKING:
    from secretctl.vault.state import State as VaultState

REKEY = "RekeyVault"


class Recorder:
    """Writes the journal of one vault for one caller."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        known: NewestSeen,
        names: Names,
        new_key: tuple[int, bytes] | None = None,
    ) -> None:
        """Keep what is written with.

        Args:
            journal: Of the vault.
            records: Makes the records of the caller.
            known: What this process knows of vault and journal.
            names: How names are shown.
            new_key: Where the journal has a new key, and for its owner: the last segment under the
                one before, and the seed of the next.
        """
        self.journal = journal
        self.names = names
        self.act: Act | None = None
        """What is being done just now."""

        self.finished_rekey: Event | None = None
        """What was recorded of a rekey whose process did not live to do so."""

        self._records = records
        self.known = known
        self._new_key = new_key
        self._waiting: list[Event] = []
        self._request_id = self.answered = ""
        """Of what is being done, empty until that has a record; and of what was done last."""

        self._intent: tuple[Head, list[Event]] | None = None
        """Its place (of several the last one's), and what the outcomes will say."""

        self.given: list[Event] | None = None
        """Reads whose values are on their way to the caller; None where nobody asks for them."""

    def beside(self, caller: Caller) -> Recorder:
        """Return what records in the same journal for another caller of this process."""
        return self._with(self._records.acted_by(caller))

    def came_from(self, origin: Origin) -> Recorder:
        """Return what records one request of the same caller, which came from elsewhere."""
        recorder = self._with(self._records.came_from(origin))
        recorder._request_id = origin.request_id  # noqa: SLF001 of the same class
        return recorder

    def _with(self, records: Records) -> Recorder:
        return Recorder(self.journal, records, self.known, self.names, self._new_key)

    @property
    def describe(self) -> Describe:
        """Makes the records in which the journal tells of itself."""
        return self._records.describe

    @property
    def origin(self) -> Caller:
        """Who acts and from where, as the records say."""
        return self._records.caller

    def note(self, event: Event) -> None:
        """Keep an event for the next record that is written, which follows it at once."""
        self._waiting.append(event)

    @contextmanager
    def during(self, act: Act) -> Iterator[None]:
        """Record how *act* ends, unless that was recorded while it was done."""
        self.act = act
        try:
            yield
        except ServiceError as error:
            if not act.is_recorded:
                self.write([each.failed(error) for each in act.parts])
            raise
        except BaseException as error:
            if not act.is_recorded:
                with suppress(SecretctlError):  # the error itself is what there is to tell
                    self.write([each.failed(error) for each in act.parts])
            raise
        else:
            if not act.is_recorded:
                self.write([each.event() for each in act.parts])
        finally:
            self.act = None
            self.answered, self._request_id = self._request_id, ""

    def gives(self, said: list[Event]) -> None:
        """Note reads of the present request that are recorded, and whose values are given out."""
        if self.given is not None:
            self.given += [each._replace(request_id=self._request_id) for each in said]

    def recorded(self) -> None:
        """Note that the present act has its record."""
        if self.act is not None:
            self.act.is_recorded = True

    def write(self, said: list[Event]) -> Head:
        """Write what was noted and *said*; durable when this returns.

        Raises:
            JournalUnavailableError: It could not be written.
            RolledBackError: The journal is an older one than the vault knows of.
        """
        head = self.journal.append(self._made(said), self.known.check, self.known.keep)
        self._waiting.clear()
        return head

    def write_all(self, said: list[tuple[Recorder, Event]]) -> None:
        """Write an event for each of several callers of this process, all at once; raises so."""
        records = [record for recorder, event in said for record in recorder._made([event])]  # noqa: SLF001 of the same class
        self.journal.append(records, self.known.check, self.known.keep)

    def _made(self, said: list[Event]) -> list[Record]:
        self._request_id = self._request_id or self._records.new_id()
        return self._records.of([*self._waiting, *said], self._request_id)

    def rekeyed(self, new_key: tuple[int, bytes] | None, trust_key: bytes) -> None:
        """Learn that the vault has new keys: of its journal, and of what this machine has seen."""
        self._new_key = new_key
        self.known.under(trust_key)

    def hand_over(self) -> None:
        """Let the journal go on under its new key, as far as it does not yet and now can."""
        if self._new_key is not None and self.journal.glance().segment <= self._new_key[0]:
            self.journal.hand_over(*self._new_key)

    def prove(self, vault: VaultState) -> Head:
        """Record the intent of the act that is about to be committed; return its place."""
        if self.act is None:  # the date of a reading that is recorded
            return self.journal.settled().head
        said = [each.event() for each in self.act.parts]
        head = self.write(events.intents(said, vault.generation))
        self._intent = head, said
        return head

    def settle(self, vault: VaultState, purged: list[str], failure: BaseException | None) -> None:
        """Record what became of the intent.

        Args:
            vault: How it stands now, as is known.
            purged: ARNs of secrets whose recovery window had ended and that went with the commit.
            failure: What broke the change off; None where it is known to be committed.

        Raises:
            OutcomeNotRecordedError: It could not be written although the change holds.
        """
        intent, self._intent = self._intent, None
        if intent is None or self.act is None:
            return
        self.act.is_recorded = True
        head, said = intent
        if vault.journal_hash == head.hash.hex():
            outcomes = events.outcomes(said, vault.generation)
            followed = [event for part in self.act.parts for event in part.followed_by]
            purges = [self.act.purge_event(arn) for arn in purged]
            self._outcome([*outcomes, *followed, *purges])
        else:
            with suppress(SecretctlError):  # what went wrong before is what there is to tell
                ended = failure or OutcomeUnknownError("")
                failed = [each.failed(ended) for each in self.act.parts]
                self.write(events.outcomes(failed, None))

    def reconcile(self, vault: VaultState) -> None:
        """Record the outcome of a change whose process did not live to do so.

        Call while holding the vault's writing lock: then nobody else is about to.

        Raises:
            JournalDamagedError: The journal's state was written by somebody else.
            StoreBusyError: It is a rekey, and the caller not the owner, who has the new keys.
        """
        from secretctl.service.open_change import of_journal

        found = of_journal(self.journal)
        if found is None:
            return
        outcomes = found.outcomes(vault)
        is_rekey = outcomes[-1].name == REKEY
        if is_rekey and not outcomes[-1].error_code:
            self._finish_rekey(outcomes[-1])
        self.write(outcomes)
        if is_rekey:
            from secretctl.store.draft import clear_rekeying
            from secretctl.vault.vault import FILE

            # A vault that never had its place tells the next rekey which key file was made for it.
            clear_rekeying(os.path.dirname(self.journal.directory), keeps=FILE)

    def flush(self) -> None:
        """Write what was noted."""
        if self._waiting:
            self.write([])

    def close(self) -> None:
        """Write what was noted, and give the files back."""
        try:
            self.flush()
        finally:
            self.release()

    def release(self) -> None:
        """Give the files back; what was noted stays unwritten."""
        self.journal.close()
        self.known.close()

    def _outcome(self, said: list[Event]) -> None:
        try:
            self.hand_over()
            self.write(said)
        except SecretctlError as error:
            raise OutcomeNotRecordedError(
                "the change was made, but its outcome could not be recorded: "
                + error.message.partition(";")[0],
                "it is in force; the next command records it",
            ) from None

    def _finish_rekey(self, outcome: Event) -> None:
        if self._new_key is None:
            raise StoreBusyError(
                "the vault has new keys, and its owner has not used it since",
                "secretctl rekey, by the owner, finishes that",
            )
        self.finished_rekey = outcome
        self.hand_over()
