"""The credential that signs requests, looked for where AWS's tools look, in their order.

A profile that was named on the command line goes before the environment. Roles, SSO, web
identities, containers and instances are botocore's, which is imported only where nothing nearer
says who asks.
See: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretctl.domain.credential import Given
from secretctl.errors import ConfigError
from secretctl.remote import credential_process
from secretctl.remote.profiles import Profile

_IN_ENVIRONMENT = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    *("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"),
)
"""Of the two names of a token, botocore reads the older one first."""

_IN_FILE = tuple(name.lower() for name in _IN_ENVIRONMENT)
_OF_BOTOCORE = ("role_arn", "web_identity_token_file", "login_session")
"""Settings of a profile whose credential is fetched from AWS; with those that are of SSO."""

_MAYBE_ELSEWHERE = (
    *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables that name other places."""

_INSTALL = "pip install 'secretctl[aws]'"

Run = Callable[[str, str], bytes]
"""Runs a command line; given its name for messages."""


def find(
    profile: Profile, environ: Mapping[str, str], now_ms: int, run: Run, *, is_named: bool
) -> Given:
    """Return the credential that signs.

    Args:
        profile: Of AWS's files.
        environ: The environment.
        now_ms: Milliseconds since 1970.
        run: Runs a ``credential_process``.
        is_named: Whether ``--profile`` chose the profile.

    Raises:
        ConfigError: There is none, a part of it is missing, or it cannot be had.
    """
    if not is_named and environ.get(_IN_ENVIRONMENT[0]):
        given = {name: environ[name] for name in _IN_ENVIRONMENT if environ.get(name)}
        return _whole(given, _IN_ENVIRONMENT, "env")
    if _is_fetched(profile):
        needs = (
            f"the profile ({profile.name}) has a role, SSO or a web identity: that needs botocore"
        )
        return _fetched(profile.name if is_named else None, ConfigError(needs, _INSTALL))
    if profile.credentials.get(_IN_FILE[0]):
        return _whole(profile.credentials, _IN_FILE, "the shared credentials file")
    if profile.get("credential_process"):
        return credential_process.credential(profile, now_ms, run)
    if profile.config.get(_IN_FILE[0]):
        return _whole(profile.config, _IN_FILE, "the config file")
    there = [
        f"{name} is for botocore: {_INSTALL}" for name in _MAYBE_ELSEWHERE if environ.get(name)
    ]
    return _fetched(profile.name if is_named else None, _none_found(*there[:1]))


def _whole(source: Mapping[str, str], names: tuple[str, ...], where: str) -> Given:
    key_name, secret_name, *token_names = names
    token = next((source[name] for name in token_names if name in source), "")
    key_id, secret = source.get(key_name, ""), source.get(secret_name, "")
    if not secret:
        raise ConfigError(
            f"partial credentials found in {where}, missing: {secret_name}",
            "a key id and its secret stand in one place",
        )
    parts = (key_id, secret, token)
    if not all(part.isascii() and part.isprintable() and " " not in part for part in parts):
        raise ConfigError(
            f"the credential of {where} holds a character that none has", "give it without blanks"
        )
    return Given(key_id, secret, token)


def _is_fetched(profile: Profile) -> bool:
    names = (*profile.config, *profile.credentials)
    return any(name in _OF_BOTOCORE or name.startswith("sso_") for name in names)


def _fetched(named: str | None, without: ConfigError) -> Given:
    """Return what botocore finds; where it is not installed, raise *without*."""
    try:
        from secretctl.remote import with_botocore
    except ImportError:
        raise without from None
    found = with_botocore.credential(named)
    if found is None:
        raise _none_found()
    return found


def _none_found(*hints: str) -> ConfigError:
    return ConfigError(
        "unable to locate credentials",
        *hints,
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws: "
        "--profile NAME",
    )
