"""``builtin/x509``: what is made is used in TLS, and verified by openssl."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from secretctl.crypto.certificate_check import verify
from secretctl.crypto.certificate_names import CertificateError, constraints, general, may
from secretctl.crypto.certificates import Wanted, issue
from secretctl.rotation import engine
from secretctl.rotation.steps import FINISH, STEPS, RotationError, Step
from tests.conftest import World
from tests.rotation.conftest import SECRET, OfServer, Rotator

NAME, AUTHORITY, HOST = "builtin/x509", "authority", "db.example.com"
HAS_OPENSSL = shutil.which("openssl") is not None
ALGORITHMS = ("EC_prime256v1", "Ed25519")


class Issuing(OfServer):
    """Rotates certificates of a vault whose clock is right."""

    def __init__(self, rotator: Rotator, world: World, folder: Path) -> None:
        super().__init__(rotator, NAME)
        self.reads = (AUTHORITY, "root", "other", "leaf", "below")
        world.clock.now_ms = int(time.time() * 1000)
        self.clock, self.folder = world.clock, folder

    def make(self, secret_id: str, **members: object) -> dict[str, str]:
        """Put an order, and rotate it; return the value."""
        self.put_value(secret_id, **members)
        return self.again(secret_id)

    def again(self, secret_id: str = SECRET) -> dict[str, str]:
        """Rotate a secret; return the value."""
        version = self.begin(SecretId=secret_id)
        arn = str(self.service("DescribeSecret", SecretId=secret_id)["ARN"])
        engine.rotate(self.service.session, arn, version, self.function, self.steps.append)
        return self.held(secret_id)

    def begin(self, **more: object) -> str:
        """Begin a rotation of a secret, the usual one by default."""
        words = {"SecretId": SECRET, "RotationLambdaARN": NAME, **more}
        return str(self.service("RotateSecret", **words)["VersionId"])

    def held(self, secret_id: str = SECRET) -> dict[str, str]:
        """Return the value of a secret."""
        found = self.service("GetSecretValue", SecretId=secret_id)["SecretString"]
        value: dict[str, str] = json.loads(str(found))
        return value

    def put(self, **more: object) -> None:
        """Put the usual order by hand."""
        names = [HOST, "*.db.example.com", "127.0.0.1", "::1", "spiffe://example.com/db", "a@b.com"]
        order = {"CertificateAuthorityArn": AUTHORITY, "SubjectAlternativeNames": names}
        self.put_value(SECRET, **{**order, "note": "kept", **more})

    def refused(self, said: str) -> str:
        """Check that the check and a rotation refuse, and that nothing has changed; return why."""
        before = self.value()
        with pytest.raises(RotationError, match="it would fail: .*" + said) as caught:
            engine.check(self.service.session, self.arn, self.function)
        version = self.begin()
        with pytest.raises(RotationError, match="failed in createSecret: .*" + said):
            self.rotate(version)
        given_up = {"VersionStage": "AWSPENDING", "RemoveFromVersionId": version}
        self.service("UpdateSecretVersionStage", SecretId=SECRET, **given_up)
        assert self.value() == before
        return "\n".join([caught.value.message, *caught.value.hints])

    def file(self, name: str, *texts: str) -> Path:
        """Write texts to a file."""
        path = self.folder / name
        path.write_text("\n".join(texts))
        return path

    def openssl(self, root: str, value: dict[str, str], *more: str) -> str:
        """Have openssl verify a certificate; return what it says."""
        trusted = self.file("root.pem", root)
        between = self.file("between.pem", value["CertificateChain"])
        own = self.file("own.pem", value["Certificate"])
        words = ["openssl", "verify", "-x509_strict", "-CAfile", str(trusted)]
        words += ["-untrusted", str(between), *more, str(own)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return f"{done.stdout}{done.stderr}"


@pytest.fixture
def issuing(rotator: Rotator, world: World, tmp_path: Path) -> Issuing:
    """Rotates certificates; there is an authority, and the usual order."""
    made = Issuing(rotator, world, tmp_path)
    made.make(AUTHORITY, IsAuthority=True, Subject="CN=Example CA,O=Example")
    made.put()
    return made


def shake_hands(issuing: Issuing, value: dict[str, str], root: str, *, mutual: bool) -> str:
    """Open a connection over TLS to a server with a certificate; return the peer's answer."""
    pem = issuing.file("server.pem", value["PrivateKey"], value["Certificate"])
    trusted = issuing.file("trusted.pem", root)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=trusted)
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT  # set from Python 3.13 on
    if mutual:
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        server.verify_mode = ssl.CERT_REQUIRED
        client.load_cert_chain(pem)
    near, far = socket.socketpair()
    said: list[bytes] = []

    def serve() -> None:
        with far, server.wrap_socket(far, server_side=True) as channel:
            channel.sendall(b"hello")
            said.append(channel.recv(5))

    thread = threading.Thread(target=serve)
    thread.start()
    with near, client.wrap_socket(near, server_hostname=HOST) as channel:
        answer = channel.recv(5)
        channel.sendall(answer)
    thread.join()
    assert said == [answer]
    return answer.decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_made_is_used_in_tls(issuing: Issuing, algorithm: str) -> None:
    """Three times, each with another key and another number, by both sides of a connection."""
    issuing.put(KeyAlgorithm=algorithm, ExtendedKeyUsage=["serverAuth", "clientAuth"])
    root = issuing.held(AUTHORITY)["Certificate"]
    seen = set()
    for _ in range(3):
        value = issuing.again()
        assert shake_hands(issuing, value, root, mutual=True) == "hello"
        serial = x509.load_pem_x509_certificate(value["Certificate"].encode()).serial_number
        seen |= {serial, value["PrivateKey"]}
    assert len(seen) == 6
    assert (value["note"], value["CertificateChain"].strip()) == ("kept", root.strip())


