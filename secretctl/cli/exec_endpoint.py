"""``exec --aws-endpoint``: the command reads the vault by AWS's SDK, at an endpoint of its own.

HTTP is in a thread of its own, the vault in this one, which hears of signals between requests.
The command is started before there is a second thread, and before what answers is loaded: that
takes longer than all the rest. Whoever connects too soon waits.
"""

from __future__ import annotations

import gc

from secretctl.cli import config, exec_masking
from secretctl.cli.api import open_session
from secretctl.cli.exec import ExecRequest, Read
from secretctl.cli.exec_endpoint_options import scope
from secretctl.cli.reopening import OF_EXEC, opener_of, reopened
from secretctl.cli.running import Announce, handed_over
from secretctl.cli.supplier import OfVault
from secretctl.cli.troubles import Troubles
from secretctl.context import Context, tell, tell_person
from secretctl.delivery import masking, supervise, supervise_beside, supervise_start
from secretctl.delivery.execute import prepared
from secretctl.delivery.references import shown
from secretctl.delivery.sdk_environment import cleared
from secretctl.domain.names import parse_secret_id
from secretctl.errors import SecretctlError, ServiceError, UsageError
from secretctl.record import TYPE_CHECKING
from secretctl.server.private import HOST, endpoint, listening, variables
from secretctl.service.serving import Serving
from secretctl.store.lock import WAIT_S

if TYPE_CHECKING:
    from typing import NoReturn

    from secretctl.cli.exec_endpoint_masking import Masked
    from secretctl.delivery.execute import Program
    from secretctl.delivery.supervise_start import Running
    from secretctl.server.keeping import VaultKeeper
    from secretctl.service.session import Session

_CONNECTIONS = 512
_MANNER = OF_EXEC._replace(wait_s=WAIT_S)
_VARIABLE = "AWS_ENDPOINT_URL_SECRETS_MANAGER"
_OVER = (
    "secretctl: warning: the command goes on, and its requests for secrets are not answered any "
    "more\n"
)


def serve(request: ExecRequest, settings: config.Settings, context: Context) -> NoReturn:
    """Run the command with an endpoint, then end as it does.

    Raises:
        UsageError: What it is to do cannot be done.
        ServiceError: A source can mean no secret of this vault.
        SecretctlError: The vault cannot be opened, or the command not be run.
    """
    _refuse(settings)
    served = _Served(request, settings, open_session(settings, context, "exec"))
    try:
        running = handed_over(OfVault(served.session), request, served.start)
    except BaseException:
        served.discard()
        raise
    status = served.until_it_ends(running)
    supervise.has_ended(running, context)
    supervise.end(running, status, context)


def _refuse(settings: config.Settings) -> None:
    if settings.endpoint is not None:
        raise UsageError(
            "--aws-endpoint serves a vault of this machine, and an endpoint is named in its place",
            "leave one of them out; a program can be given the other endpoint itself",
        )


class _Served:
    """A command, and the endpoint that it is given."""

    def __init__(self, request: ExecRequest, settings: config.Settings, session: Session) -> None:
        self._request = request
        self._settings = settings
        self.session = session
        self._context = session.context
        self._region = session.region
        self._ids = scope(request.sources, request.options.optional)
        self._troubles = Troubles(session.context)
        self._opener = opener_of(session, settings, _MANNER)
        self._socket, self._url = listening()
        self._masked: Masked | None = None

    def discard(self) -> None:
        """Give back vault and port, where no command was started."""
        self._socket.close()
        self.session.close()

    def start(self, program: bytes, _read: Read, announce: Announce) -> Running:
        """Start the command; raises as `serve`."""
        request, context = self._request, self._context
        self._refuse_impossible()
        self._serving = self._served()
        self._given = self._serving.give(self._ids, self._region)
        self._tell_missing(self._serving)
        given = {_VARIABLE: self._url, **variables(self._given, self._region)}
        announce([*given], [])
        command = prepared(
            *(context, given, program, list(request.command)),
            pristine=request.pristine,
            keep=request.options.keep,
        )
        command = command._replace(environment=cleared(command.environment, HOST))
        return self._started(command)

    def _started(self, command: Program) -> Running:
        """Start the command, its output masked if it is to be."""
        outputs = exec_masking.outputs(self._context, self._request.mask)
        if not outputs:
            return supervise_start.start(command, [], masking.searched([]), self._context)
        from secretctl.cli.exec_endpoint_masking import Masked

        self._masked = Masked(self._given, self._context)
        return self._masked.start(command, outputs)

    def until_it_ends(self, running: Running) -> int:
        """Answer until the command has ended; return its status."""
        from secretctl.server.endpoint import take_turns

        gc.enable()  # a process that lives for more than a moment
        take_turns()
        self._endpoint = endpoint(self._socket, self._context, self._troubles.tell, _CONNECTIONS)
        self._keeper = self._kept(self._serving)
        self._is_open = True
        self._endpoint.__enter__()  # it ends with this process
        status = supervise_beside.awaited(running, self._work, self._endpoint.pause)
        try:
            if self._is_open:
                self._keeper.close()
                self.session.close()
        except SecretctlError as error:  # the command's status is what counts
            self._troubles.tell(error)
        return status

    def _refuse_impossible(self) -> None:
        """Refuse ids that can mean no secret here, and name the first."""
        account = self.session.vault.account
        for each in self._ids:
            try:
                parse_secret_id(each, region=self._region, account=account)
            except ServiceError as error:
                said = f"{error.message} (source '{shown(each)}')"
                raise ServiceError(error.code, said, *error.hints) from None

    def _tell_missing(self, serving: Serving) -> None:
        """Tell the vault's owner of ids that mean no secret yet; others are not to learn it so."""
        if self._settings.credential is None:
            for each in serving.missing(self._ids, self._region):
                note = f"there is no secret '{shown(each)}' yet"
                tell_person(self._context, f"secretctl: note: {note}\n")

    def _work(self) -> None:
        """Answer until it is told to pause, from whichever vault lies in its place."""
        try:
            while self._is_open and not self._endpoint.work(self._keeper):
                self._is_open = False
                self.session.close()
                self._open()
        except SecretctlError as error:
            self._endpoint.give_up()
            self._troubles.tell(error)
            tell(self._context, _OVER)

    def _open(self) -> None:
        """Open the vault that is there now; who has the credential is served as before."""
        self.session = reopened(self._opener)
        try:
            serving = self._served()
            serving.give(self._ids, self._region, self._given)
        except BaseException:
            self.session.close()
            raise
        self._keeper = self._kept(serving)
        self._is_open = True

    def _kept(self, serving: Serving) -> VaultKeeper:
        if self._masked is None:
            return self._endpoint.keeper(self.session, serving)
        return self._endpoint.keeper(self.session, serving, release=self._masked.release)

    def _served(self) -> Serving:
        return Serving(self.session, self._settings.credential, is_private=True)
