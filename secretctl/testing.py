"""Vaults for tests: made in some milliseconds, opened by a key file, gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from secretctl.cli import config, in_process
from secretctl.cli.api import session_of
from secretctl.cli.making import make_vault
from secretctl.cli.options import Globals
from secretctl.sdk.secretsmanager import SecretsManager

OURS = "SECRETCTL_"
"""How the names of our variables begin."""


class TemporaryVault(NamedTuple):
    """A vault for a test."""

    directory: Path
    environ: dict[str, str]
    """Variables by which commands and clients find it and what opens it, and nothing of the
    user's. The region is what AWS_REGION says, as everywhere."""

    client: SecretsManager
    """A client of its owner."""


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
        theirs = {key: text for key, text in os.environ.items() if not key.startswith(OURS)}
        context = in_process.in_process({**theirs, **environ})
        found = config.load(context.environ)
        settings = config.settings(found, None, Globals(), context.environ)
        made = make_vault(settings.vault, context)
        session_of(made.vault, settings, context, in_process.COMMAND).close()
        with in_process.over(settings, context) as client:
            yield TemporaryVault(directory, environ, client)
