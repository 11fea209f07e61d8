"""For how long a signature holds, and what may stand for the hash of a body."""

from hashlib import sha256

import pytest

from secretctl.sigv4.claims import MISMATCH, claim
from secretctl.sigv4.keys import Scope, SigningKey
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential
from secretctl.sigv4.times import basic, basic_of, seconds
from tests.sigv4.requests import (
    BARE,
    BODY,
    NOW,
    NOW_MS,
    SCOPE,
    SECRET,
    check,
    presigned,
    refusal,
    signed,
    signed_as,
)

SECOND_MS = 1000
QUARTER_MS = 900 * SECOND_MS
WEEK_S = 604_800
UNSIGNED = "UNSIGNED-PAYLOAD"
BETWEEN = (
    "IncompleteSignatureException",
    "X-Amz-Expires must be between 1 and 604800 seconds.",
)


def test_a_header_form_holds_a_quarter_of_an_hour_both_ways() -> None:
    """It expires after 15 minutes, and is not current 15 minutes ahead; to the second."""
    check(signed(), NOW_MS + QUARTER_MS)
    check(signed(), NOW_MS - QUARTER_MS)
    assert refusal(signed(), NOW_MS + QUARTER_MS + SECOND_MS) == (
        "InvalidSignatureException",
        f"Signature expired: {NOW} is now earlier than 20231114T221321Z "
        "(20231114T222821Z - 15 min.)",
    )
    assert refusal(signed(), NOW_MS - QUARTER_MS - SECOND_MS) == (
        "InvalidSignatureException",
        f"Signature not yet current: {NOW} is still later than 20231114T221319Z "
        "(20231114T215819Z + 15 min.)",
    )


@pytest.mark.parametrize("expires_s", [1, 90, WEEK_S])
def test_a_presigned_address_holds_as_long_as_it_says(expires_s: int) -> None:
    """Neither longer nor shorter, up to a week; the clock may be behind as with headers."""
    request = presigned(expires_s=expires_s)
    end_ms = NOW_MS + expires_s * SECOND_MS
    check(request, end_ms)
    check(request, NOW_MS - QUARTER_MS)
    code, sentence = refusal(request, end_ms + SECOND_MS)
    assert code == "InvalidSignatureException"
    assert sentence.startswith(f"Signature expired: {NOW} is now earlier than 20231114T221321Z (")
    assert refusal(request, NOW_MS - QUARTER_MS - SECOND_MS)[1].startswith("Signature not yet")


def test_a_span_that_is_no_minutes_is_told_in_seconds() -> None:
    """Whole minutes are, as AWS tells them."""
    late = NOW_MS + WEEK_S * SECOND_MS
    assert refusal(presigned(expires_s=90), late)[1].endswith("- 90 sec.)")
    assert refusal(presigned(expires_s=120), late)[1].endswith("- 2 min.)")


@pytest.mark.parametrize("expires_s", [0, -1, WEEK_S + 1])
def test_a_presigned_address_holds_a_second_to_a_week(expires_s: int) -> None:
    """What says another span is refused, however it was signed."""
    assert refusal(presigned(expires_s=expires_s)) == BETWEEN


@pytest.mark.parametrize(
    "text", ["", "+60", "6e1", "60.0", "%C2%B2", "0000060", "9" * 5000, "60&X-Amz-Expires=60"]
)
def test_a_span_is_digits(text: str) -> None:
    """It is written in one way, once."""
    request = presigned()
    query = request.query.replace("X-Amz-Expires=60", f"X-Amz-Expires={text}")
    assert refusal(request._replace(query=query)) == BETWEEN


def test_a_presigned_address_without_a_span_holds_as_headers_do() -> None:
    """AWS demands one for S3 alone."""
    request = presigned()
    without = request.query.replace("&X-Amz-Expires=60", "")
    found = claim(request._replace(query=without))
    assert found.expires_s is None
    late = NOW_MS + QUARTER_MS + SECOND_MS
    assert refusal(request._replace(query=without), late)[1].endswith("- 15 min.)")


@pytest.mark.parametrize(
    "date", ["Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:20 -0000", NOW]
)
def test_a_date_header_does_for_a_time(date: str) -> None:
    """Without X-Amz-Date, the time is that of Date, in its own form or the basic one."""
    request = BARE._replace(headers=(*BARE.headers, ("Date", date)))
    check(signed_as(request, "content-type;date;host;x-amz-target"))
    check(signed_as(request, "content-type;host;x-amz-target"))


