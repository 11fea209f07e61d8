"""Which other vaults a key file opens, of those that can be known."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from secretctl.cli import config, places
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import SecretctlError
from secretctl.vault import slots
from secretctl.vault.vault import LockedVault


def others(file_key: bytes, directory: str, environ: Mapping[str, str]) -> list[str]:
    """Return the vaults besides that in *directory* that *file_key* opens.

    Looked at are those in the folder of the default one, those of config.toml, and SECRETCTL_VAULT.
    """
    own = os.path.realpath(directory)
    known = {os.path.realpath(each): each for each in _known(environ)}
    return [path for real, path in known.items() if real != own and _opens(file_key, path)]


def warn(file_key: bytes, directory: str, context: Context) -> None:
    """Say so where a key file that is to open the vault in *directory* opens others, too."""
    for path in others(file_key, directory, context.environ):
        tell(
            context,
            f"secretctl: warning: that key file opens the vault {safe(path)} as well: after a "
            "rekey of either the old file, kept beside it, opens the other; better one for each\n",
        )


def _known(environ: Mapping[str, str]) -> Iterator[str]:
    with suppress(SecretctlError, OSError):
        folder = places.data_dir(environ)
        yield from (os.path.join(folder, name) for name in sorted(os.listdir(folder)))
    with suppress(SecretctlError):
        yield from config.vaults(config.load(environ), environ)


def _opens(file_key: bytes, directory: str) -> bool:
    try:
        locked = LockedVault(directory)
    except SecretctlError:
        return False
    try:
        return slots.by_key_file(locked.header, file_key) is not None
    finally:
        locked.close()
