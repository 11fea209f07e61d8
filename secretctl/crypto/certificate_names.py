"""Names in certificates: DNS names, IP addresses, URIs and mail addresses; and which an issuer may.

See: https://www.rfc-editor.org/rfc/rfc5280 (4.2.1.6, 4.2.1.10)
"""

from __future__ import annotations

import ipaddress
import string
from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import NameOID

_LONGEST_NAME, _LONGEST_LABEL = 253, 63
_CALLING = (NameOID.COMMON_NAME, NameOID.EMAIL_ADDRESS)
_OF_LABELS = frozenset(string.ascii_letters + string.digits + "-_")


class CertificateError(Exception):
    """A certificate cannot be made so, or is not what it should be; the message is static."""


def general(text: str) -> x509.GeneralName:
    """Return a name as a certificate has it; its kind is told from how it looks.

    Raises:
        CertificateError: It can be none.
    """
    address = _address(text)
    if address is not None:
        return x509.IPAddress(address)
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise CertificateError("has a name that cannot stand in a certificate")
    if "://" in text:
        return x509.UniformResourceIdentifier(text)
    user, at, domain = text.rpartition("@")
    if bool(user) != bool(at) or not _is_domain(domain.removeprefix("" if at else "*.")):
        raise CertificateError("has a name that cannot stand in a certificate")
    if not at:
        return x509.DNSName(text.lower())
    try:
        return x509.RFC822Name(text)
    except ValueError:
        raise CertificateError("has a name that cannot stand in a certificate") from None


def constraints(permitted: Iterable[str]) -> x509.NameConstraints:
    """Return the extension that lets an issuer give out no other names.

    Args:
        permitted: Domains, which stand for all below them too, and networks, ``10.0.0.0/8``.

    Raises:
        CertificateError: One is neither.
    """
    found: list[x509.GeneralName] = []
    for text in permitted:
        network = _network(text)
        if network is None and not _is_domain(text):
            raise CertificateError("permits a name that is no domain and no network")
        found.append(x509.DNSName(text.lower()) if network is None else x509.IPAddress(network))
    return x509.NameConstraints(found, None)


def called(certificate: x509.Certificate, *, is_authority: bool) -> list[x509.GeneralName]:
    """Return what the subject calls a certificate: there are those who look there for names.

    A common name that no name can be stands for the whole subject, which no constraint of domains
    and networks permits. An authority is often called by its owner: of it, only those count that
    could be the name of a host.
    """
    subject = certificate.subject
    texts = [str(each.value) for oid in _CALLING for each in subject.get_attributes_for_oid(oid)]
    found: list[x509.GeneralName] = []
    for text in texts:
        try:
            found.append(general(text))
        except CertificateError:
            found.append(x509.DirectoryName(subject))
    return [each for each in found if _is_of_host(each)] if is_authority else found


def may(issuer: x509.Certificate, names: Iterable[x509.GeneralName]) -> bool:
    """Tell whether an issuer's constraints let it give out *names*; what is not known lets none."""
    try:
        found = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    permitted, excluded = found.permitted_subtrees or [], found.excluded_subtrees or []
    for name in names:
        of_kind = [each for each in permitted if type(each) is type(name)]
        if permitted and not any(_is_below(name, each) for each in of_kind):
            return False
        if any(type(each) is type(name) and _is_below(name, each) for each in excluded):
            return False
    return all(isinstance(each, (x509.DNSName, x509.IPAddress)) for each in excluded)


def _is_of_host(name: x509.GeneralName) -> bool:
    is_domain = isinstance(name, x509.DNSName) and "." in name.value
    return is_domain or isinstance(name, x509.IPAddress)


def _is_below(name: x509.GeneralName, top: x509.GeneralName) -> bool:
    if isinstance(name, x509.DNSName) and isinstance(top, x509.DNSName):
        domain = top.value.lower().lstrip(".")
        bare = name.value.lower().removeprefix("*.")
        return domain in ("", bare) or bare.endswith("." + domain)
    if isinstance(name, x509.IPAddress) and isinstance(top, x509.IPAddress):
        network, address = top.value, name.value
        return (
            isinstance(network, (ipaddress.IPv4Network, ipaddress.IPv6Network))
            and isinstance(address, (ipaddress.IPv4Address, ipaddress.IPv6Address))
            and address in network
        )
    return False


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= _LONGEST_NAME and all(
        0 < len(label) <= _LONGEST_LABEL and set(label) <= _OF_LABELS and label.strip("-") == label
        for label in labels
    )
