"""The client of ``secretctl.client``: opens what a command typed here and now would open.

Nobody is asked for a passphrase, no vault is made, and nothing about the process is changed; what a
command writes to standard error is a warning of Python's.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping

from secretctl.cli import config, endpoint, reopening
from secretctl.cli.api import open_session
from secretctl.cli.config_values import problem
from secretctl.cli.options import Globals
from secretctl.context import Context, clock_ms
from secretctl.errors import ConfigError
from secretctl.model.shapes import Fields, Operation
from secretctl.sdk.exceptions import hinting
from secretctl.sdk.held import Held
from secretctl.sdk.secretsmanager import SecretsManager
from secretctl.service.session import Session
from secretctl.store.lock import WAIT_S

SERVICE = "secretsmanager"
COMMAND = "python"
"""What the journal calls us."""

_WARNING = "secretctl: warning: "
_MANNER = reopening.Manner(COMMAND, WAIT_S, "if the vault was given new keys, make another client")


def client(
    service_name: str,
    region_name: str | None,
    vault: str | os.PathLike[str] | None,
    profile: str | None,
) -> SecretsManager:
    """Return a client; see `secretctl.client`."""
    if service_name != SERVICE:
        raise ValueError(f"there is no such service; valid names: {SERVICE}")
    context = in_process(os.environ)
    wrong = problem("region", region_name) if region_name is not None else None
    if wrong:
        raise ConfigError(f"the value of region_name {wrong}")
    folder = None if vault is None else os.fsdecode(vault)
    if folder == "" or profile == "":
        raise ConfigError(f"the value of {'vault' if folder == '' else 'profile'} is empty")
    flags = Globals(region=region_name, vault=folder)
    with hinting():
        endpoint.refuse_variable(flags, context, "secretctl.client")
        found = config.load(context.environ)
        settings = config.settings(found, profile, flags, context.environ)
    return over(settings, context)


def over(settings: config.Settings, context: Context) -> SecretsManager:
    """Return a client for the vault of *settings*."""
    held = Held(_Opening(settings, context), follow)
    return SecretsManager(held.ask, held.close, settings.region)


def in_process(environ: Mapping[str, str]) -> Context:
    """Return the context of a client that is made in *environ*: it has no streams."""
    return Context(
        environ=dict(environ),
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=_Warnings(),
        now_ms=clock_ms,
        random=os.urandom,
        interactive=False,
    )


def follow(session: Session, operation: Operation, parameters: Fields, answer: Fields) -> None:
    """Do the steps of a rotation that was begun, as the command does before it ends."""
    if operation.name == "RotateSecret":
        from secretctl.cli.rotating import finish

        finish(session, parameters, [answer], session.context)


class _Opening:
    """Opens the vault, and opens it again without needing a passphrase once more."""

    def __init__(self, settings: config.Settings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._opener: reopening.Opener | None = None

    def __call__(self) -> Session:
        """Return a session like that of a command."""
        if self._opener is not None:
            return self._opener.to_read()
        session = open_session(self._settings, self._context, COMMAND)
        self._opener = reopening.opener_of(session, self._settings, _MANNER)
        return session


class _Warnings(io.StringIO):
    """Takes what is told to standard error."""

    def write(self, text: str) -> int:
        """Warn, if it is a warning."""
        if text.startswith(_WARNING):
            warnings.warn(text.removeprefix(_WARNING).strip(), stacklevel=2)
        return len(text)
