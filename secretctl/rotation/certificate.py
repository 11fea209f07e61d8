"""The value of a secret that is a certificate with its key, in the words of AWS's ACM.

A JSON object. What is to be made: ``SubjectAlternativeNames``, a list; ``Subject``;
``ValidityDays``; ``KeyAlgorithm``; ``ExtendedKeyUsage``, a list; ``CertificateAuthorityArn``, the
secret of the authority that signs it. An authority has ``IsAuthority`` true and may have
``PermittedNames``; without an authority above it, it signs itself. What is made: ``Certificate``,
``CertificateChain`` and ``PrivateKey``, in PEM.

See: https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html
"""

from __future__ import annotations

from secretctl.crypto.certificates import ALGORITHMS, P256, USAGES, Issued, Wanted
from secretctl.record import NamedTuple
from secretctl.rotation import members
from secretctl.rotation.steps import Fields, StepError

_DAYS, _DAYS_OF_AUTHORITY, _MOST_DAYS = 90, 3650, 36_500


class Order(NamedTuple):
    """What a value asks for."""

    wanted: Wanted
    days: int
    authority: str
    """Id of the secret whose certificate signs; empty for its own."""

    members: Fields
    """All members of the object."""

    def __repr__(self) -> str:
        """Name what it is."""
        return "<order of a certificate>"


def read(text: str) -> Order:
    """Return what a value asks for.

    Raises:
        StepError: It does not say enough; the message names the member, and nothing that it holds.
    """
    found = members.read(text)
    is_authority = found.get("IsAuthority", False)
    if not isinstance(is_authority, bool):
        raise StepError("the IsAuthority of the value is neither true nor false")
    authority = _text(found, "CertificateAuthorityArn")
    if not (authority or is_authority):
        raise StepError("the value needs the key CertificateAuthorityArn: the secret of who signs")
    subject, names = _text(found, "Subject"), _texts(found, "SubjectAlternativeNames")
    if is_authority and not subject:
        raise StepError("the value needs the key Subject, such as CN=name,O=organization")
    if not (is_authority or names):
        raise StepError("the value needs the key SubjectAlternativeNames, a list of names")
    wanted = Wanted(
        subject,
        names,
        _usages(found, is_authority=is_authority),
        _algorithm(found),
        is_authority,
        _texts(found, "PermittedNames") if is_authority else (),
    )
    return Order(wanted, _days(found, is_authority=is_authority), authority, found)


def held(text: str, whose: str) -> Issued:
    """Return the certificate that a value holds; raises StepError if it holds none."""
    found = members.read(text, whose)
    return Issued(
        members.needed(found, "Certificate", whose),
        members.needed(found, "PrivateKey", whose),
        _text(found, "CertificateChain", whose),
    )


def written(order: Order, made: Issued) -> str:
    """Return the value with a certificate in it."""
    made_members: Fields = {
        "Certificate": made.certificate,
        "CertificateChain": made.chain,
        "PrivateKey": made.private,
    }
    return members.written(order.members, **made_members)


def _text(found: Fields, name: str, whose: str = "the value") -> str:
    text = found.get(name) or ""
    if not isinstance(text, str):
        raise StepError(f"the {name} of {whose} is no text")
    return text


def _texts(found: Fields, name: str) -> tuple[str, ...]:
    texts = found.get(name) or []
    if not isinstance(texts, list) or not all(isinstance(each, str) and each for each in texts):
        raise StepError(f"the {name} of the value is no list of texts")
    return tuple(texts)


def _usages(found: Fields, *, is_authority: bool) -> tuple[str, ...]:
    default = () if is_authority else ("serverAuth",)
    usages = _texts(found, "ExtendedKeyUsage") or default
    if not set(usages) <= set(USAGES):
        raise StepError(f"the ExtendedKeyUsage of the value is a list of {' and '.join(USAGES)}")
    return usages


def _algorithm(found: Fields) -> str:
    algorithm = _text(found, "KeyAlgorithm") or P256
    if algorithm not in ALGORITHMS:
        raise StepError(f"the KeyAlgorithm of the value is one of {' and '.join(ALGORITHMS)}")
    return algorithm


def _days(found: Fields, *, is_authority: bool) -> int:
    days = found.get("ValidityDays", _DAYS_OF_AUTHORITY if is_authority else _DAYS)
    if type(days) is not int or not 0 < days <= _MOST_DAYS:
        raise StepError(f"the ValidityDays of the value are no number from 1 to {_MOST_DAYS}")
    return days
