"""Names, ARNs and the other identifiers a caller gives.

An ARN is ``arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX``, the suffix six letters or
digits. A partial ARN is one without hyphen and suffix.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.errors import ServiceError
from secretctl.record import NamedTuple

SUFFIX_LENGTH = 6
ANY_SUFFIX = "?" * SUFFIX_LENGTH
"""Stands in a policy for the characters behind the last hyphen of an ARN."""

_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_IN_NAME = _LETTERS_AND_DIGITS + "/_+=.@!-"
_IN_IDENTIFIER = _IN_NAME + ":"
_IN_REQUEST_NAME = _LETTERS_AND_DIGITS + "_+=.@-"
_REGION = r"([a-z]+-)+[0-9]+"
_IN_REGION = "abcdefghijklmnopqrstuvwxyz0123456789-"
_LONGEST_REGION = 63
_ARN_PARTS = 7


class Candidate(NamedTuple):
    """A secret to look up."""

    region: str
    name: str
    suffix: str | None
    """What the secret's ARN must end in; None for any."""


def check_name(name: str) -> None:
    """Check the characters of a secret's name; its length is the declaration's business.

    Raises:
        ServiceError: ``ValidationException``, a character AWS does not allow.
    """
    if not name or name.strip(_IN_NAME):
        raise _invalid_name()


def parse_secret_id(secret_id: str, *, region: str, account: str) -> tuple[Candidate, ...]:
    """Tell which secrets a SecretId may mean, in the order to look them up.

    A plain name is a name, whatever it ends in. A rest of an ARN that ends like a suffix is read
    as one, so a partial ARN never finds a name that itself ends in a hyphen and six letters or
    digits: AWS answers the same.

    Args:
        secret_id: Name, ARN or partial ARN, as given.
        region: Region of the call; an ARN must name the same.
        account: Twelve digits; an ARN must name the same.

    Raises:
        ServiceError: ``ValidationException``, a character no identifier has;
            ``ResourceNotFoundException``, a malformed ARN or one of another place.
    """
    if not secret_id.startswith("arn:"):
        check_name(secret_id)
        return (Candidate(region=region, name=secret_id, suffix=None),)
    if secret_id.strip(_IN_IDENTIFIER):
        raise _invalid_name()
    parts = secret_id.split(":")
    if len(parts) != _ARN_PARTS or not parts[-1]:
        raise not_found()
    if parts[:-1] != ["arn", "aws", "secretsmanager", region, account, "secret"]:
        raise not_found()
    if ends_like_suffix(parts[-1]):
        name, _, suffix = parts[-1].rpartition("-")
        return (Candidate(region=region, name=name, suffix=suffix),)
    return (Candidate(region=region, name=parts[-1], suffix=None),)


def ends_like_suffix(name: str) -> bool:
    """Tell whether *name* ends in a hyphen and six letters or digits, as an ARN does."""
    before, _, ending = name.rpartition("-")
    return bool(before) and len(ending) == SUFFIX_LENGTH and not ending.strip(_LETTERS_AND_DIGITS)


def not_found() -> ServiceError:
    """Return AWS's error for a SecretId that means nothing here."""
    return ServiceError(
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
    )


def arn(region: str, account: str, name: str, suffix: str) -> str:
    """Return the full ARN of a secret."""
    return f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}"


def suffix(random: Callable[[int], bytes]) -> str:
    """Return six letters or digits for a new ARN, each equally likely."""
    from secretctl.domain.chance import below

    return "".join(
        _LETTERS_AND_DIGITS[below(random, len(_LETTERS_AND_DIGITS))] for _ in range(SUFFIX_LENGTH)
    )


def is_region(text: str) -> bool:
    """Tell whether a vault may have a region of that name, and a host: one label (RFC 1123)."""
    fits = 0 < len(text) <= _LONGEST_REGION and not text.startswith("-")
    return fits and not text.strip(_IN_REGION)


def check_region(region: str) -> None:
    """Check that *region*, of a replica, has the form AWS publishes for region names.

    Raises:
        ServiceError: ``ValidationException``.
    """
    import re

    if not re.fullmatch(_REGION, region):
        raise ServiceError(
            "ValidationException",
            "1 validation error detected: Value at 'region' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ^([a-z]+-)+\d+$",
        )


def check_token(token: str) -> None:
    """Check the characters of a ClientRequestToken; its length is the declaration's business.

    AWS publishes no pattern. The token becomes a version's id and is printed, so it is held to
    the characters of names, without the slash.

    Raises:
        ServiceError: ``ValidationException``.
    """
    if not token or token.strip(_IN_REQUEST_NAME):
        raise ServiceError(
            "ValidationException",
            "1 validation error detected: Value at 'clientRequestToken' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[A-Za-z0-9_+=.@-]+$",
        )


def _invalid_name() -> ServiceError:
    return ServiceError(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, "
        "or any of the following: -/_+=.@!",
    )
