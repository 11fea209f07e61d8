"""Who a request says it comes from, read before anybody knows whether that is true.

Errors and sentences are AWS's for a service that speaks JSON, without what they repeat of the
request.
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretctl.errors import ServiceError
from secretctl.record import NamedTuple
from secretctl.sigv4.canonical import (
    SIGNATURE,
    canonical_headers,
    canonical_query,
    folded,
    parameters,
)
from secretctl.sigv4.keys import ALGORITHM, DATE_DIGITS, TERMINATOR, Scope
from secretctl.sigv4.request import Request
from secretctl.sigv4.times import basic_of, seconds

LONGEST_S = 604_800
"""A presigned address holds for seven days at most."""

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
_PARTS = ("Credential", "Signature", "SignedHeaders")
_EXPIRES_DIGITS = 6
_CONTENT = "x-amz-content-sha256"


class Claim(NamedTuple):
    """What a signed request claims. Its ``repr`` shows no session token."""

    key_id: str
    session_token: str
    """Empty where there is none."""

    scope: Scope
    time_s: int
    """When it was signed, seconds since 1970."""

    expires_s: int | None
    """For how long a presigned address holds; None where it does not say so."""

    is_presigned: bool
    signature: str
    query: str
    """In canonical form, without the signature."""

    headers: str
    """Those that are signed, in canonical form."""

    content: str
    """What the request says the hash of its body is; empty where it says nothing."""

    def __repr__(self) -> str:
        """Name the key and the scope."""
        return f"<claim {self.key_id}/{self.scope}>"


class _Parts(NamedTuple):
    """The parts of a signature, as they were found in headers or query."""

    algorithm: str
    credential: str
    signature: str
    signed_headers: str
    date: str


def claim(request: Request) -> Claim:
    """Return what *request* claims.

    Raises:
        ServiceError: MissingAuthenticationTokenException, IncompleteSignatureException, or
            InvalidSignatureException where no secret could make it valid.
    """
    headers, pairs = folded(request.headers), parameters(request.query)
    told = _told(pairs)
    is_presigned = _is_presigned(told, headers)
    parts = _of_query(told) if is_presigned else _of_header(headers)
    key_id, scope, time_s = _scope(parts)
    names = parts.signed_headers.split(";")
    _check_signed(names, headers)
    if is_presigned:
        pairs = [pair for pair in pairs if pair[0] != SIGNATURE]
    else:
        told = {}
    return Claim(
        key_id,
        told.get("X-Amz-Security-Token") or headers.get("x-amz-security-token", ""),
        scope,
        time_s,
        _expires(told),
        is_presigned,
        parts.signature,
        canonical_query(pairs),
        canonical_headers(names, headers),
        _content(told) or headers.get(_CONTENT, ""),
    )


def invalid(message: str) -> ServiceError:
    """Return the error of a signature that does not hold."""
    return ServiceError("InvalidSignatureException", message)


def _incomplete(message: str) -> ServiceError:
    return ServiceError("IncompleteSignatureException", message)


def _is_presigned(told: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    is_presigned, authorization = "X-Amz-Algorithm" in told, headers.get("authorization")
    if not authorization and not is_presigned:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
    if authorization and is_presigned:
        raise invalid(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
            "header."
        )
    return is_presigned


def _of_header(headers: Mapping[str, str]) -> _Parts:
    algorithm, _, rest = headers["authorization"].partition(" ")
    words = [word.partition("=") for word in rest.replace(",", " ").split()]
    if algorithm == ALGORITHM and "" in [equals for _, equals, _ in words]:
        raise _incomplete("Invalid key=value pair (missing equal-sign) in Authorization header.")
    told = _told([(name, value) for name, _, value in words])
    missing = [
        f"Authorization header requires '{part}' parameter."
        for part in _PARTS
        if not told.get(part)
    ]
    date = headers.get("x-amz-date") or basic_of(headers.get("date", ""))
    if not date:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if missing:
        raise _incomplete(" ".join(missing))
    return _Parts(algorithm, told["Credential"], told["Signature"], told["SignedHeaders"], date)


def _of_query(told: Mapping[str, str]) -> _Parts:
    names = [f"X-Amz-{part}" for part in ("Algorithm", *_PARTS, "Date")]
    missing = [
        f"AWS query-string parameters must include '{name}'."
        for name in names
        if not told.get(name)
    ]
    if missing:
        raise _incomplete(" ".join([*missing, "Re-examine the query-string parameters."]))
    return _Parts(*[told[name] for name in names])


def _told(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return values by name; empty is one that is not text, or has another of its name."""
    told: dict[str, str] = {}
    for name, value in pairs:
        is_text = value.isascii() and value.isprintable()
        told[name] = value if is_text and name not in told else ""
    return told


def _scope(parts: _Parts) -> tuple[str, Scope, int]:
    """Return the key's id, the scope and the time in seconds."""
    time_s = seconds(parts.date)
    if time_s is None:
        raise _incomplete(
            "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    if parts.algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm' (only {ALGORITHM} for now).")
    elements = parts.credential.split("/")
    if len(elements) != len(("keyid", "date", "region", "service", "term")):
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term."
        )
    key_id, date, region, service, terminator = elements
    if terminator != TERMINATOR:
        raise invalid(f"Credential should be scoped with a valid terminator: '{TERMINATOR}'.")
    if date != parts.date[:DATE_DIGITS]:
        raise invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP."
        )
    return key_id, Scope(parts.date, region, service), time_s


def _check_signed(names: list[str], headers: Mapping[str, str]) -> None:
    """Check that what has a meaning is signed, and that what is signed is there, in order."""
    signed = set(names)
    if "host" not in signed:
        raise invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    if [name for name in headers if name.startswith("x-amz-") and name not in signed]:
        raise invalid("Each 'X-Amz-*' header must be a 'SignedHeader' in the AWS Authorization.")
    if names != sorted(signed) or not signed <= headers.keys():
        raise invalid(MISMATCH)


def _expires(told: Mapping[str, str]) -> int | None:
    digits = told.get("X-Amz-Expires")
    if digits is None:
        return None
    is_number = digits.isdigit() and len(digits) <= _EXPIRES_DIGITS
    if not is_number or not 1 <= int(digits) <= LONGEST_S:
        raise _incomplete(f"X-Amz-Expires must be between 1 and {LONGEST_S} seconds.")
    return int(digits)


def _content(told: Mapping[str, str]) -> str:
    """Return the hash that stands in an address, where SDKs move the header with its case."""
    return "".join([value for name, value in told.items() if name.lower() == _CONTENT])
