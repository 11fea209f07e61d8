"""Where vaults, keys and configuration lie on this machine.

On Linux the XDG base directories, elsewhere the folders platformdirs names. Only paths are
computed here, and nothing is created.

See: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress

from secretctl.errors import ConfigError

_VAULT_FILE = "vault.db"
_APPLICATION = "secretctl"
_FILES = ("SECRETCTL_CONFIG", "SECRETCTL_KEY_FILE", "SECRETCTL_PASSPHRASE_FILE")


def data_dir(environ: Mapping[str, str]) -> str:
    """Return the folder of vaults.

    Raises:
        ConfigError: neither XDG_DATA_HOME nor HOME names a folder.
    """
    return _place(environ, "data", "XDG_DATA_HOME", ".local/share")


def config_dir(environ: Mapping[str, str]) -> str:
    """Return the folder of the configuration file and of key files.

    Raises:
        ConfigError: neither XDG_CONFIG_HOME nor HOME names a folder.
    """
    return _place(environ, "config", "XDG_CONFIG_HOME", ".config")


def default_vault(environ: Mapping[str, str]) -> str:
    """Return the folder of the vault that is used when none is chosen."""
    return os.path.join(data_dir(environ), "default")


def way_back(directory: str) -> list[str]:
    """Return how to put back the vault that ``restore`` moved aside last, if there is one.

    Where the system cannot exchange two names at once, a restore that is killed between two steps
    leaves nothing in the vault's place.
    """
    folder, base = os.path.split(directory)
    if os.path.lexists(directory) or not os.path.isdir(folder):
        return []
    found = [name.removeprefix(f"{base}.replaced-") for name in os.listdir(folder)]
    number = max((int(each) for each in found if each.isascii() and each.isdigit()), default=0)
    aside = f"{directory}.replaced-{number}"
    if not os.path.lexists(os.path.join(aside, _VAULT_FILE)):
        return []
    import shlex

    return [f"{shlex.join(('mv', aside, directory))}, to have back what a restore moved aside"]


def key_file(environ: Mapping[str, str], vault_id_hex: str) -> str:
    """Return the place of the key file of a vault: apart from the vault, named by its id."""
    name = vault_id_hex + ".key"
    return os.path.join(config_dir(environ), "keys", name)


def trust_file(environ: Mapping[str, str], vault_id_hex: str) -> str:
    """Return where this machine keeps what it has seen of a vault; empty where it has no place."""
    folder = _state_dir(environ)
    return folder and os.path.join(folder, "trust", vault_id_hex)


def ours(vault: str, environ: Mapping[str, str]) -> list[str]:
    """Return what is not to be written over for a user: the vault's folder first, then others.

    Those are the folders of configuration, keys and state, and files that variables name.
    """
    found = [vault, _state_dir(environ), *(environ.get(name, "") for name in _FILES)]
    with suppress(ConfigError):  # a service without a home
        found.append(config_dir(environ))
    return [place for place in found if place]


def _state_dir(environ: Mapping[str, str]) -> str:
    try:
        return _place(environ, "state", "XDG_STATE_HOME", ".local/state")
    except ConfigError:  # a service without a home
        return ""


def is_below(path: str, folder: str) -> bool:
    """Tell whether *path* lies in *folder*, links followed."""
    where, above = os.path.realpath(path), os.path.realpath(folder)
    return where.startswith(above + os.sep)


def config_file(environ: Mapping[str, str]) -> str:
    """Return the place of the configuration file: SECRETCTL_CONFIG, or config.toml.

    Raises:
        ConfigError: SECRETCTL_CONFIG is relative: a file must not be chosen by where one stands.
    """
    chosen = environ.get("SECRETCTL_CONFIG", "")
    if not chosen:
        return os.path.join(config_dir(environ), "config.toml")
    if not _is_usable(chosen):
        raise ConfigError("SECRETCTL_CONFIG is not an absolute path", "give it from / on")
    return chosen


def home(environ: Mapping[str, str], alternative: str) -> str:
    """Return the user's home folder.

    Args:
        environ: the environment.
        alternative: variable to name in the hint.

    Raises:
        ConfigError: HOME is unset, relative, the root, or no folder.
    """
    folder = environ.get("HOME", "")
    hint = f"set HOME or {alternative} to the absolute path of a folder"
    if not folder:
        raise ConfigError("HOME is not set", hint)
    if not _is_usable(folder) or not folder.strip("/"):
        raise ConfigError("HOME is not the absolute path of a folder of your own", hint)
    if not os.path.isdir(folder):
        raise ConfigError("HOME is not an existing folder", hint)
    return folder


def _place(environ: Mapping[str, str], kind: str, variable: str, below_home: str) -> str:
    if sys.platform != "linux":
        import platformdirs

        return str(getattr(platformdirs, f"user_{kind}_dir")(_APPLICATION, appauthor=False))
    base = environ.get(variable, "")
    # The specification: a relative path is invalid and to be ignored.
    if not base.startswith("/"):
        base = os.path.join(home(environ, variable), below_home)
    elif not _is_usable(base):
        raise ConfigError(f"{variable} holds a character no path should", f"set {variable} anew")
    return os.path.join(base, _APPLICATION)


def _is_usable(path: str) -> bool:
    """Tell whether *path* is absolute and free of control characters.

    NOTE: bytes that are not UTF-8 (as lone surrogates) are legal in paths.
    """
    return path.startswith("/") and not any(letter < " " or letter == "\x7f" for letter in path)
