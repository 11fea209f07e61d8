"""What is refused, by name and sentence; and that nothing of a request is repeated."""

from collections.abc import Callable

import pytest

from secretctl.sigv4.claims import MISMATCH, claim
from secretctl.sigv4.request import Request
from tests.sigv4.requests import (
    BARE,
    BODY,
    NOW,
    SECRET,
    TOKEN,
    check,
    presigned,
    refusal,
    signed,
    signed_as,
    with_header,
)


def authorized(change: Callable[[str], str]) -> Request:
    """Return a signed request with another Authorization header."""
    request = signed()
    value = dict(request.headers)["Authorization"]
    return with_header(request, "Authorization", change(value))


def queried(change: Callable[[str], str]) -> Request:
    """Return a presigned request with another query."""
    request = presigned()
    return request._replace(query=change(request.query))


@pytest.mark.parametrize("token", ["", TOKEN])
def test_what_was_signed_is_verified(token: str) -> None:
    """Both forms hold, with and without a session token, which the claim names."""
    for request in (signed(token=token), presigned(token=token)):
        check(request)
        assert claim(request).session_token == token


INCOMPLETE = {
    "no scheme": (
        lambda _: "Bearer eyJhbGciOi",
        "Authorization header requires 'Credential' parameter. Authorization header requires "
        "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    ),
    "version 2": (
        lambda _: "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=",
        "Authorization header requires 'Credential' parameter. Authorization header requires "
        "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    ),
    "no credential": (
        lambda value: value.replace("Credential=", "Cred="),
        "Authorization header requires 'Credential' parameter.",
    ),
    "empty signature": (
        lambda value: value.split("Signature=")[0] + "Signature=",
        "Authorization header requires 'Signature' parameter.",
    ),
    "two signatures": (
        lambda value: f"{value}, Signature=00",
        "Authorization header requires 'Signature' parameter.",
    ),
    "no signed headers": (
        lambda value: value.replace("SignedHeaders=", "SignedHeader="),
        "Authorization header requires 'SignedHeaders' parameter.",
    ),
    "no equal sign": (
        lambda value: value.replace("Signature=", "Signature "),
        "Invalid key=value pair (missing equal-sign) in Authorization header.",
    ),
    "two headers": (
        lambda value: f"{value}, {value}",
        "Invalid key=value pair (missing equal-sign) in Authorization header.",
    ),
    "asymmetric": (
        lambda value: value.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now).",
    ),
    "four elements": (
        lambda value: value.replace("/aws4_request", ""),
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term.",
    ),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_an_incomplete_header_is_told_as_aws_tells_it(name: str) -> None:
    """IncompleteSignatureException says which part is missing, and repeats none."""
    change, sentence = INCOMPLETE[name]
    assert refusal(authorized(change)) == ("IncompleteSignatureException", sentence)


PARTS = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("change", ["{0}2", "{0}=&{0}", "{0}=%FF&Not{0}"])
def test_an_incomplete_address_is_told_as_aws_tells_it(part: str, change: str) -> None:
    """The same for a parameter that is missing, given twice, or not text."""
    request = queried(lambda query: query.replace(part, change.format(part)))
    assert refusal(request) == (
        "IncompleteSignatureException",
        f"AWS query-string parameters must include '{part}'. "
        "Re-examine the query-string parameters.",
    )


def test_no_signature_is_a_missing_token() -> None:
    """A request without one, or with an empty header, is not authenticated."""
    missing = ("MissingAuthenticationTokenException", "Missing Authentication Token")
    assert refusal(BARE) == missing
    assert refusal(with_header(BARE, "Authorization", " ")) == missing


def test_both_forms_at_once_are_refused() -> None:
    """It is not chosen between header and address."""
    both = presigned()
    both = both._replace(headers=(*both.headers, ("Authorization", "AWS4-HMAC-SHA256 x=y")))
    code, sentence = refusal(both)
    assert code == "InvalidSignatureException"
    assert sentence.startswith("Found both 'X-Amz-Algorithm' as a query-string param")


@pytest.mark.parametrize(
    "date",
    [
        "2023-11-14T22:13:20Z",
        "20231114T221320",
        "20231314T221320Z",
        "20231114T221320z",
        "20231114 221320Z",
        "x",
    ],
)
def test_a_date_that_is_none_is_refused(date: str) -> None:
    """Only the basic form is one."""
    assert refusal(with_header(signed(), "X-Amz-Date", date)) == (
        "IncompleteSignatureException",
        "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601",
    )


def test_a_signature_without_a_date_is_refused() -> None:
    """Neither X-Amz-Date nor Date."""
    code, sentence = refusal(with_header(signed(), "X-Amz-Date", ""))
    assert code == "IncompleteSignatureException"
    assert sentence == (
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    )


SCOPED = [
    ("secretsmanager", "kms", "Credential should be scoped to correct service: 'secretsmanager'."),
    (
        "20231114",
        "20231113",
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
    ),
    (
        "aws4_request",
        "aws5_request",
        "Credential should be scoped with a valid terminator: 'aws4_request'.",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), SCOPED)
def test_a_wrong_scope_is_told_as_aws_tells_it(right: str, wrong: str, sentence: str) -> None:
    """Service, day and terminator must be those of the request."""
    request = authorized(lambda value: value.replace(right, wrong))
    assert refusal(request) == ("InvalidSignatureException", sentence)


def test_a_changed_region_does_not_match() -> None:
    """The key is of one region."""
    request = authorized(lambda value: value.replace("eu-west-1", "eu-west-2"))
    assert claim(request).scope.region == "eu-west-2"
    assert refusal(request) == ("InvalidSignatureException", MISMATCH)


CHANGED: dict[str, Callable[[Request], Request]] = {
    "method": lambda request: request._replace(method="PUT"),
    "path": lambda request: request._replace(path="/x"),
    "body": lambda request: request._replace(body=BODY + b" "),
    "no body": lambda request: request._replace(body=b""),
    "query": lambda request: request._replace(query=f"{request.query}&a=b".strip("&")),
    "host": lambda request: with_header(request, "Host", "127.0.0.1:8081"),
    "no host": lambda request: with_header(request, "Host", ""),
    "target": lambda request: with_header(request, "X-Amz-Target", "secretsmanager.DeleteSecret"),
    "another target": lambda request: request._replace(
        headers=(*request.headers, ("x-amz-target", "secretsmanager.DeleteSecret"))
    ),
    "content type": lambda request: with_header(request, "Content-Type", "text/plain"),
}


@pytest.mark.parametrize("form", [signed, presigned])
@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_after_signing_does_not_match(
    name: str, form: Callable[[], Request]
) -> None:
    """Each part of a request is signed, in both forms."""
    assert refusal(CHANGED[name](form())) == ("InvalidSignatureException", MISMATCH)


@pytest.mark.parametrize("form", [signed, presigned])
def test_another_secret_does_not_match(form: Callable[[], Request]) -> None:
    """Only the secret makes the signature."""
    assert refusal(form(), secret=SECRET + "x") == ("InvalidSignatureException", MISMATCH)


SIGNATURES: dict[str, Callable[[str], str]] = {
    "one digit": lambda made: ("0" if made[0] != "0" else "1") + made[1:],
    "upper case": str.upper,
    "cut off": lambda made: made[:-1],
    "longer": lambda made: made + "0",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_that_is_nearly_right_does_not_match(name: str) -> None:
    """One digit, case and length count."""

    def changed(text: str) -> str:
        before, made = text.rsplit("Signature=", 1)
        assert SIGNATURES[name](made) != made
        return f"{before}Signature={SIGNATURES[name](made)}"

    for request in (authorized(changed), queried(changed)):
        assert refusal(request) == ("InvalidSignatureException", MISMATCH)


@pytest.mark.parametrize(
    ("unsigned", "sentence"),
    [
        ("host", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        ("x-amz-date", "Each 'X-Amz-*' header must be a 'SignedHeader' in the AWS Authorization."),
        (
            "x-amz-target",
            "Each 'X-Amz-*' header must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ],
)
def test_what_has_a_meaning_must_be_signed(unsigned: str, sentence: str) -> None:
    """The host, and all headers of AWS, those that were added later too."""
    names = ["content-type", "host", "x-amz-date", "x-amz-target"]
    left = [name for name in names if name != unsigned]
    request = authorized(lambda value: value.replace(";".join(names), ";".join(left)))
    assert refusal(request) == ("InvalidSignatureException", sentence)
    added = signed()
    added = added._replace(headers=(*added.headers, ("X-Amz-Anything", "1")))
    assert "Each 'X-Amz-*' header" in refusal(added)[1]


@pytest.mark.parametrize("sign_it", [signed, presigned])
def test_a_content_type_need_not_be_signed(sign_it: Callable[[Request], Request]) -> None:
    """AWS SDK for PHP signs none; whoever adds one changes no meaning."""
    bare = with_header(BARE, "Content-Type", "")
    request = sign_it(bare)
    check(request._replace(headers=(*request.headers, ("Content-Type", "application/json"))))


@pytest.mark.parametrize(
    "names",
    [
        "host;content-type;x-amz-date;x-amz-target",
        "content-type;host;host;x-amz-date;x-amz-target",
        "Host;content-type;host;x-amz-date;x-amz-target",
        "a-header;content-type;host;x-amz-date;x-amz-target",
        "content-type;host;x-amz-date;x-amz-target;",
    ],
)
def test_signed_headers_have_one_form(names: str) -> None:
    """Names out of order, repeated, in upper case or of no header are refused, though signed."""
    dated = BARE._replace(headers=(*BARE.headers, ("X-Amz-Date", NOW)))
    check(signed_as(dated, "content-type;host;x-amz-date;x-amz-target"))
    assert refusal(signed_as(dated, names)) == ("InvalidSignatureException", MISMATCH)


def test_a_name_cannot_hide_a_line() -> None:
    """A line break in the names of an address makes no other header of them."""
    request = queried(lambda query: query.replace("%3Bhost", "%3Bhost%0Ax-a%3A1"))
    assert refusal(request)[0] == "IncompleteSignatureException"
