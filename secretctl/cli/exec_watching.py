"""``exec --watch``: the command is run again, or signalled, when what it was given changes.

What it was given is known as keyed hashes, under a key of this process. Values are kept only where
output is masked, to go on masking them.
"""

from __future__ import annotations

import gc
import os
import signal

from secretctl.cli import config, exec_masking, reopening
from secretctl.cli import exec as reader
from secretctl.cli.exec_watch_told import Told
from secretctl.cli.running import Announce, handed_over
from secretctl.cli.supplier import OfVault
from secretctl.context import Context
from secretctl.crypto.keys import KEY_BYTES, mac
from secretctl.delivery import (
    masking,
    masking_forms,
    noticing,
    run_files,
    supervise_start,
    watching,
)
from secretctl.delivery.references import parameters, shown
from secretctl.delivery.watching import Found
from secretctl.errors import (
    CommandNotExecutableError,
    CommandNotFoundError,
    JournalUnavailableError,
    NoRoomError,
    OutcomeUnknownError,
    SecretctlError,
    ServiceError,
    StoreBusyError,
    StoreError,
    UsageError,
)
from secretctl.record import TYPE_CHECKING
from secretctl.service.session import Session
from secretctl.service.watching import Standing, give_up, standing
from secretctl.vault.vault import FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from secretctl.cli.exec_plan import Plan
    from secretctl.delivery.execute import Program
    from secretctl.delivery.run_files import Placed, Wanted
    from secretctl.delivery.supervise_start import Running

_PASSING = (
    *(StoreBusyError, StoreError, JournalUnavailableError, OutcomeUnknownError),
    *(NoRoomError, CommandNotFoundError, CommandNotExecutableError),
)
"""What may be over in a moment; anything else stays until the vault changes."""

_MASKED_STARTS = 8
"""The values of so many starts are masked, the present one's among them."""

_NOTHING_NEW = "The command was given nothing new."


