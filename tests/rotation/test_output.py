"""What a function printed is kept without the values it has seen."""

import html
import json
from base64 import b32encode
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secretctl.delivery.masking import Masker, searched
from secretctl.delivery.masking_forms import encoded, is_maskable, logged
from secretctl.rotation.output import Output, keep

PASSWORD = "Zq9\"k3'Lm\\8&Pw2<x é пароль"
VALUE = json.dumps({"user": "app", "password": PASSWORD, "pin": 918273645}, ensure_ascii=False)
BODY = json.dumps({"SecretString": VALUE})
SPECIAL = st.text(st.sampled_from("ab'\"\\\n\té😀\x7f"), min_size=3).map("Zq9{}k3L".format)


def kept(folder: Path, printed: str, *values: str) -> str:
    """Return what is kept of *printed*."""
    output = Output()
    with open(output.handle, "wb", closefd=False) as file:
        file.write(printed.encode())
    path = folder / "1.log"
    keep(output, str(path), set(values))
    return path.read_text()


@pytest.mark.parametrize(
    "printed",
    [
        VALUE,
        BODY,
        str(json.loads(VALUE)),
        repr(VALUE),
        repr(BODY),
        f"Response body:\n{BODY.encode()!r}",
        f"{json.dumps({'SecretString': VALUE}, ensure_ascii=False).encode()!r}",
        repr({"body": BODY}),
        ascii(PASSWORD.encode()),
        f"{VALUE.encode().hex()} {b32encode(VALUE.encode()).decode()}",
        html.escape(PASSWORD),
    ],
)
def test_a_value_is_left_out_however_python_shows_it(tmp_path: Path, printed: str) -> None:
    """An object, a text of JSON, an answer's bytes in a debug log; whole, or a member alone."""
    for values in ([VALUE], [PASSWORD, "918273645"]):
        text = kept(tmp_path, f"it is {printed}, so", *values)
        assert "Lm" not in text
        assert "Pw2" not in text
        assert "918273645" not in text
        assert text.startswith("it is ")
        assert text.endswith(", so")


@given(SPECIAL)
def test_the_inside_of_what_python_shows_is_a_pattern(text: str) -> None:
    """Whichever quotation marks it needs, up to two texts of JSON deep."""
    body = json.dumps({"a": json.dumps({"b": text})})
    shown = [str([text]), str({"a": body}), repr(body.encode()), repr(text.encode()), body]
    for each in shown:
        masker = Masker(searched(logged([text])))
        left = masker.feed(each.encode()) + masker.finish()
        assert b"Zq9" not in left
        assert b"k3L" not in left


@settings(max_examples=25)
@given(st.binary(max_size=4), SPECIAL | st.binary(min_size=4, max_size=20), st.binary(max_size=4))
def test_a_value_in_what_is_encoded_is_a_pattern(
    before: bytes, value: str | bytes, end: bytes
) -> None:
    """In digits and in Base32, at any place of what they say, in either case; a text in HTML."""
    raw = value.encode() if isinstance(value, str) else value
    assume(is_maskable(value))
    whole = before + raw + end
    shown = [whole.hex(), whole.hex(" "), whole.hex(":").upper(), b32encode(whole).decode().lower()]
    searching = searched(encoded([value]))
    for each in [*shown, b32encode(raw).decode()]:
        assert b"***" in Masker(searching).feed(each.encode() + b"\n" * 2048), each
    if isinstance(value, str):
        for text in {html.escape(value), html.escape(value, quote=False), escape(value)} - {value}:
            assert Masker(searching).feed(text.encode() + b"\n" * 2048).startswith(b"***\n")


def test_numbers_that_are_a_port_stay(tmp_path: Path) -> None:
    """They would be left out of every line; half a character keeps nothing from being kept."""
    value = json.dumps({"port": 543, "half": "\ud800", "password": "hidden"})
    assert kept(tmp_path, "543 times hidden", value) == "543 times ***"
