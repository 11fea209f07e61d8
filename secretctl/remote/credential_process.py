"""The credential that a program prints, which a profile names as its ``credential_process``.

See: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from secretctl import json_text
from secretctl.domain.credential import Given
from secretctl.errors import ConfigError, UnsafePermissionsError
from secretctl.model import timestamps
from secretctl.remote.profiles import Profile
from secretctl.store.parents import check_above, trusted

_SETTING = "credential_process"
_MEMBERS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
_PAGE = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html"


def credential(profile: Profile, now_ms: int, run: Callable[[str, str], bytes]) -> Given:
    """Return what the program of *profile* prints.

    Args:
        profile: Which has one.
        now_ms: Milliseconds since 1970.
        run: Runs a command line, without a shell; given its name for messages.

    Raises:
        ConfigError: It fails, or prints no credential, or one that has expired.
        UnsafePermissionsError: Somebody else could have written what is to be run.
    """
    is_secret = _SETTING in profile.credentials
    _refuse_written_by_others(profile.credentials_file if is_secret else profile.config_file)
    name = f"credential_process of the profile ({profile.name})"
    command = profile.get(_SETTING)
    found = _members(run(name, command))
    key_id, secret, token, end = [_text(found.get(each)) for each in _MEMBERS]
    if found.get("Version") != 1 or not key_id or not secret:
        raise ConfigError(f"{name} printed no whole credential of version 1", _PAGE)
    if end and _has_ended(end, now_ms):
        raise ConfigError(f"{name} printed a credential that has expired", "sign in again with it")
    return Given(key_id, secret, token)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _members(printed: bytes) -> dict[str, object]:
    try:
        found = json_text.read(printed.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _has_ended(text: str, now_ms: int) -> bool:
    try:
        return timestamps.milliseconds(text) <= now_ms
    except (ValueError, TypeError):
        return False


def _refuse_written_by_others(path: str) -> None:
    """Refuse a file that says what is run, where somebody else decides what that is."""
    state = os.stat(path)
    if state.st_uid not in trusted() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafePermissionsError(
            f"others may write '{path}', which names a program to run", f"chmod go-w {path}"
        )
    check_above(path)
