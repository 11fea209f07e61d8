"""The credential of a principal: from the environment, else from the profile that is chosen.

As with ``aws``, a profile that was named on the command line goes before the environment, and the
parts of a credential come from one place.
See: https://docs.aws.amazon.com/cli/latest/topic/config-vars.html
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.cli.config_values import CREDENTIAL
from secretctl.domain.credential import Given
from secretctl.errors import ConfigError

IN_ENVIRONMENT = (
    "SECRETCTL_ACCESS_KEY_ID",
    "SECRETCTL_SECRET_ACCESS_KEY",
    "SECRETCTL_SESSION_TOKEN",
)
_SHOWN_LETTERS = 4


def chosen(
    section: Mapping[str, str], environ: Mapping[str, str], *, is_profile_named: bool
) -> Given | None:
    """Return the credential that is to open the vault; None where the owner's key is.

    Args:
        section: Settings of the profile.
        environ: The environment.
        is_profile_named: Whether ``--profile`` chose the profile.

    Raises:
        ConfigError: A part of it is missing.
    """
    if not is_profile_named:
        given = _whole(environ, IN_ENVIRONMENT, "the environment")
        if given is not None:
            return given
    return _whole(section, CREDENTIAL, "the profile")


def masked(key: str, value: str) -> str:
    """Return the value of a setting as a list of settings shows it: of a secret nothing."""
    if key not in CREDENTIAL:
        return value
    shown = value[-_SHOWN_LETTERS:] if key == CREDENTIAL[0] else "*" * _SHOWN_LETTERS
    return "*" * 16 + shown


def _whole(source: Mapping[str, str], names: tuple[str, str, str], where: str) -> Given | None:
    key_id, secret, token = [source.get(name, "") for name in names]
    if key_id and secret:
        return Given(key_id, secret, token)
    if not (key_id or secret or token):
        return None
    missing = [name for name, value in zip(names[:2], (key_id, secret), strict=True) if not value]
    raise ConfigError(
        f"partial credentials found in {where}, missing: {', '.join(missing)}",
        "secretctl iam create-access-key --user-name NAME gives both, once",
    )
