"""The configuration file, read with suspicion.

It decides which vault is opened, so one that others could have written is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from secretctl.cli import places
from secretctl.cli.config_values import CREDENTIAL, KEYS, example, problem
from secretctl.errors import ConfigError, UnsafePermissionsError
from secretctl.record import NamedTuple
from secretctl.store.parents import check_above

_TABLES = {key.partition(".")[0] for key in KEYS if "." in key}
DEFAULT_PROFILE = "default"
"""Another name of the top level."""

_LONGEST_PROFILE = 64
_LARGEST_FILE = 64 * 1024


class Config(NamedTuple):
    """The configuration file, checked."""

    path: str
    """Where it is, or would be; empty where no place could be told."""

    top: dict[str, str]
    profiles: dict[str, dict[str, str]]
    rotation: object = None
    """The table of that name, unread; see `rotation.registry`."""


def load(environ: Mapping[str, str]) -> Config:
    """Read the configuration file; an absent one is an empty one.

    Raises:
        ConfigError: it is not TOML, or holds what has no meaning.
        UnsafePermissionsError: somebody else could have written it.
    """
    if not any(environ.get(name) for name in ("SECRETCTL_CONFIG", "XDG_CONFIG_HOME", "HOME")):
        # A service without a home still works with --vault and a key from its environment.
        return Config(path="", top={}, profiles={})
    path = places.config_file(environ)
    config = _checked(path, document(path), environ)
    if any(CREDENTIAL[1] in section for section in (config.top, *config.profiles.values())):
        _check_unread(path)
    return config


def document(path: str) -> dict[str, object]:
    """Return what stands in the file at *path*, whatever it means; an absent one is empty.

    Raises:
        ConfigError: it is not TOML.
        UnsafePermissionsError: somebody else could have written it.
    """
    content = _content(path)
    if content is None:
        return {}
    from secretctl.cli.toml_text import parsed

    try:
        return parsed(content, shown_name(path))
    except ConfigError as error:
        from shlex import join

        anew = join(["mv", path, path + ".old"])
        raise ConfigError(error.message, f"mend it, or begin anew: {anew}") from None


def _content(path: str) -> bytes | None:
    """Return the file's bytes, None if there is no file; refuse what others could have written."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise ConfigError(f"the configuration file cannot be read: {reason}") from None
    try:
        check_owner(path, os.fstat(descriptor))
        check_owner(path, os.lstat(path), link=True)
        check_above(path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise ConfigError(f"the configuration file cannot be read: {reason}") from None
    finally:
        os.close(descriptor)
    check_size(content)
    return content


def check_size(content: bytes) -> None:
    """Refuse to read or write more than a configuration file should hold.

    Raises:
        ConfigError: it is larger than 64 KiB.
    """
    if len(content) > _LARGEST_FILE:
        raise ConfigError(f"the configuration file is larger than {_LARGEST_FILE // 1024} KiB")


def check_owner(
    path: str,
    status: os.stat_result,
    *,
    link: bool = False,
    others: int = stat.S_IWGRP | stat.S_IWOTH,
) -> None:
    """Refuse a file, or a symbolic link to it, of another user; and a file *others* may write."""
    shown = shown_name(path)
    if status.st_uid not in {os.geteuid(), 0}:
        raise UnsafePermissionsError(f"'{shown}' belongs to another user", f"ls -l {shown}")
    if link:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"'{shown}' is not a regular file", f"ls -l {shown}")
    if status.st_mode & others:
        raise UnsafePermissionsError(f"others may write '{shown}'", f"chmod go-w {shown}")


def _check_unread(path: str) -> None:
    """Refuse a file with a secret access key that others may read."""
    if os.stat(path).st_mode & (stat.S_IRGRP | stat.S_IROTH):
        shown = shown_name(path)
        raise UnsafePermissionsError(
            f"others may read '{shown}', which holds a secret access key", f"chmod 600 {shown}"
        )


def _checked(path: str, found: dict[str, object], environ: Mapping[str, str]) -> Config:
    profiles = found.pop("profile", {})
    if not isinstance(profiles, dict):
        raise ConfigError("'profile' in the configuration file is not a table", "[profile.NAME]")
    if DEFAULT_PROFILE in profiles:
        raise ConfigError(
            "the profile 'default' is the top level of the configuration file",
            "move the keys of [profile.default] to its beginning",
        )
    rotation = found.pop("rotation", None)
    elsewhere = environ.get("SECRETCTL_PROFILE")  # what configure writes to unless it is told
    return Config(
        path=path,
        top=_values("", found, path, f"profile.{DEFAULT_PROFILE}." if elsewhere else ""),
        profiles={
            name: _values(prefix := f"profile.{name}.", table, path, prefix)
            for name, table in profiles.items()
        },
        rotation=rotation,
    )


def _values(prefix: str, table: object, path: str, written: str) -> dict[str, str]:
    """Return the settings in *table*, checked.

    Args:
        prefix: What stands before their names in messages.
        table: From the file.
        path: Of the file.
        written: What stands before their names where ``configure set`` is to write them.
    """
    if not isinstance(table, dict):
        name = shown_name(prefix[:-1])
        raise ConfigError(f"'{name}' in the configuration file is not a table", _edit(path))
    values: dict[str, str] = {}
    for key, value in _flat(table).items():
        name = shown_name(prefix + key)
        if key not in KEYS:
            is_plural = name == "profiles"
            raise ConfigError(
                f"unknown setting '{name}' in the configuration file",
                "a profile is headed [profile.NAME]"
                if is_plural
                else f"settings: {', '.join(KEYS)}",
                _edit(path),
            )
        wrong = problem(key, value) if isinstance(value, str) else "is not a string"
        if wrong:
            raise ConfigError(
                f"the setting '{name}' in the configuration file {wrong}",
                *_mending(key, prefix.removeprefix("profile.")[:-1], written, path),
            )
        values[key] = str(value)
    return values


def _mending(key: str, profile: str, written: str, path: str) -> tuple[str, ...]:
    """Return the command that puts a setting right; some profiles only an editor can name."""
    if not profile or is_profile_name(profile):
        return (f"for example: secretctl configure set {written}{key} {example(key)}",)
    return f'for example {key} = "{example(key)}"', _edit(path)


def _edit(path: str) -> str:
    import shlex

    return f"edit {shlex.quote(path)}"


def is_profile_name(name: str) -> bool:
    """Tell whether ``configure set`` makes a profile of that name."""
    allowed = name.isascii() and all(letter.isalnum() or letter in "_.@+-" for letter in name)
    return allowed and 0 < len(name) <= _LONGEST_PROFILE


def _flat(table: dict[str, object]) -> dict[str, object]:
    """Return the settings of *table*, those of tables in it with a dot in their names."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict) and key in _TABLES:
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
        elif "." not in key:
            flat[key] = value
        else:
            flat[f"'{key}'"] = value  # a key in quotation marks is no table
    return flat


def shown_name(name: str) -> str:
    """Return *name* fit for a message."""
    from secretctl.delivery.references import shown

    return shown(name)