class Watched:
    """A command, and what it was given last."""

    def __init__(
        self, request: reader.ExecRequest, settings: config.Settings, context: Context
    ) -> None:
        """Note how the vault is before anything is read from it.

        Raises:
            UsageError: What comes with a signal would not be masked, or cannot be given.
        """
        watch, files = request.options.watch, request.options.files
        self._signal = watch.signal if watch else ""
        if self._signal and files and files.kind != run_files.FILE:
            raise UsageError(
                f"a {files.kind} cannot be given another value while the command runs",
                "choose --file-kind file, or leave out --watch-signal",
            )
        if self._signal and exec_masking.outputs(context, request.mask):
            raise UsageError(
                "what a command reads by itself after a signal would not be masked",
                "choose --no-mask, or leave out --watch-signal: it is run again, and masked",
            )
        self._request = request
        self._settings = settings
        self._context = context
        self._path = os.path.join(settings.vault, FILE)
        self._stamp = noticing.stamp(self._path)
        self._around: watching.Surroundings | None = None
        self._key = context.random(KEY_BYTES)
        self._given: dict[str, bytes] = {}
        """A keyed hash of each variable."""

        self._asked: list[dict[str, object]] = []
        self._standing: list[Standing | None] = []
        """What each request was answered from last; None where it was not."""

        self._masked: list[tuple[str | bytes, ...]] = []
        self._before: supervise_start.Before | None = None
        self._failures = 0
        self._told = Told(context, is_signalled=bool(self._signal))

    def first(self, session: Session) -> Callable[[bytes, reader.Read, Announce], Running]:
        """Return what reads the secrets for the first time, and starts the command."""
        self._opener = reopening.opener_of(session, self._settings, reopening.OF_EXEC)

        def perform(program: bytes, read: reader.Read, announce: Announce) -> Running:
            self._plan: Plan = reader.planned(self._request, self._context)
            sources = (*self._plan.sources, *self._plan.files)
            if all(source.version_id is not None for source in sources):
                raise UsageError(
                    "nothing can change: no source is a secret, or each names its version",
                    "leave out --watch, or '?version=' of a source",
                )
            given = self._read(read)
            try:
                reader.warn(self._request, given, self._context)
                command, files = self._handed(given, program, announce)
                self._given = self._hashed(given)
                return self._start(command, files.placed if files else None, given.all())
            finally:
                given.close()

        return perform

    def run(self, running: Running) -> NoReturn:
        """Watch over the command until it ends by itself, then end as it does."""
        gc.enable()  # a process that lives for more than a moment
        options = self._request.options.watch
        assert options is not None, "nothing was said of watching"
        assert self._around is not None, "nothing was started"
        number = getattr(signal, f"SIG{options.signal}") if options.signal else 0
        watch = watching.Watch(self._path, self._stamp, self._look, number, options.grace_s)
        watching.run(running, watch, self._around, self._context)

    def _look(self) -> Found:
        """See whether there is something newer; what cannot be read leaves the command alone."""
        try:
            found = self._looked()
        except SecretctlError as error:
            self._failures += 1
            is_passing = isinstance(error, _PASSING)
            if not is_passing or self._failures > 1:
                self._told.failed(error.message, *error.hints)
            return Found(failed=is_passing)
        self._failures = 0
        self._told.succeeded()
        return found

    def _looked(self) -> Found:
        now = self._standing_now()
        pairs = list(zip(self._asked, self._standing, now, strict=True))
        lost = {
            shown(str(asked["SecretId"])): _reason(after)
            for asked, before, after in pairs
            if before is not None and isinstance(after, SecretctlError)
        }
        self._told.lost(lost)
        moved = [
            asked
            for asked, before, after in pairs
            if before != after and not isinstance(after, SecretctlError)
        ]
        if lost or not moved:
            return Found()
        if not self._signal or self._plan.files:
            return self._read_again()
        self._standing = [None if isinstance(each, SecretctlError) else each for each in now]
        self._told.changed({f"'{shown(str(asked['SecretId']))}'" for asked in moved}, set())
        return Found(is_changed=True)

    def _standing_now(self) -> list[Standing | SecretctlError | None]:
        session = self._opener.to_look()
        try:
            found = standing(session, self._asked)
        finally:
            give_up(session)
        pairs = zip(self._asked, found, strict=True)
        return [None if self._is_done_without(asked, each) else each for asked, each in pairs]

    def _is_done_without(self, asked: dict[str, object], found: Standing | SecretctlError) -> bool:
        """Tell whether a command that begins now would be given nothing of it, and run.

        A file that is there already is not taken away.
        """
        if not isinstance(found, SecretctlError) or not reader.is_not_there(found):
            return False
        sources = (*self._plan.sources, *self._plan.files)
        required = reader.required_of(sources, self._request.options.may_be_missing())
        has_file = bool(self._signal and self._plan.files)
        return not has_file and asked not in map(parameters, required)

    def _read_again(self) -> Found:
        """Read and record what has moved; if a value is another, see to it that it is had."""
        before, session = self._standing, self._opener.to_read()
        try:
            return handed_over(OfVault(session), self._request, self._again, _NOTHING_NEW)
        except _PASSING:
            self._standing = before  # it is read once more
            raise
        finally:
            session.close()

    def _again(self, program: bytes, read: reader.Read, announce: Announce) -> Found:
        given = self._read(read)
        try:
            return self._acted_upon(given, program, announce)
        finally:
            given.close()

    def _acted_upon(self, given: reader.Given, program: bytes, announce: Announce) -> Found:
        hashed = self._hashed(given)
        names = hashed.keys() | self._given.keys()
        changed = {name for name in names if hashed.get(name) != self._given.get(name)}
        if not changed:
            return Found()
        command, files = self._handed(given, program, announce)
        found = Found(is_changed=True)
        if self._signal and files:
            self._running.renew(files)
        if not self._signal:
            found = self._following(command, files, given)
        self._given = hashed
        kept = changed - given.contents.keys() if self._signal else set()
        self._told.changed(set(map(shown, changed)), set(map(shown, kept)))
        return found

    def _following(self, command: Program, files: Wanted | None, given: reader.Given) -> Found:
        """Return what starts another command; its files are there before this one is ended."""
        if files is None:
            return Found(lambda: self._start(command, None, given.all()))
        placed = files.placed()
        return Found(lambda: self._start(command, lambda: placed, given.all()), placed.put_away)

    def _handed(
        self, given: reader.Given, program: bytes, announce: Announce
    ) -> tuple[Program, Wanted | None]:
        """Record what is handed over: in a signalled command that runs already, files alone."""
        is_running = bool(self._given)
        variables = () if is_running and self._signal else given.secrets
        announce([*variables, *given.contents], list(given.contents))
        return reader.ready(self._request, given, program, self._context)

    def _read(self, read_all: reader.Read) -> reader.Given:
        """Read all secrets of the plan; what each was answered from is known from then on."""

        def read(requests: list[dict[str, object]]) -> list[dict[str, object] | ServiceError]:
            answers = list(read_all(requests))
            self._asked = requests
            self._standing = [
                None
                if isinstance(each, ServiceError)
                else (str(each["ARN"]), str(each["VersionId"]))
                for each in answers
            ]
            return answers

        return reader.read(self._request, self._plan, read, self._context)

    def _hashed(self, given: reader.Given) -> dict[str, bytes]:
        raw = {name: value.encode() for name, value in given.variables.items()}
        return {name: mac(self._key, each) for name, each in (raw | given.contents).items()}

    def _start(
        self,
        program: Program,
        files: Callable[[], Placed] | None,
        secrets: dict[str, str | bytes],
    ) -> Running:
        outputs = exec_masking.outputs(self._context, self._request.mask)
        if outputs:
            if not self._masked:
                exec_masking.tell_of_clear(secrets, self._context)
            self._masked = [*self._masked[1 - _MASKED_STARTS :], (*secrets.values(),)]
        patterns = masking_forms.patterns(value for each in self._masked for value in each)
        self._around = self._around or watching.surroundings()
        self._before = self._before or supervise_start.take_signals()
        self._running = supervise_start.start(
            program,
            outputs if patterns else [],
            masking.searched(patterns),
            self._context,
            files,
            self._before,
        )
        self._told.line_end = "\r\n" if self._running.real else "\n"  # in raw mode
        if self._request.options.files:
            self._request.options.files.close(program, secrets)
        return self._running


def _reason(error: object) -> str:
    return error.code if isinstance(error, ServiceError) else str(error)
