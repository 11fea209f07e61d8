"""Checkpoints: a note of one form, signed by the vault's key, or none at all."""

import string
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest

from secretctl.audit import checkpoint
from secretctl.audit.line import Head
from secretctl.audit.verdict import Keys
from secretctl.crypto.keys import derive
from secretctl.crypto.signing import public_key, sign
from secretctl.errors import JournalDamagedError
from tests.audit.conftest import KEYS

HEAD = Head(1041, bytes(range(32)))
NOTE = checkpoint.note(HEAD, KEYS)
ORIGIN, NUMBER, HASH, _, SIGNED, _ = NOTE.split("\n")
OTHER = f"secretctl/{bytes(16).hex()}"
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
LIKE_LAST = DIGITS[DIGITS.index(SIGNED[-2]) + 1]
"""Stands for the same byte as the last digit, but for bits that base64 leaves out."""


def signed(body: str, origin: str = ORIGIN) -> str:
    """Return a note of *body* with a signature that is right, by the key as *origin* has it."""
    secret = derive(KEYS.journal, "journal/checkpoint", KEYS.vault_id)
    key_id = sha256(f"{origin}\n\x01".encode() + public_key(secret)).digest()[:4]
    return f"{body}\n\u2014 {origin} {b64encode(key_id + sign(secret, body.encode())).decode()}\n"


def test_what_was_signed_is_read() -> None:
    """By hand as by the program; of another's signatures beside it nothing is asked."""
    assert b64decode(SIGNED[-92:]) == b64decode(f"{SIGNED[-92:-2]}{LIKE_LAST}=")
    body = f"{ORIGIN}\n{NUMBER}\n{HASH}\n"
    assert signed(body) == NOTE
    others = f"\u2014 example.com/witness {b64encode(bytes(68)).decode()}\n"
    for text in (NOTE, NOTE.replace(SIGNED, f"{others}{SIGNED}"), f"{NOTE}{others}"):
        assert checkpoint.read(text, KEYS) == HEAD
    assert checkpoint.read(signed(f"{body}more, of a later program\n"), KEYS) == HEAD


WRONG: dict[str, Callable[[], str]] = {
    "empty": str,
    "no signature": lambda: NOTE.replace(SIGNED, ""),
    "no blank line": lambda: NOTE.replace("\n\n", "\n"),
    "another number": lambda: NOTE.replace("1042", "1043"),
    "another hash": lambda: NOTE.replace(HASH, b64encode(bytes(32)).decode()),
    "a hyphen": lambda: NOTE.replace("\u2014", "-"),
    "another name": lambda: NOTE.replace(f"\u2014 {ORIGIN}", "\u2014 secretctl/other"),
    "no base64": lambda: NOTE.replace(SIGNED, f"{SIGNED}!"),
    "bits that say nothing": lambda: NOTE.replace(SIGNED, f"{SIGNED[:-2]}{LIKE_LAST}="),
    "another key id": lambda: NOTE.replace(SIGNED, f"{SIGNED[:-92]}AAAA{SIGNED[-88:]}"),
    "short": lambda: NOTE.replace(SIGNED, SIGNED[:-4]),
    "long": lambda: signed(f"{ORIGIN}\n{NUMBER}\n{HASH}\n{'x' * 4096}\n"),
    "another vault": lambda: checkpoint.note(HEAD, Keys(KEYS.journal, bytes(16))),
    "another origin": lambda: signed(f"{OTHER}\n{NUMBER}\n{HASH}\n", OTHER),
    "another journal key": lambda: checkpoint.note(HEAD, Keys(bytes(32), KEYS.vault_id)),
    "no number": lambda: signed(f"{ORIGIN}\nmany\n{HASH}\n"),
    "zeros before": lambda: signed(f"{ORIGIN}\n01042\n{HASH}\n"),
    "short hash": lambda: signed(f"{ORIGIN}\n{NUMBER}\n{b64encode(bytes(31)).decode()}\n"),
    "no hash": lambda: signed(f"{ORIGIN}\n{NUMBER}\n"),
    "hash of no base64": lambda: signed(f"{ORIGIN}\n{NUMBER}\n{HASH}!\n"),
}


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
def test_anything_else_is_no_checkpoint_of_the_vault(made: Callable[[], str]) -> None:
    """Whoever wrote it, and even where the signature is right."""
    with pytest.raises(JournalDamagedError, match=r"no checkpoint|signature is not this vault's"):
        checkpoint.read(made(), KEYS)


def test_each_checkpoint_in_a_file_counts() -> None:
    """One behind the other, blank lines between them or not, with the witnesses' signatures too."""
    later = Head(2000, bytes(32))
    others = f"\u2014 example.com/witness {b64encode(bytes(68)).decode()}\n"
    after = checkpoint.note(later, KEYS)
    for text in (NOTE + after, f"\n{NOTE}\n\n{after}\n", NOTE + others + after + others):
        assert checkpoint.read_all(text, KEYS) == [HEAD, later]
    assert checkpoint.read_all(NOTE, KEYS) == [HEAD]


WRONG_FILES = {
    "": "nothing is in it",
    "\n \n": "nothing is in it",
    "hello\n": "it is no checkpoint$",
    NOTE[:80]: "its end is missing",
    NOTE + "hello\n": "number 2 in it: it is no checkpoint$",
    NOTE + checkpoint.note(HEAD, Keys(KEYS.journal, bytes(16))): "number 2 in it: .* of this vault",
    NOTE + NOTE.replace("1042", "1043"): "number 2 in it: its signature",
    NOTE.replace("1042", "1043") + NOTE: "number 1 in it: its signature",
    NOTE * 5000: "longer than 1 MiB",
}


@pytest.mark.parametrize("text", WRONG_FILES, ids=range(len(WRONG_FILES)))
def test_a_file_of_which_one_is_none_says_which(text: str) -> None:
    """Nothing in it is passed over."""
    with pytest.raises(JournalDamagedError, match=WRONG_FILES[text]):
        checkpoint.read_all(text, KEYS)
