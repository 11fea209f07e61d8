"""Vaults for tests: made in some milliseconds, opened by a key file, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from secretctl.cli import config, in_process
from secretctl.cli.api import open_session, session_of
from secretctl.cli.making import make_vault
from secretctl.cli.options import Globals
from secretctl.context import Context
from secretctl.delivery.sdk_environment import ELSEWHERE
from secretctl.domain.credential import Given
from secretctl.model.iam import BY_NAME as IAM
from secretctl.sdk.secretsmanager import SecretsManager
from secretctl.server.private import HOST, variables
from secretctl.service.dispatch import call

OURS = "SECRETCTL_"
"""How the names of our variables begin."""

THEIRS = ("AWS_SESSION_TOKEN", *(name.decode() for name in ELSEWHERE))
"""Variables that would keep AWS's SDKs from a server, or from its credential."""

_USER = "tests"
_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
_SERVE = """
import os, sys, threading
from secretctl.start import run

def end():
    sys.stdin.read()
    os._exit(1)

threading.Thread(target=end, daemon=True).start()
run()
"""
"""Ends with whoever started it, however that ends."""

_LISTENING = "listening on "
_END_S = 20


class TemporaryVault(NamedTuple):
    """A vault for a test."""

    directory: Path
    environ: dict[str, str]
    """Variables by which commands and clients find it and what opens it, and nothing of the
    user's. The region is what AWS_REGION says, as everywhere."""

    client: SecretsManager
    """A client of its owner."""


class TemporaryServer(NamedTuple):
    """An endpoint over such a vault, in a process of its own."""

    url: str
    environ: dict[str, str]
    """Variables by which AWS's SDKs find it, with an access key of a user who may do everything
    with values under the account's default key."""


@contextmanager
def temporary_vault() -> Iterator[TemporaryVault]:
    """Make an empty vault, which is removed at the end of the block."""
    # NOTE: below the system's folder for such, since pytest's may lie in a work tree of git, where
    # a key file is refused.
    with TemporaryDirectory(prefix="secretctl-") as name:
        directory = Path(name, "vault")
        environ = {
            "SECRETCTL_VAULT": str(directory),
            "SECRETCTL_KEY_FILE": str(Path(name, "vault.key")),
            "SECRETCTL_CONFIG": str(Path(name, "config.toml")),
            "XDG_STATE_HOME": str(Path(name, "state")),
        }
        settings, context = _chosen(environ)
        made = make_vault(settings.vault, context)
        session_of(made.vault, settings, context, in_process.COMMAND).close()
        with in_process.over(settings, context) as client:
            yield TemporaryVault(directory, environ, client)


@contextmanager
def temporary_server(vault: TemporaryVault) -> Iterator[TemporaryServer]:
    """Serve *vault* until the end of the block.

    Raises:
        RuntimeError: The server did not start; why stands on standard error.
    """
    settings, context = _chosen(vault.environ)
    environ = {
        **variables(_credential(settings, context), settings.region),
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }
    words = [sys.executable, "-P", "-c", _SERVE, "serve", "--listen", f"{HOST}:0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 our own program, and no word of others
        words, env=dict(context.environ), stdin=pipe, stdout=pipe, text=True
    ) as process:
        try:
            assert process.stdout is not None, "it is a pipe"
            line = process.stdout.readline().strip()
            if not line.startswith(_LISTENING):
                raise RuntimeError("secretctl serve did not start")
            url = line.removeprefix(_LISTENING)
            yield TemporaryServer(url, {**environ, "AWS_ENDPOINT_URL_SECRETS_MANAGER": url})
        finally:
            _end(process)


def _chosen(environ: dict[str, str]) -> tuple[config.Settings, Context]:
    """Return what holds where *environ* is, of our variables, all there is."""
    others = {key: text for key, text in os.environ.items() if not key.startswith(OURS)}
    context = in_process.in_process({**others, **environ})
    found = config.load(context.environ)
    return config.settings(found, None, Globals(), context.environ), context


def _credential(settings: config.Settings, context: Context) -> Given:
    """Make the user in whose name SDKs ask; return an access key."""
    session = open_session(settings, context, in_process.COMMAND)
    try:
        user: dict[str, object] = {"UserName": _USER}
        named = {"PolicyName": "everything", "PolicyDocument": _EVERYTHING}
        call(session, IAM["CreateUser"], user)
        call(session, IAM["PutUserPolicy"], user | named)
        made = call(session, IAM["CreateAccessKey"], user)["AccessKey"]
    finally:
        session.close()
    assert isinstance(made, dict), "an access key"
    return Given(made["AccessKeyId"], made["SecretAccessKey"], "")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
