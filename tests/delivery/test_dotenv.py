"""The strict reading of dotenv files."""

import subprocess
from io import StringIO

import dotenv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.delivery.dotenv import entries
from secretctl.errors import DeliveryError

CANARY = "canary-90ad"
PIECES = ["a", " ", "\t", " #", "'", '"', "\\", "$A", "${A}", "\\n", "\n", "\u00a0", "\x0b", "\x85"]


def read(text: str) -> dict[str, str]:
    """Return names and values."""
    return {entry.name: entry.value for entry in entries(text, "file.env")}


def test_each_form_is_read() -> None:
    """Comments, export, both quotes over lines, and the ends of lines of Windows."""
    text = (
        "# A=1\n\n  \t\nA=1\nexport B=two words \t# said\nC='it is $5 \\n \"x\" # no'\n"
        'D="a\\nb\\rc\nd\'e"  # comment\nE=\nF=""\nG=x\r\nH=secretctl://a#b\n I=a=b'
    )
    assert read(text) == {
        "A": "1",
        "B": "two words",
        "C": 'it is $5 \\n "x" # no',
        "D": "a\nb\rc\nd'e",
        "E": "",
        "F": "",
        "G": "x",
        "H": "secretctl://a#b",
        "I": "a=b",
    }


def test_lines_are_counted_over_values_of_several() -> None:
    """An entry has the line it begins in."""
    found = entries("A='1\n2\n3'\n\nB=x\n", "file.env")
    assert [(entry.name, entry.line) for entry in found] == [("A", 1), ("B", 5)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (CANARY, "not NAME=value"),
        (f"A-B={CANARY}", "not NAME=value"),
        (f"A ={CANARY}", "not NAME=value"),
        (f"A= {CANARY}", "a blank"),
        (f"A={CANARY}$X", "without quotes"),
        (f"A={CANARY}`x`", "without quotes"),
        (f"A={CANARY}\\n", "without quotes"),
        (f"A={CANARY}#x", "without quotes"),
        (f"A={CANARY}'x'", "without quotes"),
        (f"A={CANARY}\rx", "without quotes"),
        (f'A="{CANARY}$X"', "double quotes"),
        (f'A="{CANARY}\\t"', "escape"),
        (f'A="{CANARY}\\"', "escape"),
        (f"A='{CANARY}\\''", "backslash"),
        (f"A='{CANARY}${{X}}'", "python-dotenv replaces"),
        (f"A=secretctl://{CANARY}#${{X}}", "without quotes"),
        (f"A={CANARY}\u00a0", "a blank of Unicode"),
        (f"A=\x0b{CANARY}", "a blank of Unicode"),
        (f"A={CANARY}\ufeff\t# said", "a blank of Unicode"),
        (f"A='{CANARY}", "not closed"),
        (f"A='{CANARY}'x", "behind the quoted"),
        (f"A='{CANARY}'#x", "behind the quoted"),
        (f"A='{CANARY}\r\n'", "carriage return"),
        (f"A={CANARY}\0", "NUL"),
        (f"B={CANARY}", "line 1 already"),
    ],
)
def test_what_readers_take_differently_is_refused(line: str, said: str) -> None:
    """The line is named, and nothing of its value."""
    with pytest.raises(DeliveryError, match=r"^line 2 of 'file\.env': ") as caught:
        read(f"B=1\n{line}\n")
    assert said in caught.value.message
    assert CANARY not in " ".join((caught.value.message, *caught.value.hints))


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)


@given(VALUES)
def test_value_in_single_quotes_is_read_as_it_stands(value: str) -> None:
    """Any text does, but for what readers disagree about."""
    if "'" in value or "\\\\" in value or "${" in value or value.endswith("\\"):
        return
    assert read(f"A='{value}'\nB=1") == {"A": value, "B": "1"}


@given(st.text(st.sampled_from("AB='\"\\n\t #$x\r\n"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No file ends in anything but entries or an error."""
    try:
        found = entries(text, "f")
    except DeliveryError:
        return
    assert all(entry.name.isidentifier() for entry in found)


def test_a_posix_shell_reads_single_quotes_alike() -> None:
    """Where nothing is escaped, sh agrees byte for byte."""
    value = 'a $b `c` \\n "d" #e\nf'
    text = f"export A='{value}'\n"
    done = subprocess.run(
        ["sh", "-c", text + 'printf %s "$A"'], capture_output=True, text=True, check=True
    )
    assert read(text)["A"] == done.stdout == value


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from(["", "'", '"']))
def test_python_dotenv_reads_alike(value: str, quote: str) -> None:
    """Whatever is not refused."""
    text = f"A={quote}{value}{quote}\n"
    try:
        found = read(text)
    except DeliveryError:
        return
    assert dotenv.dotenv_values(stream=StringIO(text)) == found
