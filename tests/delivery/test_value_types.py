"""Types of values: what they take, and what they refuse."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.value_types import TYPES

BLOCK = "-----BEGIN X-----\nAAAA\n-----END X-----\n"
RIGHT = {
    "boolean": ["true", "false"],
    "integer": ["0", "-1", "42", "-0", "9" * 5000],
    "json": ["1", '"a"', "null", '{"a": [1.5, {"b": {}}]}', " [] \n", "1" * 5000, "1e999"],
    "pem": [
        BLOCK,
        BLOCK.strip(),
        BLOCK.replace("\n", "\r\n"),
        "Bag Attributes\n" + BLOCK + "\n" + BLOCK,
        "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END X-----",
    ],
    "url": [
        "https://example.com",
        "postgres://u:p%40ss@h1:5432,h2/db?sslmode=require#x",
        "sqlite:///db.sqlite3",
        "http://[::1]:8080/",
        "git+ssh://git@example.com/a.git",
    ],
}
WRONG = {
    "boolean": ["", "True", "1", "yes", "true ", "false\n"],
    "integer": ["", "-", "01", "+1", "1.0", " 1", "1\n", "1e3", "\u0661", "0x1", "--1", "1_0"],
    "json": ["", "{", "{'a': 1}", '{"a": 1, "a": 2}', "NaN", "1 2", "[" * 100_000, "tru"],
    "pem": [
        "",
        "AAAA",
        BLOCK.replace("\n", "\\n"),
        BLOCK.replace("\n", " "),
        BLOCK.replace("AAAA", "AAA"),
        BLOCK.replace("AAAA", "A!AA"),
        BLOCK.replace("AAAA\n", ""),
        BLOCK.replace("END X", "END Y"),
        BLOCK[:-2].rpartition("\n")[0],
        BLOCK + "-----BEGIN Y-----",
        "-----END X-----",
        BLOCK.replace("AAAA", BLOCK.strip()),
        BLOCK.replace("AAAA", "Proc-Type: 4"),
    ],
    "url": [
        "",
        "example.com",
        "//example.com",
        "https:/example.com",
        "https://",
        "https://a b",
        "https://a\n",
        "https://ä.example",
        "https://u:p%4x@h",
        "https://u:100%@h",
        "1a://h",
        "://h",
        'https://"h"',
    ],
}


@pytest.mark.parametrize("name", TYPES)
def test_types_tell_right_from_wrong(name: str) -> None:
    """Each takes what is of it, and nothing else."""
    assert [text for text in RIGHT[name] if not TYPES[name](text)] == []
    assert [text for text in WRONG[name] if TYPES[name](text)] == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_what_json_writes_is_json(value: object) -> None:
    """And cut short it is not, unless what is left is a number."""
    text = json.dumps([value])
    assert TYPES["json"](text)
    assert not TYPES["json"](text[:-1])


@given(st.integers())
def test_integers_are_those_that_are_written_plainly(number: int) -> None:
    """Every integer has one form."""
    assert TYPES["integer"](str(number))
    assert not TYPES["integer"](f"0{abs(number)}")


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_can_be_a_block(content: bytes) -> None:
    """Base64 in lines of 64, as openssl writes them."""
    text = base64.encodebytes(content).decode()
    assert TYPES["pem"](f"-----BEGIN A B-----\n{text}-----END A B-----\n")


def test_real_keys_are_pem() -> None:
    """Keys as programs write them, with a password and without."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forms, plain = serialization.PrivateFormat, serialization.NoEncryption()
    password = serialization.BestAvailableEncryption(b"word")
    for form, protection in (
        (forms.PKCS8, plain),
        (forms.PKCS8, password),
        (forms.TraditionalOpenSSL, plain),
        (forms.TraditionalOpenSSL, password),
        (forms.OpenSSH, plain),
    ):
        pem = key.private_bytes(serialization.Encoding.PEM, form, protection)
        assert TYPES["pem"](pem.decode())


def test_nothing_takes_long() -> None:
    """The greatest value there can be is judged at once."""
    for sample in ("a" * 65536, "[" * 65536, "%" * 65536, "-----BEGIN X-----\n" * 3000):
        assert not any(is_it(sample) for is_it in TYPES.values())
