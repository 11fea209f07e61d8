"""References in a text: each is found where it stands, all else stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.delivery.references import Source, parse_own
from secretctl.delivery.templates import LARGEST_RESULT, Template, filled, parse
from secretctl.errors import DeliveryError

NAME = "'file'"
KEYED = Source(None, "prod/db", "k", None, None)


def found(text: str) -> list[tuple[str, Source]]:
    """Return the references in *text*, each with what stands for it there."""
    content = text.encode()
    template = parse(content, NAME)
    pairs = zip(template.spans, template.sources, strict=True)
    return [(content[begin:end].decode(), source) for (begin, end), source in pairs]


@pytest.mark.parametrize(
    ("before", "reference", "behind"),
    [
        ("", "{{resolve:secretsmanager:prod/db:SecretString:k}}", ""),
        ("a: ", "{{secretctl://prod/db#k}}", "}} # x"),
        ("{", "{{secretctl://prod/db#k}}", "}"),
        ("", "{{ \tsecretctl://prod/db#k\t }}", "\r\n"),
        *(("x", "secretctl://prod/db#k", end) for end in "\"'`<>()[]{}|,;\\ \t\r\n\x00\x7f"),
        ("A=", "secretctl://prod/db#k", ""),
        ("v1-", "secretctl://prod/db#k", "\n"),
        ("{{ssm}} {{resolve:ssm:a}}{{resolve:ssm-secure:a:1}} ", "{{secretctl://prod/db#k}}", ""),
    ],
)
def test_a_reference_begins_and_ends_where_it_is_said(
    before: str, reference: str, behind: str
) -> None:
    """Whatever stands around it."""
    assert found(before + reference + behind) == [(reference, KEYED)]


def test_a_reference_in_braces_holds_what_ends_one_without() -> None:
    """Blanks, quotes and commas in the key of a secret, but not at its edges."""
    ((_, source),) = found('x{{ secretctl://prod/db#a "b", (c)?stage=AWSPREVIOUS }}')
    assert source == parse_own('prod/db#a "b", (c)?stage=AWSPREVIOUS')


def test_references_follow_each_other() -> None:
    """Each is one, in the order in which they stand."""
    several = "secretctl://a,secretctl://b{{secretctl://c}}{{resolve:secretsmanager:d}}"
    assert [source.secret_id for _, source in found(several)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{{resolve:secretsmanager:prod/db",
            "line 1, column 1 of 'file': a reference is not ended",
        ),
        ("a\n\u00fc {{resolve:secretsmanager:a\n}}", "line 2, column 3 of 'file'"),
        ("\ufeff{{resolve:secretsmanager:a} }", "line 1, column 1 of 'file'"),
        ("a\r\n\r\n{{secretctl://a\r\n}}", "line 3, column 1 of 'file': a reference is not ended"),
        ("{{ secretctl://a", "a reference is not ended"),
        ("{{secretctl://a{b}}", "a reference is not ended"),
        ("{{resolve:secretsmanager:{{x}}:k}}", "a reference is not ended"),
        ("{{resolve:secretsmanger:a}}", "not to secretsmanager"),
        ("{{resolve:secretsmanager}}", "not to secretsmanager"),
        ("{{resolve:secretsmanager:a:SecretBinary}}", "is not to its SecretString"),
        ("{{resolve:secretsmanager:}}", "names no secret"),
        ("see secretctl:// for this", "column 5 of 'file': a source names no secret"),
        ("secretctl://a#", "names an empty key"),
        ("secretctl://a?x=y", "unreadable choice"),
    ],
)
def test_what_is_no_whole_reference_is_an_error(text: str, said: str) -> None:
    """With its line and column, counted in characters; it is never text."""
    with pytest.raises(DeliveryError) as raised:
        parse(text.encode(), NAME)
    assert said in raised.value.message
    assert raised.value.hints


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_reference_that_would_not_be_seen_is_an_error(encoding: str) -> None:
    """A file of an encoding of two or four bytes a letter; without references it stays."""
    with pytest.raises(DeliveryError, match="in which references are not read"):
        parse("a {{resolve:secretsmanager:a}}".encode(encoding), NAME)
    plain = "a".encode(encoding)
    assert filled(parse(plain, NAME), []) == plain


def test_a_reference_that_is_no_text_is_an_error() -> None:
    """Bytes elsewhere in the file are not looked at."""
    assert parse(b"\xff {{secretctl://a}} \xfe", NAME).sources == (parse_own("a"),)
    with pytest.raises(DeliveryError, match="line 1, column 1 of 'file': a reference is not UTF-8"):
        parse(b"{{secretctl://a\xff}}", NAME)


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("see {{secretctl://}}docs", "see secretctl://docs"),
        ("{{ \tsecretctl:// }}ID#KEY", "secretctl://ID#KEY"),
        ("{{{{secretctl://}}ID}}", "{{secretctl://ID}}"),
        ("{{resolve:}}secretsmanager:ID}}", "{{resolve:secretsmanager:ID}}"),
        ("{{secretctl://}}{{secretctl://}}", "secretctl://secretctl://"),
        ("{{secretctl://}}secretctl://a", "secretctl://VALUE"),
        ("secretctl://a{{secretctl://}}b {{secretctl://a}}}}", "VALUEsecretctl://b VALUE}}"),
    ],
)
def test_the_beginning_of_a_reference_can_be_text(text: str, comes: str) -> None:
    """In braces, with nothing behind it; a reference beside it stays one."""
    template = parse(text.encode(), NAME)
    assert filled(template, [b"VALUE"] * len(template.sources)).decode() == comes


@given(st.text("sr{}: #") | st.text(), st.sampled_from(["{{secretctl://a}}", ""]))
def test_every_text_can_be_written(text: str, reference: str) -> None:
    """Whatever looks like a reference in it, once its beginnings are written so."""
    mixed = text.replace("s", "secretctl://").replace("r", "{{resolve:")
    spelled = mixed.replace("secretctl://", "{{secretctl://}}").replace(
        "{{resolve:", "{{resolve:}}"
    )
    template = parse(f"{spelled}{reference}".encode(), NAME)
    assert filled(template, [b"VALUE"] * len(template.sources)).decode() == mixed + (
        "VALUE" if reference else ""
    )


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=6), st.data())
def test_all_else_is_kept_to_the_byte(pieces: list[bytes], data: st.DataObject) -> None:
    """Line ends, a mark at the beginning, bytes of no encoding; and values are not looked at."""
    given_values = st.binary(max_size=8) | st.just(b"{{secretctl://x}}")
    count = len(pieces) - 1
    values = data.draw(st.lists(given_values, min_size=count, max_size=count))
    template = parse(b"{{secretctl://prod/db#k}}".join(pieces), NAME)
    expected = pieces[0]
    for value, piece in zip(values, pieces[1:], strict=True):
        expected += value + piece
    assert filled(template, values) == expected


def test_what_would_be_too_large_is_refused() -> None:
    """Before it is made."""
    template = Template(NAME, b"ab", ((1, 1), (1, 1)), (KEYED, KEYED))
    half = bytes(LARGEST_RESULT // 2)
    with pytest.raises(DeliveryError, match="would be larger than"):
        filled(template, [half, half])
