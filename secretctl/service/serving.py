"""Serving many callers from one process: whose credential it is, and a session for each request.

Everything here is for one thread, that of the vault's connection and of its journal. A request is
answered in a moment of the vault in which nothing is older than what was seen before: the vault,
its journal, what this machine knows of both, and the records that the caller's credential hangs on.
What policies say is read with each request, as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.audit.event import Origin
from secretctl.audit.records import own as own_event
from secretctl.bounded import keep
from secretctl.domain.credential import Given, new_session
from secretctl.model.authorization import SERVICE
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING
from secretctl.service import admitting, group, one_time
from secretctl.service.access import record_access
from secretctl.service.admitting import Admitted
from secretctl.service.bad_credentials import UNKNOWN, refusal
from secretctl.service.caller import Caller, Scope
from secretctl.service.dispatch import call
from secretctl.service.opening import agreed, bind, is_free, proved
from secretctl.service.secrets import meant
from secretctl.service.session import Session
from secretctl.vault import layout

if TYPE_CHECKING:
    from secretctl.domain.principals import Pairs
    from secretctl.domain.secret import Secret
    from secretctl.errors import SecretctlError
    from secretctl.model.shapes import Operation
    from secretctl.vault.view import View

_MOST = 1024
"""Of credentials that are kept in memory; the one that was admitted first makes room."""

_MOST_DATES = 256
"""In one commit: others wait for as long as that takes."""

_SETTLES_MS = 1000


class Serving:
    """Everybody whom this process serves."""

    def __init__(
        self, session: Session, given: Given | None = None, *, is_private: bool = False
    ) -> None:
        """Serve from the vault of *session*.

        Args:
            session: Of whoever opened the vault; its unlocking is recorded here.
            given: The credential that opened it; None for the vault's owner.
            is_private: Only those who are given a one-time credential are served.
        """
        session.recorder.flush()
        self._session = session
        self._own = given
        self._is_private = is_private
        self._known: dict[str, tuple[Admitted, bytes]] = {}
        """By access key id; with the vault's state in which it was found good."""

        self._one_time: dict[str, Admitted] = {}
        self._settled_ms = session.context.now_ms()
        self._view: View | None = None
        self._state = b""
        """The vault's state as it was last compared."""

    @contextmanager
    def moment(self) -> Iterator[View]:
        """Hold one moment of the vault, for as many requests as there are; the owner's view of it.

        Raises:
            RolledBackError: An older copy of vault or journal was put back.
            StoreError: Another vault is in the place of this one, as after a rekey.
        """
        if self._view is not None:
            yield self._view
            return
        with self._session.vault.read() as view:
            self._compare(view)
            self._view = view
            try:
                yield view
            finally:
                self._view = None
        if self._session.context.now_ms() >= self._settled_ms + _SETTLES_MS:
            self.settle()

    def secret_of(self, key_id: str, session_token: str) -> Given:
        """Return the credential of an access key id, to check a signature with its secret.

        Nothing is known of who asks before that: `session` is for a signature that was checked.

        Raises:
            ServiceError: UnrecognizedClientException, ExpiredTokenException; hints say what to do
                where no secret was kept of the access key.
            VaultDamagedError: Somebody else than the vault's owner wrote what is there.
            SecretctlError: As `moment`.
        """
        with self.moment() as view:
            return self._admitted(view, key_id, session_token).given

    def check_own(self) -> None:
        """See that the credential that opened the vault, if one did, is still good.

        Raises:
            SecretctlError: As `secret_of`.
        """
        if self._own is not None:
            with self.moment() as view:
                self._checked(view, self._own.key_id, self._own.session_token)

    def session(self, given: Given, region: str, origin: Origin) -> Session:
        """Return the session of one request, which was signed with *given*, in *region*.

        Raises:
            SecretctlError: As `secret_of`.
        """
        with self.moment() as view:
            admitted = self._admitted(view, given.key_id, given.session_token)
        mine = self._session
        recorder = admitted.recorder.came_from(origin)
        return mine._replace(
            vault=admitted.vault,
            region=region,
            seen=set(),
            recorder=recorder,
            caller=admitted.caller,
        )

    def call(self, session: Session, operation: Operation, parameters: Fields) -> Fields:
        """Run an operation as `dispatch.call` does, and raise so; not within a `moment`."""
        assert self._view is None, "nothing can be changed in a moment that is held"
        self.settle()
        bind(session)
        return call(session, operation, parameters)

    def denies(self, session: Session, operation: Operation, parameters: Fields) -> bool:
        """Tell whether policies deny a request, as `permitted.denies`; raises as `moment`."""
        from secretctl.service import permitted

        with self.moment(), session.vault.read() as view:
            bind(session)
            return permitted.denies(session, view, operation, parameters)

    def read(self, requests: list[tuple[Session, Fields]]) -> list[Fields | SecretctlError]:
        """Answer several GetSecretValue requests of any callers, as `group.read` does; raises so.

        The dates of access are put on record later, see `settle`.
        """
        with self.moment():
            answers = group.read(self._session.recorder, requests)
            for session, _ in requests:
                self._session.seen.update(session.seen)
        return answers

    def settle(self) -> bool:
        """Put dates of access on record that are not yet, some of them.

        That is done each second as well. For whoever has nothing else to do, and at the end. Where
        somebody else changes the vault, it is left for the next time.

        Returns:
            Whether nothing is left that could be done at once.
        """
        self._settled_ms = self._session.context.now_ms()
        if not self._session.seen or not is_free(self._session.vault):
            return True
        record_access(self._session, _MOST_DATES)
        return not self._session.seen

    def give(self, secret_ids: list[str], region: str, given: Given | None = None) -> Given:
        """Return a one-time credential that reads the secrets named, for as long as this serves.

        That it was given is recorded.

        Args:
            secret_ids: Names, ARNs and partial ARNs.
            region: Where they are.
            given: What was given for them before the vault was opened anew, and stays good.

        Raises:
            ServiceError: ValidationException, ResourceNotFoundException: one can mean nothing here.
            JournalUnavailableError: It cannot be recorded.
        """
        policies = one_time.policies(secret_ids, region, self._session.vault.account)
        said: Fields = {"secretIds": self._shown(secret_ids, region)}
        return self._given(policies, region, said, given)

    def give_rotation(self, arn: str, reads: list[str], region: str, rotation_token: str) -> Given:
        """Return a one-time credential for the function that rotates a secret; raises as `give`.

        Args:
            arn: Of the secret, which it may change.
            reads: Ids of the others that it may read.
            region: Where they all are.
            rotation_token: The only RotationToken that it may put a value with.
        """
        account = self._session.vault.account
        policies = one_time.rotation_policies(arn, reads, region, account)
        said: Fields = {"secretIds": self._shown([arn, *reads], region)}
        return self._given(policies, region, said, rotation_token=rotation_token)

    def _given(
        self,
        policies: Pairs,
        region: str,
        said: Fields,
        before: Given | None = None,
        rotation_token: str = "",
    ) -> Given:
        mine = self._session
        given = before or new_session(mine.context.now_ms(), mine.context.random)  # good here alone
        caller = Caller(mine.vault, Scope(given.key_id, policies, rotation_token))
        recorder = mine.recorder.beside(caller.recorded())
        said = {"accessKeyId": given.key_id, **said}
        mine.recorder.write([own_event("GiveCredential", region, said)])
        admitted = Admitted(given, mine.vault, caller, recorder, 0, (), ())
        self._one_time[given.key_id] = admitted
        return given

    def missing(self, secret_ids: list[str], region: str) -> list[str]:
        """Return those of *secret_ids* that mean no secret yet, whoever asks; raises as `give`."""
        return [named for named, each in self._meant(secret_ids, region) if each is None]

    def _shown(self, secret_ids: list[str], region: str) -> list[str]:
        """Return secrets as the journal names them: what is none yet by a hash."""
        shown, found = self._session.recorder.names, self._meant(secret_ids, region)
        return [shown.shown(each.name) if each else shown.hashed(named) for named, each in found]

    def _meant(self, secret_ids: list[str], region: str) -> list[tuple[str, Secret | None]]:
        here = self._session._replace(region=region)
        with self.moment() as view:
            return [(each, meant(here, view, each)) for each in secret_ids]

    def _compare(self, view: View) -> None:
        """See that nothing is older than it was; learn how the vault stands."""
        state, _, seen = agreed(self._session)
        stored = view.stored_record(layout.STATE) or b""
        if stored != self._state:
            known = self._session.recorder.known
            known.learn(state, proved(self._session.vault, state, seen))
            self._state = stored

    def _admitted(self, view: View, key_id: str, session_token: str) -> Admitted:
        given = self._one_time.get(key_id)
        if given is None and self._is_private:
            raise refusal(UNKNOWN, SERVICE)
        if given is None:
            return self._checked(view, key_id, session_token)
        self.check_own()  # a part of what that may do, for as long as it may
        given.check(session_token, self._session.context.now_ms())
        return given

    def _checked(self, view: View, key_id: str, session_token: str) -> Admitted:
        admitted = self._still_good(view, key_id)
        if admitted is None:
            admitted = self._found(view, key_id, session_token)
            keep(self._known, _MOST, key_id, (admitted, self._state))
        admitted.check(session_token, self._session.context.now_ms())
        return admitted

    def _still_good(self, view: View, key_id: str) -> Admitted | None:
        """Return a credential that is known, if the records that it hangs on are as they were."""
        admitted, state = self._known.get(key_id, (None, b""))
        if admitted is None or state == self._state:
            return admitted
        if not admitted.is_as_it_was(view):
            del self._known[key_id]
            return None
        self._known[key_id] = admitted, self._state
        return admitted

    def _found(self, view: View, key_id: str, session_token: str) -> Admitted:
        own = self._own
        if own is None:
            return admitting.found(self._session, view, key_id, session_token)
        if own.key_id != key_id:
            raise refusal(UNKNOWN, SERVICE)
        return admitting.own(self._session, view, own)