@pytest.mark.skipif(not HAS_OPENSSL, reason="openssl is not installed")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("of_authority", ALGORITHMS)
def test_openssl_verifies_what_is_made(issuing: Issuing, algorithm: str, of_authority: str) -> None:
    """Strictly, for its purpose and its names, under an authority of an authority."""
    root = issuing.make("root", IsAuthority=True, Subject="CN=Root", KeyAlgorithm=of_authority)[
        "Certificate"
    ]
    middle = issuing.make(
        AUTHORITY, IsAuthority=True, Subject="CN=Middle", CertificateAuthorityArn="root"
    )
    assert "own.pem: OK" in issuing.openssl(root, middle)
    issuing.put(KeyAlgorithm=algorithm)
    value = issuing.again()
    assert value["CertificateChain"].split() == [*middle["Certificate"].split(), *root.split()]
    for name in (["-verify_hostname", HOST], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]):
        assert "own.pem: OK" in issuing.openssl(root, value, "-purpose", "sslserver", *name)
    assert "mismatch" in issuing.openssl(root, value, "-verify_hostname", "other.example.com")
    assert "unsuitable certificate purpose" in issuing.openssl(root, value, "-purpose", "sslclient")


def test_what_a_browser_asks_for_is_there(issuing: Issuing) -> None:
    """The rules of the web's own authorities hold, as far as a library knows them."""
    value = issuing.again()
    own = x509.load_pem_x509_certificate(value["Certificate"].encode())
    root = x509.load_pem_x509_certificate(issuing.held(AUTHORITY)["Certificate"].encode())
    store = verification.Store([root])
    policy = verification.PolicyBuilder().store(store).time(datetime.now(UTC))
    policy.build_server_verifier(x509.DNSName(HOST)).verify(own, [])
    of = own.extensions.get_extension_for_class
    assert (own.subject.rfc4514_string(), own.issuer) == (f"CN={HOST}", root.subject)
    assert list(of(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert of(x509.KeyUsage).critical
    assert of(x509.KeyUsage).value.digital_signature
    basic = of(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, False)
    above = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert of(x509.AuthorityKeyIdentifier).value.key_identifier == above.digest
    assert own.not_valid_after_utc - own.not_valid_before_utc == timedelta(days=90, minutes=5)
    assert 100 < own.serial_number.bit_length() < 160


@pytest.mark.skipif(not HAS_OPENSSL, reason="openssl is not installed")
def test_an_authority_made_elsewhere_signs_too(issuing: Issuing) -> None:
    """As openssl makes one, with a key of RSA and no word of what that is for."""
    key, own = issuing.folder / "ca.key", issuing.folder / "ca.pem"
    made = ["-keyout", str(key), "-out", str(own), "-subj", "/CN=Old", "-days", "365"]
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made]
    subprocess.run(words, check=True, capture_output=True)
    issuing.clock.now_ms = int(time.time() * 1000)
    issuing.put_value(AUTHORITY, Certificate=own.read_text(), PrivateKey=key.read_text())
    value = issuing.again()
    assert shake_hands(issuing, value, own.read_text(), mutual=False) == "hello"


def test_a_subject_is_what_the_value_says(issuing: Issuing) -> None:
    """Without one it is the first name, or none where that is too long for it."""
    issuing.put(Subject="CN=app,OU=db,O=Example,C=DE")
    own = x509.load_pem_x509_certificate(issuing.again()["Certificate"].encode())
    assert own.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "DE"
    issuing.put(SubjectAlternativeNames=["a" * 60 + ".example.com"])
    own = x509.load_pem_x509_certificate(issuing.again()["Certificate"].encode())
    assert list(own.subject) == []
    assert own.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


@pytest.mark.parametrize("where", STEPS)
def test_whatever_is_cut_off_is_finished_by_the_next_try(issuing: Issuing, where: str) -> None:
    """With the certificate that was made by the first try."""
    version = issuing.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        issuing.function.run(step)
        if step.name == where:
            raise CutOffError

    with pytest.raises(CutOffError):
        engine.rotate(
            issuing.service.session, issuing.arn, version, issuing.function._replace(run=run), print
        )
    stage = "AWSCURRENT" if where == FINISH else "AWSPENDING"
    made = issuing.value(VersionId=version, VersionStage=stage)
    issuing.rotate(version)
    assert issuing.labels[version] == ["AWSCURRENT"]
    assert issuing.value() == made


def test_a_certificate_of_another_authority_is_found_in_the_third_step(issuing: Issuing) -> None:
    """The authority was made anew after it had been signed: whoever trusts that refuses it."""
    version = issuing.begin()

    def tell(step: str) -> None:
        if step == "testSecret":
            issuing.again(AUTHORITY)

    with pytest.raises(RotationError, match=r"testSecret: .* not from the authority that is named"):
        engine.rotate(issuing.service.session, issuing.arn, version, issuing.function, tell)


@pytest.mark.parametrize("changed", ["PrivateKey", "Certificate"])
def test_what_was_mixed_up_is_found_in_the_third_step(issuing: Issuing, changed: str) -> None:
    """A key and a certificate that are not of each other."""
    other = issuing.again()
    version = issuing.begin()

    def run(step: Step) -> None:
        if step.name == "testSecret":
            call = step.call

            def mixing(operation: str, parameters: dict[str, object]) -> dict[str, object]:
                answer = call(operation, parameters)
                if operation == "GetSecretValue" and parameters["SecretId"] == issuing.arn:
                    value = json.loads(str(answer["SecretString"]))
                    value[changed] = other[changed]
                    answer["SecretString"] = json.dumps(value)
                return answer

            step = step._replace(call=mixing)
        issuing.function.run(step)

    with pytest.raises(RotationError, match=r"testSecret: .* does not belong to its private key"):
        engine.rotate(
            issuing.service.session, issuing.arn, version, issuing.function._replace(run=run), print
        )


def test_an_authority_that_has_ended_signs_nothing(issuing: Issuing) -> None:
    """It is said before anything is made."""
    issuing.clock.pass_days(3651)
    issuing.refused("certificate of the authority or one above it has ended")


def test_a_key_that_is_not_the_authoritys_signs_nothing(issuing: Issuing) -> None:
    """Nor does a certificate that is not an authority's, or that is none."""
    authority = issuing.held(AUTHORITY)
    other = issuing.make("other", IsAuthority=True, Subject="CN=Other")
    issuing.put_value(AUTHORITY, **{**authority, "PrivateKey": other["PrivateKey"]})
    issuing.refused("certificate of the authority does not belong to its private key")
    issuing.put_value(AUTHORITY, **{**authority, "PrivateKey": "hidden words"})
    assert "hidden" not in issuing.refused("PrivateKey that is none in PEM")
    issuing.put_value(AUTHORITY, **{**authority, "Certificate": "hidden words"})
    assert "hidden" not in issuing.refused("certificate of the authority is none in PEM")
    issuing.put_value(AUTHORITY, note="x")
    issuing.refused("the authority's secret needs the key Certificate")


def test_an_authority_that_is_not_there_is_said_to_be_it(issuing: Issuing) -> None:
    """AWS's sentence does not tell which of the two secrets it is about."""
    issuing.put(CertificateAuthorityArn="gone")
    with pytest.raises(RotationError, match="can't find the specified secret") as caught:
        issuing.rotate(issuing.begin())
    assert "that is said of the authority's secret, which the value names" in caught.value.hints


def test_a_certificate_that_is_no_authoritys_signs_nothing(issuing: Issuing) -> None:
    """Whoever may change an order could make one of any certificate otherwise."""
    issuing.make("leaf", CertificateAuthorityArn=AUTHORITY, SubjectAlternativeNames=["a.b"])
    issuing.put(CertificateAuthorityArn="leaf")
    issuing.refused("is not one that may sign others")


def test_an_authority_below_another_signs_no_more_authorities(issuing: Issuing) -> None:
    """One that signs itself may have others below it, these only those who use certificates."""
    issuing.make("below", IsAuthority=True, Subject="CN=b", CertificateAuthorityArn=AUTHORITY)
    issuing.put(IsAuthority=True, Subject="CN=c", CertificateAuthorityArn="below")
    issuing.refused("is signed by one that may not sign it")


@pytest.mark.skipif(not HAS_OPENSSL, reason="openssl is not installed")
def test_an_authority_gives_out_only_what_it_is_permitted(issuing: Issuing) -> None:
    """Domains with all below them, and networks; openssl sees it likewise."""
    permitted = {"PermittedNames": ["example.com", "10.0.0.0/8"], "Subject": "CN=Limited"}
    root = issuing.make(AUTHORITY, IsAuthority=True, **permitted)["Certificate"]
    for name in ("example.org", "notexample.com", "11.0.0.1", "a@example.com", "::1"):
        issuing.put(SubjectAlternativeNames=["a.example.com", name])
        issuing.refused("has a name that an authority above it may not give out")
    issuing.put(SubjectAlternativeNames=["example.com", "a.example.com", "10.1.2.3"])
    assert "own.pem: OK" in issuing.openssl(root, issuing.again())


def test_a_subject_calls_itself_no_more_than_is_permitted(issuing: Issuing) -> None:
    """Who looks for names there takes it for one; an authority below may be called as its owner."""
    permitted = {"PermittedNames": ["example.com", "10.0.0.0/8"], "Subject": "CN=Limited"}
    issuing.make(AUTHORITY, IsAuthority=True, **permitted)
    order = {"SubjectAlternativeNames": ["a.example.com"]}
    mail = "1.2.840.113549.1.9.1=a@example.org,CN=a.example.com"
    names = ("CN=example.org", "CN=a.example.com,CN=11.0.0.1", "CN=admin", "CN=a b,O=c", mail)
    for subject in names:
        issuing.put(**order, Subject=subject)
        issuing.refused("has a Subject that an authority above it may not give out")
    for subject in ("CN=b.example.com,O=a b", "CN=10.1.2.3", "O=admin"):
        issuing.put(**order, Subject=subject)
        issuing.again()
    below = {"IsAuthority": True, "CertificateAuthorityArn": AUTHORITY}
    issuing.make("below", **below, Subject="CN=Example CA")
    with pytest.raises(RotationError, match="has a Subject that an authority"):
        issuing.make("other", **below, Subject="CN=example.org")


def test_a_certificate_that_would_end_too_soon_is_refused(issuing: Issuing) -> None:
    """It is good to the end of the next window, or not made."""
    rules = {"RotationRules": {"AutomaticallyAfterDays": 30}}
    issuing.put(ValidityDays=30)
    with pytest.raises(RotationError, match="the ValidityDays of the value are too few"):
        issuing.rotate(issuing.begin(**rules))
    issuing.put(ValidityDays=31)
    issuing.rotate(issuing.begin())
    issuing.clock.pass_days(3650 - 20)
    assert "rotate the authority first" in issuing.refused("of the authority ends before")


def test_a_certificate_ends_with_its_authority_at_the_latest(issuing: Issuing) -> None:
    """Nothing that it signs is good for longer."""
    issuing.clock.pass_days(3600)
    own, root = (
        x509.load_pem_x509_certificate(each["Certificate"].encode())
        for each in (issuing.again(), issuing.held(AUTHORITY))
    )
    assert own.not_valid_after_utc == root.not_valid_after_utc


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"CertificateAuthorityArn": ""}, "needs the key CertificateAuthorityArn"),
        ({"CertificateAuthorityArn": 1}, "the CertificateAuthorityArn of the value is no text"),
        ({"SubjectAlternativeNames": []}, "needs the key SubjectAlternativeNames"),
        ({"SubjectAlternativeNames": "hidden"}, "SubjectAlternativeNames of the value is no list"),
        ({"SubjectAlternativeNames": ["hidden words"]}, "a name that cannot stand in a"),
        ({"SubjectAlternativeNames": ["hidden..words"]}, "a name that cannot stand in a"),
        ({"SubjectAlternativeNames": ["hïdden.com"]}, "a name that cannot stand in a"),
        ({"Subject": "hidden"}, "has a Subject that is not like"),
        ({"Subject": "C=hidden"}, "has a Subject that is not like"),
        ({"ValidityDays": 0}, "ValidityDays of the value are no number"),
        ({"ValidityDays": "90"}, "ValidityDays of the value are no number"),
        ({"KeyAlgorithm": "hidden"}, "KeyAlgorithm of the value is one of EC_prime256v1"),
        ({"ExtendedKeyUsage": ["hidden"]}, "ExtendedKeyUsage of the value is a list of serverAuth"),
        ({"IsAuthority": "hidden"}, "IsAuthority of the value is neither true nor false"),
        ({"IsAuthority": True}, "needs the key Subject"),
        ({"IsAuthority": True, "Subject": "CN=a", "PermittedNames": ["a b"]}, "no domain and no"),
    ],
)
def test_what_is_wrong_with_the_value_is_named(
    issuing: Issuing, more: dict[str, object], said: str
) -> None:
    """And never what it holds."""
    issuing.put(**more)
    assert "hidden" not in issuing.refused(said)


