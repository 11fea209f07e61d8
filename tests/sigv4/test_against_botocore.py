"""botocore signs and we verify; we sign and it is what botocore makes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretctl.errors import ServiceError
from secretctl.sigv4.canonical import folded, parameters
from secretctl.sigv4.claims import claim
from secretctl.sigv4.keys import Scope, SigningKey
from secretctl.sigv4.request import Request, received
from secretctl.sigv4.signing import Credential, sign
from secretctl.sigv4.verifying import verify
from tests.sigv4.presigning import presign

HOST = "127.0.0.1:8080"
SERVICE = "secretsmanager"
NOT_IN_LINES = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
BLANKS = st.text(" \t", min_size=1, max_size=300)


def token(alphabet: str) -> st.SearchStrategy[str]:
    """Return short words of *alphabet*."""
    return st.text(alphabet, min_size=1, max_size=12)


SEGMENTS = st.one_of(
    st.sampled_from(
        ["", ".", "..", "~", "%7E", "%7e", "%", "%2", "%2F", "a b", "a+b", "é", "%C3%A9"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/?#"), max_size=8),
)
PATHS = st.lists(SEGMENTS, max_size=6).map(
    lambda segments: "".join(f"/{each}" for each in segments)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PAIRS = st.tuples(st.one_of(st.sampled_from(["a", "A", "a-", "X-Amz-"]), TEXTS), TEXTS)
NAMES = st.one_of(
    token("abcxyz-").map(lambda name: f"x-{name}"),
    token("ABCxyz").map(lambda name: f"X-Amz-My-{name}"),
    st.sampled_from(["Content-Type", "content-type", "Accept", "X-Amz-Target"]),
)
VALUES = st.one_of(
    st.lists(st.one_of(BLANKS, st.text(NOT_IN_LINES, max_size=10)), max_size=5).map("".join),
    st.sampled_from(["", " ", "a,b", "a", '"a   b"']),
)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
CREDENTIALS = st.tuples(
    token("ABCDEFGHIJ0123456789"),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.one_of(st.none(), st.text(VISIBLE, min_size=1, max_size=40)),
)
METHODS = st.sampled_from(["GET", "POST", "PUT"])
REGIONS = st.sampled_from(["us-east-1", "eu-west-1", "ap-southeast-2"])


def written(pairs: list[tuple[str, str]]) -> str:
    """Return a query as SDKs write it."""
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs
    )


def of_botocore(request: Request) -> Any:
    """Return the same request, for botocore to sign."""
    query = f"?{request.query}" if request.query else ""
    made = AWSRequest(request.method, f"http://{HOST}{request.path}{query}", data=request.body)
    for name, value in request.headers:
        made.headers[name] = value
    return made


def to_verify(request: Any, body: bytes) -> Request:
    """Return a request that botocore signed as it arrives, with the header its transport adds."""
    url = urlsplit(request.url)
    headers = (("Host", HOST), *request.headers.items())
    return Request(request.method, url.path, url.query, headers, body)


def check(request: Request, secret: str) -> None:
    """Claim and verify, at the time of signing."""
    found = claim(request)
    verify(request, found, SigningKey(secret), found.time_s * 1000, SERVICE)


@settings(deadline=None)
@given(
    METHODS,
    PATHS,
    st.lists(PAIRS, max_size=5),
    HEADERS,
    st.binary(max_size=50),
    CREDENTIALS,
    REGIONS,
)
@example(
    "GET", "/a/../..//b/", [("a", "2"), ("a", "1"), ("a-", "")], [], b"", ("A", "é", None), "x"
)
def test_headers_sign_alike(
    method: str,
    path: str,
    pairs: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    body: bytes,
    credential: tuple[str, str, str | None],
    region: str,
) -> None:
    """Botocore's header form is verified, and ours is the same to the last byte."""
    request = Request(method, path, written(pairs), tuple(headers), body)
    theirs = of_botocore(request)
    botocore.auth.SigV4Auth(Credentials(*credential), SERVICE, region).add_auth(theirs)
    arrived = to_verify(theirs, body)
    check(arrived, credential[1])
    assert claim(arrived).session_token == (credential[2] or "")
    scope = Scope(theirs.headers["X-Amz-Date"], region, SERVICE)
    key_id, secret, session_token = credential
    bare = request._replace(headers=(("Host", HOST), *headers))
    added = sign(bare, Credential(key_id, secret, session_token or ""), scope)
    assert dict(added)["Authorization"] == theirs.headers["Authorization"]
    assert folded((*bare.headers, *added)) == folded(arrived.headers)


@settings(deadline=None)
@given(
    METHODS,
    PATHS,
    st.lists(PAIRS, max_size=5, unique_by=lambda pair: pair[0]),
    HEADERS,
    CREDENTIALS,
    REGIONS,
    st.integers(1, 604_800),
)
def test_addresses_sign_alike(
    method: str,
    path: str,
    pairs: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    credential: tuple[str, str, str | None],
    region: str,
    expires_s: int,
) -> None:
    """Botocore's presigned form is verified, and ours has the same parameters and signature."""
    request = Request(method, path, written(pairs), tuple(headers), b"")
    theirs = of_botocore(request)
    signer = botocore.auth.SigV4QueryAuth(Credentials(*credential), SERVICE, region, expires_s)
    signer.add_auth(theirs)
    arrived = to_verify(theirs, b"")
    check(arrived, credential[1])
    found = claim(arrived)
    assert found.session_token == (credential[2] or "")
    assert found.expires_s == expires_s
    key_id, secret, session_token = credential
    bare = request._replace(headers=(("Host", HOST), *headers))
    ours = presign(bare, Credential(key_id, secret, session_token or ""), found.scope, expires_s)
    assert sorted(parameters(ours)) == sorted(parameters(arrived.query))
    check(bare._replace(query=ours), secret)


