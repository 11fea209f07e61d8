"""The settings of the configuration file, and what is wrong with a value of one."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli.options import OUTPUTS
from secretctl.domain.names import is_region

CREDENTIAL = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
KEYS = ("vault", "region", "output", "account", "audit.names", *CREDENTIAL)
"""Settings; one with a dot stands in a table of its own: ``[audit]`` with ``names``."""

NAMES = ("plain", "hmac")
"""How names of secrets stand in the journal."""

_EXAMPLES = {
    "vault": "~/vault",
    "region": "eu-west-1",
    "output": "json",
    "account": "123456789012",
    "audit.names": "hmac",
    "aws_access_key_id": "AKIA…",
    "aws_secret_access_key": "…",
    "aws_session_token": "…",
}
_ACCOUNT_DIGITS = 12


def problem(key: str, value: str) -> str | None:
    """Return what is wrong with *value*, without quoting it."""
    is_right, wrong = _CHECKS[key]
    return None if is_right(value) else wrong


def example(key: str) -> str:
    """Return a value that *key* takes."""
    return _EXAMPLES[key]


def is_account(value: str) -> bool:
    """Tell whether *value* is an account id: twelve digits."""
    return value.isascii() and value.isdigit() and len(value) == _ACCOUNT_DIGITS


def _is_key_id(value: str) -> bool:
    return value.isascii() and value.isalnum()


def _is_token(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _is_folder(value: str) -> bool:
    return value.startswith(("/", "~/")) and value.isprintable()


_NO_CREDENTIAL = "is no part of a credential"
_CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "vault": (_is_folder, "is neither an absolute path nor begins with ~/"),
    "region": (is_region, "is not the name of a region"),
    "output": (OUTPUTS.__contains__, f"is none of {', '.join(OUTPUTS)}"),
    "account": (is_account, "is not twelve digits"),
    "audit.names": (NAMES.__contains__, f"is none of {', '.join(NAMES)}"),
    "aws_access_key_id": (_is_key_id, _NO_CREDENTIAL),
    "aws_secret_access_key": (_is_token, _NO_CREDENTIAL),
    "aws_session_token": (_is_token, _NO_CREDENTIAL),
}
