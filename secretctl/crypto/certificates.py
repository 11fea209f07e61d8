"""Certificates (X.509, RFC 5280) with their keys: issued by an authority, or by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secretctl.crypto.certificate_names import CertificateError, constraints, general
from secretctl.record import NamedTuple

P256, ED25519 = "EC_prime256v1", "Ed25519"
ALGORITHMS = (P256, ED25519)
USAGES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
}
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LONGEST_COMMON_NAME = 64
_SERIAL_BYTES = 20
_KEY_BYTES = 32
_SPARE_BYTES = 8

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Wanted(NamedTuple):
    """What a certificate is to say."""

    subject: str
    """As RFC 4514 writes it, ``CN=a,O=b``; empty for the first of the names."""

    names: tuple[str, ...]
    """Of its holder, see `certificate_names.general`."""

    usages: tuple[str, ...]
    """Keys of `USAGES`."""

    algorithm: str
    """One of `ALGORITHMS`."""

    is_authority: bool
    permitted: tuple[str, ...]
    """What an authority may give out, see `certificate_names.constraints`; all if there is none."""


class Issued(NamedTuple):
    """A certificate with its key, in PEM. Its ``repr`` shows no key."""

    certificate: str
    private: str
    chain: str
    """The certificates above it, in order; empty where it is of itself."""

    def __repr__(self) -> str:
        """Name what it is."""
        return "<certificate>"


def issue(
    wanted: Wanted,
    issuer: Issued | None,
    begins_s: int,
    ends_s: int,
    random: Callable[[int], bytes],
) -> Issued:
    """Return a new key and its certificate.

    Args:
        wanted: What it is to say.
        issuer: Whose key signs it; None for its own.
        begins_s: From when it is good, in seconds since 1970.
        ends_s: Until when.
        random: Gives unpredictable bytes.

    Raises:
        CertificateError: It cannot be made so, or the issuer's key cannot sign.
    """
    key = _new_key(wanted.algorithm, random)
    subject = subject_of(wanted)
    by = None if issuer is None else certificates(issuer.certificate)[0]
    signer = key if issuer is None else private_key(issuer.private)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.subject)
        .public_key(key.public_key())
        .serial_number((int.from_bytes(random(_SERIAL_BYTES)) >> 1) + 1)
        .not_valid_before(datetime.fromtimestamp(begins_s, UTC))
        .not_valid_after(datetime.fromtimestamp(ends_s, UTC))
    )
    for extension, is_critical in (*_extensions(wanted, key, by), *_names(wanted, subject)):
        builder = builder.add_extension(extension, is_critical)
    made = builder.sign(signer, _hash(signer))
    chain = "" if issuer is None else issuer.certificate.strip() + "\n" + issuer.chain
    return Issued(_pem(made), _private_pem(key), chain)


def certificates(text: str) -> list[x509.Certificate]:
    """Return the certificates of a text in PEM, at least one; raises CertificateError."""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        for each in found:
            _ = each.extensions
    except (ValueError, x509.DuplicateExtension):
        raise CertificateError("is none in PEM") from None
    return found


def private_key(text: str) -> PrivateKey:
    """Return a private key in PEM that signs; raises CertificateError."""
    try:
        found = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, PrivateKey):
        raise CertificateError("has a PrivateKey that is none in PEM, or that has a passphrase")
    return found


def subject_of(wanted: Wanted) -> x509.Name:
    """Return the subject of a certificate; raises CertificateError."""
    if wanted.subject:
        try:
            return x509.Name.from_rfc4514_string(wanted.subject)
        except ValueError:
            raise CertificateError(
                "has a Subject that is not like CN=name,O=organization"
            ) from None
    first = wanted.names[0] if wanted.names else ""
    if not 0 < len(first) <= _LONGEST_COMMON_NAME:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, first)])


def _extensions(
    wanted: Wanted, key: PrivateKey, by: x509.Certificate | None
) -> list[tuple[x509.ExtensionType, bool]]:
    below = 0 if by is not None and wanted.is_authority else None
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(wanted.is_authority, below), True),
        (_key_usage(is_authority=wanted.is_authority), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (_authority_id(key, by), False),
    ]
    if wanted.usages:
        found.append((x509.ExtendedKeyUsage([USAGES[each] for each in wanted.usages]), False))
    if wanted.permitted:
        found.append((constraints(wanted.permitted), True))
    return found


def _names(wanted: Wanted, subject: x509.Name) -> list[tuple[x509.ExtensionType, bool]]:
    """Return the names of the holder; they are critical where it has no subject."""
    if not wanted.names:
        return []
    names = x509.SubjectAlternativeName([general(each) for each in wanted.names])
    return [(names, not list(subject))]


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_id(key: PrivateKey, by: x509.Certificate | None) -> x509.AuthorityKeyIdentifier:
    made = x509.AuthorityKeyIdentifier
    if by is None:
        return made.from_issuer_public_key(key.public_key())
    try:
        own = by.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return made.from_issuer_public_key(by.public_key())  # type: ignore[arg-type]  # it signs
    return made.from_issuer_subject_key_identifier(own)


def _new_key(algorithm: str, random: Callable[[int], bytes]) -> PrivateKey:
    """Return a key from random bytes; for P-256 with 64 bits to spare (FIPS 186-5, A.2.1)."""
    if algorithm == ED25519:
        return ed25519.Ed25519PrivateKey.from_private_bytes(random(_KEY_BYTES))
    number = int.from_bytes(random(_KEY_BYTES + _SPARE_BYTES)) % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | None:
    if isinstance(key, rsa.RSAPrivateKey):
        return hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return hashes.SHA256() if key.key_size <= hashes.SHA256.digest_size * 8 else hashes.SHA384()
    return None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _private_pem(key: PrivateKey) -> str:
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return written.decode("ascii")
