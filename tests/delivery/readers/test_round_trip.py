"""What ``export`` writes, ``import`` reads back to the byte, in every format."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import FORMATS, kubernetes, writer
from secretctl.delivery.readers import READERS, reader
from secretctl.errors import DeliveryError
from tests.delivery.formats import values

SMALL = ("k8s", "gitlab")
"""Formats that take no thousands of values."""

VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)


def read(form: str, text: str) -> dict[str, str | bytes]:
    """Return the entries of a file by name."""
    return {entry.name: entry.value for entry in reader(form)(text, "file")}


def written(form: str, variables: Sequence[Variable]) -> str:
    """Return the text in a format; a Secret of Kubernetes has a name."""
    return kubernetes.written(variables, name="x") if form == "k8s" else writer(form)(variables)


def test_every_format_that_is_written_is_read() -> None:
    """None is refused as a whole."""
    assert set(FORMATS) <= set(READERS)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in SMALL])
def test_every_value_that_is_written_is_read_back(form: str) -> None:
    """Some three thousand of them in one file, each mixture of what means something among them."""
    values.check(form, lambda text: read(form, text))  # type: ignore[arg-type, return-value]  # all are text


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@given(found=st.dictionaries(NAME, VALUE, max_size=4))
def test_any_file_that_is_written_is_read_back(form: str, found: dict[str, str]) -> None:
    """Names and values as drawn, in their order."""
    variables = [Variable(name, value, "a secret") for name, value in found.items()]
    try:
        text = written(form, variables)
    except DeliveryError:
        return
    assert list(read(form, text).items()) == list(found.items())


@pytest.mark.parametrize("form", READERS)
@settings(deadline=None)
@given(text=st.text(st.sampled_from("A=b'\"\\\n \t$`{}:[]#,<export set-gx\r"), max_size=60))
def test_whatever_is_no_file_is_refused_and_never_shown(form: str, text: str) -> None:
    """Any text is read or refused, quickly; what is said of it holds no piece of it."""
    said = ""
    try:
        reader(form)(f"A='canary 7b1e'\n{text}", "file")
    except DeliveryError as error:
        said = error.message
    assert "canary" not in said
