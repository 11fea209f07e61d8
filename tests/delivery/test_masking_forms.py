"""The forms of a value that masking searches for, made here by other encoders."""

import base64
import json
import re
import textwrap
import time
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secretctl.delivery.masking import MASK, Masker, searched
from secretctl.delivery.masking_forms import LONGEST, is_maskable, patterns

VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=4, max_size=120
).filter(is_maskable)
TOKEN = 's3cr+t/Vål\'ue "with" <all>\\&\tkinds'


def masked(values: list[str], data: bytes) -> bytes:
    """Return *data* without *values*."""
    masker = Masker(searched(patterns(values)))
    return masker.feed(data) + masker.finish()


@given(VALUES, st.binary(max_size=5), st.binary(max_size=5))
@example("ab c", b"u", b"")
def test_base64_is_found_behind_and_before_other_bytes(
    value: str, before: bytes, behind: bytes
) -> None:
    """Whatever its alignment, in both alphabets: no more than six bits at either end are left."""
    raw = value.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        out = masked([value], encode(before + raw + behind))
        left = len(encode(before)) + len(encode(behind))
        assert MASK in out
        assert len(out.replace(MASK, b"").replace(b"=", b"")) <= left + 2


@given(VALUES)
def test_percent_encoding_is_found(value: str) -> None:
    """As urllib writes it, in a path, a query and a form."""
    quoted = urllib.parse.quote
    for form in (quoted(value), quoted(value, safe=""), urllib.parse.quote_plus(value)):
        assert masked([value], f"?a={form}&".encode()) == b"?a=***&"


@given(VALUES)
def test_json_is_found(value: str) -> None:
    """With and without letters beyond ASCII."""
    for form in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert masked([value], form.encode()) == b'"***"'


@pytest.mark.parametrize(
    "form",
    [
        's3cr+t\\/V\\u00e5l\'ue \\"with\\" <all>\\\\&\\tkinds',
        's3cr+t/V\u00e5l\'ue \\"with\\" \\u003call\\u003e\\\\\\u0026\\tkinds',
        "s3cr%2bt%2fV%c3%a5l%27ue%20%22with%22%20%3call%3e%5c%26%09kinds",
        "s3cr%2Bt%2FV%C3%A5l'ue%20%22with%22%20%3Call%3E%5C%26%09kinds",
        "s3cr+t/V%C3%A5l'ue%20%22with%22%20%3Call%3E%5C&%09kinds",
    ],
)
def test_forms_of_other_languages_are_found(form: str) -> None:
    """Slashes escaped by PHP, markup by Go, lower-case digits, JavaScript's two encoders."""
    assert masked([TOKEN], f"<{form}>".encode()) == b"<***>"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("pa~ss/word!*1", "pa%7Ess%2Fword%21*1"),  # URLSearchParams, java.net.URLEncoder
        ("pa~ss/word!*1", "pa%7Ess%2Fword!*1"),  # WebUtility of .NET
        ("pa~ss/word!*1", "pa%7ess%2fword%21%2a1"),  # urlencode of PHP, in small letters
        ("pa~ss word!*1", "pa~ss+word%21*1"),  # CGI.escape of Ruby
        ("a+b=c$d/e f", "a+b=c$d%2Fe%20f"),  # url.PathEscape of Go
        ("a+b=c@d/e:f", "a+b=c%40d%2Fe%3Af"),  # url.UserPassword of Go
        ("a%b<c>d'e{f}", "a%b%3Cc%3Ed%27e{f}"),  # the query of a URL of WHATWG
        ("a%b<c>d'e{f}", "a%25b%3cc%3ed'e%7bf%7d"),
        ("caf\u00e91\U0001f600\x1b", "caf\\u00E91\\uD83D\\uDE00\\u001B"),  # Jackson, .NET
        ("caf\u00e91\U0001f600\x1b", "caf\u00e91\U0001f600\\u001B"),
        ("it's<me>&you", "it\\u0027s\\u003Cme\\u003E\\u0026you"),  # System.Text.Json
        ("it's<me>&you", "it\\u0027s\\u003cme\\u003e\\u0026you"),  # Gson, Django
        ("abc+def/Gh==", "abc+def/Gh\\u003d\\u003d"),  # Gson
        ("abc+def/Gh==", "abc\\u002Bdef/Gh=="),  # System.Text.Json
        ('say "hi"/<b>', "say \\u0022hi\\u0022\\/\\u003Cb\\u003E"),  # PHP with JSON_HEX_*
    ],
)
def test_forms_that_encoders_make_by_default_are_found(value: str, form: str) -> None:
    """Which characters are left alone, and with which digits the others are written."""
    assert masked([value], f"<{form}>".encode()) == b"<***>"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [64, 76])
def test_wrapped_base64_is_found(width: int, newline: str) -> None:
    """A long value, encoded in lines as base64(1) and openssl(1) do it."""
    value = "".join(map(str, range(800)))
    lines = textwrap.wrap(base64.b64encode(value.encode()).decode(), width)
    assert set(masked([value], newline.join(lines).encode()).split()) == {MASK}


@given(st.integers(0, 200), st.sampled_from([64, 76]), st.sampled_from(["\n", "\r\n"]))
@example(40, 76, "\n")
def test_base64_is_found_in_the_middle_of_lines(before: int, width: int, newline: str) -> None:
    """As in an encoded file or a part of a mail: what is left is less than a line's first six."""
    value = "s3cr3t-Pass/word+1"
    raw = b"x" * before + value.encode() + b"y" * 40
    lines = newline.join(textwrap.wrap(base64.b64encode(raw).decode(), width)).encode()
    out = masked([value], lines)
    assert MASK in out
    assert len(re.sub(rb"[\r\n=*]", b"", out)) <= (before + 40) * 4 // 3 + 2 + 5


def test_each_line_is_found() -> None:
    """Lines of a value alone, however they are indented; what they say stays hidden."""
    value = "-----BEGIN KEY-----\n  MIIEow+abc/\r\n\n}\nq\n-----END KEY-----\n"
    out = masked([value], b"  MIIEow+abc/ } q\r\n-----END KEY-----|" + value.encode())
    assert out == b"  *** } q\r\n***|***"


def test_pieces_of_a_long_value_are_found() -> None:
    """A value longer than what is held back is masked in pieces, wholly."""
    value = "".join(f"{one:05}" for one in range(1000))
    assert max(map(len, patterns([value]))) == LONGEST
    assert masked([value], f"<{value}>".encode()) == b"<***>"
    assert (
        masked([value], f"<{value[:1500]}>".encode()) == b"<***" + value[1024:1500].encode() + b">"
    )


def test_thousands_of_lines_are_made_ready_soon() -> None:
    """A secret of short lines, in far less than a millisecond each."""
    value = "\n".join(f"{one * 7919:06}" for one in range(9000))
    start = time.process_time()
    searched(patterns([value]))
    assert time.process_time() - start < 7


@pytest.mark.parametrize(
    "value", ["", "x", "x\n", " x ", "\n", " ", "   ", "\t\n", "true", "false"]
)
def test_what_would_match_everywhere_gives_no_pattern(value: str) -> None:
    """Empty, one character, blank, and a single bit."""
    assert not is_maskable(value)
    assert patterns([value]) == []


def test_short_lines_give_no_pattern() -> None:
    """A line of one character is not searched for, nor a short form of Base64."""
    found = patterns(["{\n}\nab\n"])
    assert b"ab" in found
    assert min(map(len, found)) == 2
    assert {one for one in found if len(one) < 4} == {b"ab"}