@pytest.mark.parametrize(
    ("value", "meant"),
    [(each, each) for each in ("%", "%4", "%4g", "%g4", "a=b", "+")]
    + [("%%41", "%A"), ("100%25", "100%")],
)
def test_what_is_no_escape_stands_for_itself(value: str, meant: str) -> None:
    """A query that no SDK writes is read in one way all the same."""
    credential = Credential("AKIDEXAMPLE", "secret")
    bare = Request("GET", "/", f"a={value}", (("Host", HOST),), b"")
    query = presign(bare, credential, Scope("20231114T221320Z", "us-east-1", SERVICE), 60)
    assert ("a", meant) in parameters(query)
    written_so = query.replace(f"&a={quote(meant, safe='')}", f"&{bare.query}")
    assert written_so != query or quote(meant, safe="") == value
    check(bare._replace(query=written_so), "secret")


def spelled(query: str, choices: Iterator[int]) -> str:
    """Return another spelling of an encoded query: other case, and more encoded than need be."""
    said = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        said.append("=".join(_spelled(part, choices) for part in (name, value)))
    return "&".join(said)


def _spelled(text: str, choices: Iterator[int]) -> str:
    said, rest = "", text
    while rest:
        if rest[0] == "%":
            said += rest[:3].lower() if next(choices) else rest[:3]
            rest = rest[3:]
        else:
            said += f"%{ord(rest[0]):02x}" if next(choices) else rest[0]
            rest = rest[1:]
    return said


@settings(deadline=None)
@given(st.lists(PAIRS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_another_spelling_of_a_query_is_the_same_query(
    pairs: list[tuple[str, str]], random: Any
) -> None:
    """A proxy that writes escapes in another way, or pairs in another order, changes nothing."""
    credential = Credential("AKIDEXAMPLE", "secret")
    scope = Scope("20231114T221320Z", "us-east-1", SERVICE)
    bare = Request("GET", "/", written(pairs), (("Host", HOST),), b"")
    query = presign(bare, credential, scope, 60)
    shuffled = query.split("&")
    random.shuffle(shuffled)
    choices = iter(lambda: random.randrange(2), None)
    other = spelled("&".join(shuffled), choices)
    check(bare._replace(query=other), "secret")


@settings(deadline=None)
@given(st.text(NOT_IN_LINES, max_size=20), st.sampled_from(["utf-8", "latin-1"]))
def test_a_header_may_be_sent_in_either_encoding(value: str, encoding: str) -> None:
    """Signed is the UTF-8 of its text; what cannot be Latin-1 is not sent so."""
    try:
        sent = value.encode(encoding)
    except UnicodeEncodeError:
        return
    bare = Request("GET", "/", "", (("Host", HOST), ("X-Text", value)), b"")
    added = sign(bare, Credential("A", "s"), Scope("20231114T221320Z", "us-east-1", SERVICE))
    wire = [(b"Host", HOST.encode()), (b"x-text", sent)]
    wire += [(name.encode(), told.encode()) for name, told in added]
    request = received("GET", b"/", b"", wire, b"")
    if encoding == "latin-1" and is_utf_8(sent) and not value.isascii():
        return
    check(request, "s")


def is_utf_8(sent: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True


ANY_HEADERS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([b"authorization", b"x-amz-date", b"date", b"host", b"x-amz-target"]),
            st.binary(max_size=6),
        ),
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from(
                [
                    b"AWS4-HMAC-SHA256 Credential=a/20231114/b/secretsmanager/aws4_request, "
                    b"SignedHeaders=host;x-amz-date, Signature=00",
                    b"20231114T221320Z",
                ]
            ),
        ),
    ),
    max_size=6,
)
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"X-Amz-Algorithm=AWS4-HMAC-SHA256",
            b"X-Amz-Date=20231114T221320Z",
            b"X-Amz-Signature=0",
            b"X-Amz-Credential=a/20231114/b/secretsmanager/aws4_request",
            b"X-Amz-SignedHeaders=host",
            b"X-Amz-Security-Token=%FF",
            b"X-Amz-Expires=1",
            b"%58-Amz-Expires=x",
            b"%ff=%ED%A0%80",
        ]
    ),
)


@settings(deadline=None)
@given(st.binary(max_size=12), st.lists(PIECES, max_size=9), ANY_HEADERS, st.binary(max_size=12))
def test_whatever_arrives_is_refused_in_words(
    path: bytes, pieces: list[bytes], headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """No bytes make another error than one of AWS's, whose sentence repeats none of them."""
    request = received("POST", path, b"&".join(pieces), headers, body)
    with pytest.raises(ServiceError) as refused:
        check(request, "secret")
    assert refused.value.code in {
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
    }
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()
