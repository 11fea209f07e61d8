"""Profiles of AWS's shared files: ``~/.aws/config`` and ``~/.aws/credentials``.

They are read as botocore reads them. What stands in them is never repeated, but names of profiles.
See: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from configparser import Error, RawConfigParser
from io import TextIOWrapper

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple
from secretctl.store.inputs import open_input

DEFAULT = "default"
_LARGEST = 1 << 20


class Profile(NamedTuple):
    """What the two files say of one profile. Its ``repr`` shows no setting."""

    name: str
    config: dict[str, str]
    credentials: dict[str, str]
    config_file: str
    credentials_file: str

    def get(self, key: str) -> str:
        """Return a setting of either file; empty where there is none."""
        return self.credentials.get(key) or self.config.get(key) or ""

    def __repr__(self) -> str:
        """Name the profile."""
        return f"<profile {self.name}>"


def chosen(name: str, environ: Mapping[str, str]) -> Profile:
    """Return the profile of AWS's files that holds.

    Args:
        name: As given by ``--profile``; ``AWS_PROFILE`` stands in for it, else it is ``default``.
        environ: The environment.

    Raises:
        ConfigError: There is no such profile, or a file cannot be read.
    """
    named = name or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or ""
    profile = named or DEFAULT
    path = _path(environ, "AWS_CONFIG_FILE", ".aws/config")
    secret_path = _path(environ, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
    config, secret = _sections(path), _sections(secret_path)
    headings = {heading: _profile_of(heading) for heading in config}
    mine: dict[str, str] = {}
    for heading, each in headings.items():
        mine |= dict(config[heading]) if each == profile else {}
    is_there = profile in headings.values() or profile in secret
    if named and named != DEFAULT and not is_there:
        raise ConfigError(
            f"the config profile ({profile}) could not be found",
            "with an endpoint, a profile is one of AWS's files: aws configure list-profiles",
        )
    own = dict(secret[profile]) if profile in secret else {}
    return Profile(profile, mine, own, path, secret_path)


def _path(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    """Return where a file is; empty where there is no home."""
    given, home = environ.get(variable, ""), environ.get("HOME", "")
    if not given:
        return os.path.join(home, below_home) if home else ""
    is_below_home = given.startswith("~/") and home
    return os.path.join(home, given[2:]) if is_below_home else given


def _sections(path: str) -> RawConfigParser:
    """Return what stands in a file, by heading; a file that is not there holds nothing."""
    parser = RawConfigParser(default_section="")
    content = _content(path) if path else ""
    try:
        parser.read_string(content)
    except Error:  # its message holds the line
        raise ConfigError(f"'{path}' is no file of profiles", f"edit {path}") from None
    return parser


def _content(path: str) -> str:
    try:
        with TextIOWrapper(open_input(path), encoding="utf-8") as file:
            return file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigError(f"'{path}' cannot be read: {reason.lower()}", f"ls -l {path}") from None


def _profile_of(heading: str) -> str:
    """Return the profile that a heading of the config file is for; empty if it is for none."""
    if heading == DEFAULT:
        return heading
    try:
        words = shlex.split(heading)
    except ValueError:
        return ""
    return words[1] if len(words) == 2 and words[0] == "profile" else ""  # noqa: PLR2004 kind, name