def test_the_check_of_an_order_changes_nothing(issuing: Issuing) -> None:
    """It is carried out, and thrown away."""
    before = issuing.value(), issuing.labels
    engine.check(issuing.service.session, issuing.arn, issuing.function)
    assert (issuing.value(), issuing.labels) == before


WANTED = Wanted("CN=a", (HOST,), ("serverAuth",), "Ed25519", is_authority=False, permitted=())
ROOT = Wanted("CN=root", (), (), "Ed25519", is_authority=True, permitted=())


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (WANTED._replace(subject="CN=b"), "has another subject or other names"),
        (WANTED._replace(names=("other.example.com",)), "has another subject or other names"),
        (WANTED._replace(usages=("clientAuth",)), "is for another use"),
        (WANTED._replace(is_authority=True), "is for another use"),
    ],
)
def test_a_certificate_that_says_something_else_is_found(other: Wanted, said: str) -> None:
    """Each of what it says is compared with what it is to say."""
    root = issue(ROOT, None, 0, 9, os.urandom)
    made = issue(WANTED, root, 0, 9, os.urandom)
    verify(made, WANTED, root, 1)
    with pytest.raises(CertificateError, match=said):
        verify(made, other, root, 1)


def test_an_authority_of_the_same_name_is_not_the_same() -> None:
    """What counts is who signed it, not who is said to have."""
    root, other = (issue(ROOT, None, 0, 9, os.urandom) for _ in range(2))
    made = issue(WANTED, root, 0, 9, os.urandom)
    with pytest.raises(CertificateError, match="is not signed by the one above it"):
        verify(made._replace(chain=other.certificate), WANTED, other, 1)
    with pytest.raises(CertificateError, match="is not from the authority that is named"):
        verify(made, WANTED, other, 1)


