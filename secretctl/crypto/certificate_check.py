"""Whether a certificate is what it should be: its key, its dates, its names, and who signed it.

See: https://www.rfc-editor.org/rfc/rfc5280 (6.1)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from secretctl.crypto.certificate_names import CertificateError, called, general, may
from secretctl.crypto.certificates import (
    USAGES,
    Issued,
    PrivateKey,
    Wanted,
    certificates,
    private_key,
    subject_of,
)


def verify(issued: Issued, wanted: Wanted, issuer: Issued | None, now_s: int) -> None:
    """Verify a certificate as its holder's peers do, and that it says what it is to say.

    Args:
        issued: The certificate, its key, and what is above it.
        wanted: What it is to say.
        issuer: Whose certificate must be next above it; None if it is of itself.
        now_s: When, in seconds since 1970.

    Raises:
        CertificateError: It is not so; the message goes on behind the name of the certificate.
    """
    own = certificates(issued.certificate)[0]
    if _spki(private_key(issued.private)) != _spki(own):
        raise CertificateError("does not belong to its private key")
    chain = [own, *(certificates(issued.chain) if issued.chain else [])]
    above = own if issuer is None else certificates(issuer.certificate)[0]
    if (own if issuer is None else next(iter(chain[1:]), None)) != above:
        raise CertificateError("is not from the authority that is named")
    _check_said(own, wanted)
    check_chain(chain, now_s)
    if issuer is None:
        _check_signed(own, own)


def check_chain(chain: Sequence[x509.Certificate], now_s: int) -> None:
    """Check that each is signed by the next, which may do that, and that all are good now.

    Raises:
        CertificateError: It is not so.
    """
    now = datetime.fromtimestamp(now_s, UTC)
    for each in chain:
        if not each.not_valid_before_utc <= now < each.not_valid_after_utc:
            raise CertificateError("or one above it has ended, or is not good yet")
    first = 1 if is_authority(chain[0]) else 0
    for depth, (below, above) in enumerate(pairwise(chain), first):
        if not is_authority(above, depth):
            raise CertificateError("is signed by one that may not sign it")
        _check_signed(below, above)
        if not may(above, _names(chain[0])):
            raise CertificateError("has a name that an authority above it may not give out")
        if not may(above, called(chain[0], is_authority=is_authority(chain[0]))):
            raise CertificateError("has a Subject that an authority above it may not give out")


def is_authority(certificate: x509.Certificate, depth: int = 0) -> bool:
    """Tell whether a certificate may sign others, with *depth* authorities between."""
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    is_short = basic.path_length is None or basic.path_length >= depth
    return basic.ca and is_short and (usage is None or usage.key_cert_sign)


def belongs(private: str, certificate: str) -> bool:
    """Tell whether a private key is that of a certificate; raises CertificateError."""
    return _spki(private_key(private)) == _spki(certificates(certificate)[0])


def ends_s(texts: Sequence[str]) -> int:
    """Return when the first of some certificates ends, in seconds since 1970."""
    found = [each for text in texts for each in certificates(text)]
    return min(int(each.not_valid_after_utc.timestamp()) for each in found)


def _check_signed(below: x509.Certificate, above: x509.Certificate) -> None:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        raise CertificateError("is not signed by the one above it") from None


def _check_said(own: x509.Certificate, wanted: Wanted) -> None:
    names = [general(each) for each in wanted.names]
    if own.subject != subject_of(wanted) or _names(own) != names:
        raise CertificateError("has another subject or other names than the value says")
    try:
        usages = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usages = x509.ExtendedKeyUsage([])
    if is_authority(own) != wanted.is_authority or list(usages) != [
        USAGES[each] for each in wanted.usages
    ]:
        raise CertificateError("is for another use than the value says")


def _names(certificate: x509.Certificate) -> list[x509.GeneralName]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(found.value)


def _spki(of: PrivateKey | x509.Certificate) -> bytes:
    return of.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