def test_a_header_form_has_its_parts_in_headers_alone() -> None:
    """Parameters of a query that are named as if it were presigned mean nothing then."""
    request = signed(BARE._replace(query="X-Amz-Expires=1&X-Amz-Security-Token=x"))
    assert claim(request).session_token == ""
    check(request, NOW_MS + QUARTER_MS)


def test_the_header_of_aws_comes_before_the_date() -> None:
    """A date that a client adds by itself is another thing."""
    request = signed()
    check(request._replace(headers=(*request.headers, ("Date", "Mon, 01 Jan 2001 00:00:00 GMT"))))


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 14 Nov 2023 22:13:20 CET",
        "Tue, 14 nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 23 22:13:20 GMT",
        "Tue, 31 Feb 2023 22:13:20 GMT",
        "Tuesday, 14-Nov-23 22:13:20 GMT",
        "20231114T22132\N{ARABIC-INDIC DIGIT ZERO}Z",
        "2023W011T221320Z",
        "",
    ],
)
def test_no_other_form_is_a_time(text: str) -> None:
    """Nothing is guessed."""
    assert seconds(basic_of(text)) is None


def test_times_are_read_as_they_are_written() -> None:
    """Milliseconds are left out."""
    assert seconds(basic(NOW_MS)) == NOW_MS // 1000
    assert basic(NOW_MS) == NOW
    assert basic_of("Sun, 3 Sep 2023 01:02:03 GMT") == "20230903T010203Z"


def content(value: str) -> Request:
    """Return the request with what it says of its body."""
    return BARE._replace(headers=(*BARE.headers, ("X-Amz-Content-Sha256", value)))


def test_a_stated_hash_must_be_that_of_the_body() -> None:
    """It is not asked for; where it is there, it holds in both forms."""
    right = content(sha256(BODY).hexdigest())
    check(signed(right))
    check(presigned(right))
    for wrong in (sha256(b"").hexdigest(), sha256(BODY).hexdigest().upper(), "STREAMING"):
        assert refusal(signed(content(wrong)))[1] == MISMATCH
        assert refusal(presigned(content(wrong)))[1] == MISMATCH


def test_a_wrong_hash_that_was_not_signed_as_the_body_is_refused_too() -> None:
    """Whoever signs the body's hash and says another contradicts himself."""
    dated = content(sha256(b"").hexdigest())
    dated = dated._replace(headers=(*dated.headers, ("X-Amz-Date", NOW)))
    request = signed_as(dated, "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target")
    assert refusal(request)[1] == MISMATCH


def test_no_body_is_left_unsigned() -> None:
    """Not by who presigned it either: one signature would be good for any body."""
    for request in (signed(content(UNSIGNED)), presigned(content(UNSIGNED))):
        assert refusal(request)[1] == MISMATCH
        assert refusal(request._replace(body=b"another"))[1] == MISMATCH


@pytest.mark.parametrize("name", ["X-Amz-Content-Sha256", "x-amz-content-sha256"])
def test_a_hash_may_stand_in_the_address(name: str) -> None:
    """SDKs that presign move headers of AWS there, spelled as the header was."""
    right = sha256(BODY).hexdigest()
    check(presigned(BARE._replace(query=f"{name}={right}")))
    wrong = presigned(BARE._replace(query=f"{name}={sha256(b'').hexdigest()}"))
    assert refusal(wrong)[1] == MISMATCH


def test_a_key_is_derived_anew_for_another_scope() -> None:
    """One key serves days and regions one after the other, as a new one does."""
    kept = SigningKey(SECRET)
    scopes = [SCOPE, Scope("20231115T000000Z", "eu-west-1", "kms"), SCOPE._replace(region="x")]
    for scope in [*scopes, *scopes]:
        assert kept.signature(scope, "text") == SigningKey(SECRET).signature(scope, "text")


def test_nothing_shows_a_secret() -> None:
    """Neither does a ``repr`` of what is passed around."""
    credential = Credential("AKIDEXAMPLE", SECRET, "the-token")
    request = signed(token="the-token")
    shown = repr([credential, credential.key, request, claim(request)])
    for secret in (SECRET, "the-token", BODY.decode(), "prod/db", "Signature"):
        assert secret not in shown