@given(st.text(max_size=80) | st.from_regex(r"[a-z@.*:/-]{1,30}", fullmatch=True))
def test_whatever_is_given_as_a_name_is_one_or_refused(text: str) -> None:
    """Nothing else comes of it, and it is written as it is read."""
    try:
        name = general(text)
    except CertificateError:
        return
    written = x509.SubjectAlternativeName([name]).public_bytes()
    assert len(written) > len(text) - text.count(":") * 3 - text.count("0")


def test_a_constraint_that_is_not_known_lets_nothing_be_given_out() -> None:
    """A domain that is excluded counts as well, and one of another kind cannot be judged."""

    def issuer(found: x509.NameConstraints) -> x509.Certificate:
        key, now = ed25519.Ed25519PrivateKey.generate(), datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
        builder = builder.public_key(key.public_key()).serial_number(1)
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
        return builder.add_extension(found, critical=True).sign(key, None)

    names = [x509.DNSName("a.example.com")]
    assert may(issuer(constraints(["example.com"])), names)
    assert not may(issuer(x509.NameConstraints(None, [x509.DNSName("example.com")])), names)
    assert may(issuer(x509.NameConstraints(None, [x509.DNSName("example.org")])), names)
    mail = x509.NameConstraints(None, [x509.RFC822Name("example.com")])
    assert not may(issuer(mail), names)
