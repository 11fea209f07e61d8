"""The vault behind the endpoint: sessions of those who sign, and what they ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from time import monotonic

from secretctl.audit import segments
from secretctl.audit.event import Origin
from secretctl.bounded import keep
from secretctl.domain.credential import Given
from secretctl.domain.names import is_region
from secretctl.errors import JournalUnavailableError, SecretctlError, ServiceError, UnlockError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation
from secretctl.server.asking import Asked
from secretctl.server.denials import Denials
from secretctl.server.protocol import PREFIX, Parameters, Result
from secretctl.server.refusals import Refusals
from secretctl.server.work import throttled
from secretctl.service.serving import Serving
from secretctl.service.session import Session
from secretctl.sigv4.claims import Claim, invalid
from secretctl.sigv4.keys import SigningKey
from secretctl.sigv4.request import Request
from secretctl.sigv4.verifying import verify
from secretctl.vault.vault import FILE

_READ = BY_NAME["GetSecretValue"]
_SERVICE = PREFIX.removesuffix(".")
_MOST_KEYS = 1024
_NO_REGION = "Credential should be scoped to a valid region."

Follow = Callable[[Session, Operation, Parameters, Result], None]
"""Does what an operation that answered has begun."""

Release = Callable[[Result], None]
"""Is shown an answer before it goes out, and may refuse by raising."""


class VaultKeeper:
    """Holds an open vault; for one thread."""

    def __init__(
        self,
        session: Session,
        serving: Serving,
        refusals: Refusals,
        follow: Follow,
        release: Release,
    ) -> None:
        self._follow = follow
        self._release = release
        self._own = session
        self._serving = serving
        self._refusals = refusals
        self._denials = Denials()
        self._looked = monotonic()
        self._file = _file(session)
        self._keys: dict[str, SigningKey] = {}
        self._nobodys = SigningKey(session.context.random(32).hex())

    def session_of(self, request: Request, claimed: Claim, origin: Origin) -> Session:
        """Return the session of whoever signed *request*.

        Raises:
            ServiceError: AWS's, for a key or signature that is not good.
        """
        try:
            given = self._proven(request, claimed)
            if not is_region(claimed.scope.region):
                raise invalid(_NO_REGION)
        except ServiceError as error:
            self._refusals.note(error.code, claimed.key_id)
            raise
        return self._serving.session(given, claimed.scope.region, origin)

    def own(self, origin: Origin) -> Session:
        """Return a session of whoever opened the vault."""
        return self._own._replace(recorder=self._own.recorder.came_from(origin))

    def call(self, operation: Operation, asked: Asked) -> Result:
        """Return what an operation answers.

        Raises:
            ServiceError: It is refused; ThrottlingException to who was denied too much before.
        """
        if self._is_slowed(operation, asked):
            raise throttled()
        try:
            answer = self._serving.call(asked.session, operation, asked.parameters)
        except ServiceError as error:
            self._note(asked, error)
            raise
        self._release(answer)
        return answer

    def follow(self, operation: Operation, asked: Asked, answer: Result) -> None:
        """Do what an operation has begun: a rotation."""
        self._follow(asked.session, operation, asked.parameters, answer)

    def read_all(self, reads: Sequence[Asked]) -> Sequence[Result | SecretctlError]:
        """Return the answer of each GetSecretValue; one sync records them all."""
        slowed = [self._is_slowed(_READ, each) for each in reads]
        left = [each for each, is_slowed in zip(reads, slowed, strict=True) if not is_slowed]
        answers = iter(self._read(left) if left else ())
        return [throttled() if is_slowed else next(answers) for is_slowed in slowed]

    def _read(self, reads: Sequence[Asked]) -> Sequence[Result | SecretctlError]:
        answers = self._serving.read([(each.session, each.parameters) for each in reads])
        for asked, answer in zip(reads, answers, strict=True):
            if isinstance(answer, ServiceError):
                self._note(asked, answer)
            elif not isinstance(answer, SecretctlError):
                self._release(answer)
        return answers

    def is_replaced(self) -> bool:
        """Tell whether another vault is in the place of this one, as after a rekey or restore."""
        return _file(self._own) not in (None, self._file)

    def moment(self) -> AbstractContextManager[object]:
        """Hold one moment of the vault."""
        return self._serving.moment()

    def tick(self, *, is_idle: bool) -> None:
        """Record what was refused, see once a second that all is in its place, and tidy up."""
        self._record()
        if is_idle or monotonic() - self._looked > 1:
            self._look()
            self._looked = monotonic()
        if is_idle:
            self._serving.settle()

    def close(self) -> None:
        """Record what was refused since, and the dates of access."""
        self._record(is_last=True)
        while not self._serving.settle():
            pass

    def _look(self) -> None:
        """See that the vault can be read, and by whom, and that its journal has a place for that.

        Raises:
            SecretctlError: One cannot, or has not.
        """
        with self._serving.moment():
            self._check_own()
        path = os.path.join(self._own.vault.directory, segments.DIRECTORY)
        segments.checked_directory(path)
        disk = os.statvfs(path)
        if disk.f_blocks and not (disk.f_bavail if os.geteuid() else disk.f_bfree):
            raise JournalUnavailableError(
                "the disk is full: nothing can be recorded, so nothing is given out", "df"
            )

    def _check_own(self) -> None:
        try:
            self._serving.check_own()
        except ServiceError:
            raise UnlockError(
                "the access key that opened the vault opens it no more: every request is refused",
                "start the server again, with another in SECRETCTL_ACCESS_KEY_ID",
            ) from None

    def _proven(self, request: Request, claimed: Claim) -> Given:
        """Return the credential that *request* was signed with; an unknown key takes as long."""
        now_ms = self._own.context.now_ms()
        try:
            given = self._serving.secret_of(claimed.key_id, claimed.session_token)
        except ServiceError:
            with suppress(ServiceError):
                verify(request, claimed, self._nobodys, now_ms, _SERVICE)
            raise
        verify(request, claimed, self._key(given.secret), now_ms, _SERVICE)
        return given

    def _key(self, secret: str) -> SigningKey:
        """Return the signing key of a secret; it keeps what is derived for a day."""
        if secret not in self._keys:
            keep(self._keys, _MOST_KEYS, secret, SigningKey(secret))
        return self._keys[secret]

    def _note(self, asked: Asked, error: ServiceError) -> None:
        if key_id := _key_id(asked):
            self._denials.note(key_id, error, self._own.context.now_ms())

    def _is_slowed(self, operation: Operation, asked: Asked) -> bool:
        """Tell whether a request is denied, and its caller was denied too much; it is counted."""
        key_id = _key_id(asked)
        if not self._denials.are_too_many(key_id, self._own.context.now_ms()):
            return False
        try:
            is_denied = self._serving.denies(asked.session, operation, asked.parameters)
        except SecretctlError:  # answering it tells what is wrong
            return False
        if is_denied:
            self._refusals.note(throttled().code, key_id)
        return is_denied

    def _record(self, *, is_last: bool = False) -> None:
        own = self._own
        events = self._refusals.due(own.region, own.context.now_ms(), is_last=is_last)
        if events:
            own.recorder.write(events)


def _key_id(asked: Asked) -> str:
    """Return the access key that a request was signed with; empty where it was not signed."""
    return str(asked.session.recorder.origin.identity.get("accessKeyId") or "")


def _file(session: Session) -> tuple[int, int] | None:
    """Return which file the vault lies in; None where there is none just now."""
    try:
        found = os.stat(os.path.join(session.vault.directory, FILE))
    except OSError:
        return None
    return found.st_dev, found.st_ino
