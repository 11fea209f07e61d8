"""Plain TOML is read as tomllib reads it, and no other is read."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secretctl.cli.toml_plain import plain

ROOT = Path(__file__).parents[2]
WORD = st.sampled_from(["a", "b", "variables", "A_B-1", "7", "true", '""', '"a b"', "'*'", '"a.b"'])
SPACE = st.sampled_from(["", " ", "\t ", "  "])
SCALAR = st.sampled_from(
    [
        *("true", "false", "0", "7", "12345678901234567", "-1", "+1", "07", "1_0", "1.5", "1e3"),
        *(
            '""',
            '"x"',
            "''",
            "'x\\y'",
            '"#"',
            '"\\n"',
            '"""x"""',
            "'''x'''",
            '"é\u2028"',
            "1979-05-27",
        ),
        *("nan", "0x1f", "tru", "07:32:00", '"', "'", '"a" "b"'),
    ]
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.builds(
            "[{}{}{}]".format,
            SPACE,
            st.lists(inner, max_size=3).map(", ".join),
            st.sampled_from(["", ","]),
        ),
        st.builds(
            "{{{}{}{}}}".format,
            SPACE,
            st.lists(st.builds("{}={}".format, WORD, inner), max_size=3).map(" , ".join),
            st.sampled_from(["", ",", " "]),
        ),
    ),
    max_leaves=6,
)
COMMENT = st.sampled_from(["", "", "# x", " #\t[é]", "#\x01", "#\r", "x"])
HEADER = st.builds(
    "{}[{}{}{}]{}".format,
    SPACE,
    SPACE,
    st.lists(WORD, min_size=1, max_size=3).map(".".join),
    SPACE,
    COMMENT,
)
PAIR = st.builds("{}{}{}={}{}{}".format, SPACE, WORD, SPACE, SPACE, VALUE, COMMENT)
LINE = st.one_of(HEADER, PAIR, PAIR, COMMENT, st.just("[[a]]"), st.just("a.b = 1"))
DOCUMENT = st.lists(LINE, max_size=8).map("\n".join)


def typed(value: object) -> object:
    """Return *value* so that 1 and true differ, and the order of keys counts."""
    if isinstance(value, dict):
        return [(key, typed(each)) for key, each in value.items()]
    return [typed(each) for each in value] if isinstance(value, list) else (type(value), value)


@example("[a]\n[a.b]\n[a]")
@example("a = {}\n[a.b]")
@example("a = {b = {}}\n[a.b.c]")
@example("[a.b]\n[a]\nb = 1")
@example("[a]\nb = 1\n[a.b]")
@example("a = [" + "[" * 2000)
@example("[a.b.c]\n[a.b.d]\nx = 1\n[a.e]")
@example("a = 1 b = 2")
@example("a = \n")
@example("= 1")
@given(DOCUMENT)
def test_what_is_plain_is_read_as_by_tomllib(text: str) -> None:
    """Each document is read to the same tables, in the same order, or not at all."""
    found = plain(text)
    if found is not None:
        assert typed(found) == typed(tomllib.loads(text))


@given(st.text(alphabet="ab=[]{}.,\"'#1 \n\\\té", max_size=40))
def test_any_text_is_read_as_by_tomllib_or_not(text: str) -> None:
    """So is any heap of TOML's own characters."""
    found = plain(text)
    if found is not None:
        assert typed(found) == typed(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n\n",
        'region = "eu-west-1"\n[profile.ci]\nvault = "/srv/ci"\n',
        '[variables]\nURL = "prod/db#url"  # of the database\n[variables.KEY]\nrequired = false\n',
        '[rotation.reads]\n"prod/*" = ["master", \'other\',]\n[a]\nb = {c = 1, d = {}}\n',
    ],
)
def test_usual_documents_are_plain(text: str) -> None:
    """What configurations and manifests mostly hold is read here."""
    assert plain(text) == tomllib.loads(text)


def test_the_manifest_in_the_manual_is_plain() -> None:
    """The example at the top of docs/manifest.md is read without tomllib."""
    page = (ROOT / "docs/manifest.md").read_text()
    lines = [line[4:] for line in page.partition("\n- ")[0].splitlines() if line.startswith("    ")]
    text = "\n".join(lines)
    assert "variables" in tomllib.loads(text)
    assert plain(text) == tomllib.loads(text)
