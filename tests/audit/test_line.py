"""A record as bytes: one spelling, its parts checked each by itself."""

import pytest

from secretctl.audit import line as lines
from secretctl.audit.line import Head

KEY, PREVIOUS = b"k" * 32, b"p" * 32
LINE = lines.written(7, PREVIOUS, '"a":1', KEY)
FILLING = lines.LARGEST_BYTES - len(LINE) + len("1")
LARGEST = lines.written(7, PREVIOUS, f'"a":{"1" * FILLING}', KEY)
LONGER = lines.written(7, PREVIOUS, f'"a":{"1" * (FILLING + 1)}', KEY)
GENERATION = b'{"additionalEventData":{"storeGeneration":%s}}'


@pytest.mark.parametrize("line", [LINE, LARGEST])
def test_what_was_written_is_sound(line: bytes) -> None:
    """Up to 16 KiB, its newline included."""
    assert len(LARGEST) == 16 * 1024
    assert lines.is_record(line)
    assert lines.fault(line, 7, PREVIOUS, KEY) == ""
    assert lines.names_hash(line, lines.hash_of(line))
    assert not lines.names_hash(line, PREVIOUS)


WRONG = {
    "longer": (LONGER, "longer than a record"),
    "beginning": (b" " + LINE, "does not follow"),
    "number": (LINE.replace(b":7,", b":8,", 1), "does not follow"),
    "text": (LINE.replace(b'"a":1', b'"a":2'), "its hash is another"),
    "hash": (LINE.replace(b'"hash":"', b'"hasH":"'), "its hash is another"),
    "end": (LINE[:-3] + b'" \n', "its hash is another"),
    "no newline": (LINE[:-1] + b" ", "its hash is another"),
    "MAC": (LINE[:-4] + bytes([LINE[-4] ^ 1]) + LINE[-3:], "its MAC"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name: str) -> None:
    """Each part of a record alone."""
    line, why = WRONG[name]
    assert why in lines.fault(line, 7, PREVIOUS, KEY)
    assert lines.chain_fault(line, 7, PREVIOUS) == (
        "" if name == "MAC" else lines.fault(line, 7, PREVIOUS, KEY)
    )


@pytest.mark.parametrize("name", ["longer", "beginning", "hash", "end", "no newline"])
def test_a_line_of_another_form_is_no_record(name: str) -> None:
    """Each of what it begins and ends with, and its length, is asked for."""
    assert not lines.is_record(WRONG[name][0])


def test_another_place_and_another_key_are_wrong() -> None:
    """The number, the record before and the key of the place."""
    assert "follow" in lines.fault(LINE, 8, PREVIOUS, KEY)
    assert "follow" in lines.fault(LINE, 7, bytes(32), KEY)
    assert "MAC" in lines.fault(LINE, 7, PREVIOUS, bytes(32))


@pytest.mark.parametrize("said", [b"0", b"%d" % ((1 << 48) - 1)])
def test_a_generation_is_a_number_of_commits(said: bytes) -> None:
    """From none to 2^48."""
    assert lines.record_of(GENERATION % said).generation == int(said)


@pytest.mark.parametrize("said", [b"-1", b"%d" % (1 << 48), b"true", b'"1"', b"1.5"])
def test_any_other_generation_is_no_record(said: bytes) -> None:
    """It was written by hand."""
    with pytest.raises(ValueError):  # noqa: PT011 it has no message
        lines.record_of(GENERATION % said)


@pytest.mark.parametrize("said", [b"true", b"1", b"false", b'"true"'])
def test_only_true_says_that_more_comes(said: bytes) -> None:
    """And nothing at all says that none does."""
    assert lines.record_of(b'{"additionalEventData":{"more":%s}}' % said).more == (said == b"true")
    assert not lines.record_of(b"{}").more
    assert not lines.Record("", "").more


def test_the_record_before_is_the_one_that_is_named() -> None:
    """None where number or hash is none."""
    assert lines.before(LINE) == Head(6, PREVIOUS)
    for text in (
        b"[]",
        b"{",
        b'{"index":true,"prev":"00"}',
        b'{"index":7,"prev":1}',
        b'{"index":7,"prev":"x"}',
    ):
        assert lines.before(text) is None
