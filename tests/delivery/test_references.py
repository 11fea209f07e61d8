"""Sources as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.references import Source, parse, shown, spelled
from secretctl.errors import UsageError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db=x-AbCdEf"


def source(
    secret_id: str,
    json_key: str | None = None,
    *,
    variable: str | None = None,
    version: str | None = None,
    stage: str | None = None,
) -> Source:
    """Return a source with the rest unset."""
    return Source(variable, secret_id, json_key, version, stage)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("prod/db", source("prod/db")),
        ("prod/db#user", source("prod/db", "user")),
        ("prod/db?stage=AWSPREVIOUS", source("prod/db", stage="AWSPREVIOUS")),
        ("prod/db?version=v1", source("prod/db", version="v1")),
        ("prod/db#user?stage=S", source("prod/db", "user", stage="S")),
        ("a?version=v1&stage=S", source("a", version="v1", stage="S")),
        ("PW=prod/db#user?stage=S", source("prod/db", "user", variable="PW", stage="S")),
        ("_1=a", source("a", variable="_1")),
        ("A=b=c", source("b=c", variable="A")),
        ("a-b=c", source("a-b=c")),
        ("1A=c", source("1A=c")),
        ("=x", source("=x")),
        ("A B=x", source("A B=x")),
        ("\u00c4=x", source("\u00c4=x")),
        ("A\n=x", source("A\n=x")),
        ("a#k=v", source("a", "k=v")),
        ("a#why?", source("a", "why?")),
        ("a#k#l", source("a", "k#l")),
        ("a?stage=x=y", source("a", stage="x=y")),
        (ARN, source(ARN)),
        (f"X={ARN}#k", source(ARN, "k", variable="X")),
        (f"{ARN}#a:b:c", source(ARN, "a:b:c")),
        ("a#b:c", source("a", "b:c")),
        ("a?version=b:c", source("a", version="b:c")),
        ("secretctl://prod/db", source("prod/db")),
        ("secretctl://prod/db#user?stage=S", source("prod/db", "user", stage="S")),
        (f"PW=secretctl://{ARN}#k", source(ARN, "k", variable="PW")),
        ("secretctl://a%20#b%20", source("a%20", "b%20")),
    ],
)
def test_source_is_read(word: str, expected: Source) -> None:
    """Every form of the grammar is read as the module says."""
    assert parse(word) == expected


@pytest.mark.parametrize(
    "word",
    [
        "",
        "#k",
        "?stage=x",
        "A=",
        "A=#k",
        "a#",
        "a#?stage=x",
        "a?",
        "a?stage=",
        "a?stage",
        "a?stge=x",
        "a?stage=x&stage=y",
        "a#k?stage=x&y",
        "a?stage=x#k",
        "a\udc80",
        "A=\ud800",
        "secretctl://",
        "secretctl://#k",
    ],
)
def test_unreadable_source_is_refused(word: str) -> None:
    """What does not have the form is a usage error with a hint."""
    with pytest.raises(UsageError) as caught:
        parse(word)
    assert caught.value.hints


def test_error_shows_a_short_printable_name_only() -> None:
    """Neither an escape sequence nor more than 64 characters of input reach a message."""
    with pytest.raises(UsageError) as caught:
        parse("\x1b[2J" + "x" * 500 + "#")
    assert "\x1b" not in caught.value.message
    assert "x" * 65 not in caught.value.message


@given(st.text(max_size=100))
def test_shown_is_printable_and_short(name: str) -> None:
    """Whatever the name, what is shown of it is printable and at most 64 characters."""
    assert shown(name).isprintable()
    assert len(shown(name)) <= 64


NAMED = st.text(st.sampled_from("abzABZ019/_+=.@!-"), min_size=1, max_size=30)
IDS = NAMED | NAMED.map("arn:aws:secretsmanager:us-east-1:000000000000:secret:{}-AbCdEf".format)
LABELS = st.text(st.sampled_from("abAB01=_-?"), min_size=1, max_size=10)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10).filter(
    lambda key: "?stage=" not in key and "?version=" not in key
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)


@given(NAMES, IDS, st.none() | KEYS, st.none() | LABELS, st.none() | LABELS)
def test_spelled_source_reads_back(
    variable: str, secret_id: str, key: str | None, version: str | None, stage: str | None
) -> None:
    """NAME= and what spelled writes are read as the same source."""
    written = Source(variable, secret_id, key, version, stage)
    assert parse(f"{variable}={spelled(written)}") == written
    assert parse(f"{variable}=secretctl://{spelled(written)}") == written


@given(st.text(max_size=60))
def test_any_word_is_read_or_refused(word: str) -> None:
    """No word ends in anything but a source or a usage error."""
    try:
        read = parse(word)
    except UsageError:
        return
    assert read.secret_id
    assert parse("secretctl://" + spelled(read)) == read._replace(variable=None)
