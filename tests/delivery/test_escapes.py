"""An escaped value is what the reader of the file finds, whatever stands around it."""

import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretctl.delivery import escape_places, escape_readers
from secretctl.delivery.escape_readers import UnreadableError
from secretctl.delivery.escapes import CHOICES, ESCAPES, by_name, escaped
from secretctl.delivery.references import Source
from secretctl.delivery.templates import filled, parse
from secretctl.errors import DeliveryError

SOURCE = Source(None, "prod/db", "k", None, None)
REF = "{{secretctl://prod/db#k}}"
NAME = "'file'"
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    st.sampled_from("'\"\\$`{}n \n\r\t#!=%;:,&<>|~*]-\x00\x7f\x85\u2028\ufeff\U0001f600u")
)
NO_XML = {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
Read = Callable[[bytes], object]


def written(template: str, form: str, *values: str) -> bytes:
    """Return what comes of *template*, as the command makes it."""
    read = parse(template.encode(), NAME)
    expected = escape_places.check(read, form)
    content = filled(read, [escaped(value, form, SOURCE) for value in values])
    if expected is not None:
        escape_places.verify(read, content, values, expected)
    return content


def of_xml(content: bytes) -> object:
    """Return the attribute, the text and what follows, of a root and its only child."""
    root = ET.fromstring(content)
    return [root.attrib["a"], root.text or "", root[0].tail]


CASES: dict[str, tuple[str, str, Read, Callable[[str], object]]] = {
    "json": ("json", f'{{"a": ["{REF}", "b{REF}c"]}}', json.loads, lambda v: {"a": [v, f"b{v}c"]}),
    "json key": ("json", f'{{"{REF}": 1}}', json.loads, lambda v: {v: 1}),
    "yaml": ("yaml", f'a: "{REF}"\nb: ["{REF}"]\n', yaml.safe_load, lambda v: {"a": v, "b": [v]}),
    "yaml tag": (
        *("yaml", f'a: !!str "{REF}"\nb: ["{REF}", !!int "1"]\n'),
        *(yaml.safe_load, lambda v: {"a": v, "b": [v, 1]}),
    ),
    "yaml lines": (
        "yaml",
        f'a: "x{REF}\n  {REF}y"\n',
        yaml.safe_load,
        lambda v: {"a": f"x{v} {v}y"},
    ),
    "toml": ("toml", f'a = "{REF}"\n', lambda it: tomllib.loads(it.decode()), lambda v: {"a": v}),
    "toml lines": (
        *("toml", f'a = """x{REF}\n{REF}"""\n'),
        *(lambda it: tomllib.loads(it.decode()), lambda v: {"a": f"x{v}\n{v}"}),
    ),
    "xml": (
        *("xml", f"<r a=\"{REF}\" b='{REF}'>{REF}<c/>]]{REF}</r>"),
        *(of_xml, lambda v: [v, v, f"]]{v}"]),
    ),
}


@pytest.mark.parametrize(("form", "template", "read", "meant"), CASES.values(), ids=CASES)
def test_a_reader_finds_the_value(
    form: str, template: str, read: Read, meant: Callable[[str], object]
) -> None:
    """To the character, by the reader that Python has for the type; or it is refused."""

    @settings(deadline=None)
    @given(TEXT)
    @example(" a ")
    @example("\U0010ffff\uffff\ufffe")
    def check(value: str) -> None:
        count = template.count(REF)
        if form == "xml" and not NO_XML.isdisjoint(value):
            with pytest.raises(DeliveryError, match="a character that XML cannot hold"):
                written(template, form, *[value] * count)
            return
        content = written(template, form, *[value] * count)
        assert content.isascii()
        assert read(content) == meant(value)

    check()


@pytest.mark.parametrize("shell", [["dash"], ["bash"], ["bash", "--posix"], ["zsh", "-f"]])
def test_a_shell_finds_the_value(shell: list[str], tmp_path: Path) -> None:
    """As a word, in a word, and as a word of a substitution."""
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not here")
    values = list[str]()

    @settings(database=None, max_examples=300)
    @given(TEXT)
    def collect(value: str) -> None:
        values.append(value)

    collect()
    values = [value for value in dict.fromkeys(values) if "\0" not in value and value]
    lines = f"printf '%s\\0' {REF} \"a$HOME\"{REF}b # it's\n"
    script = tmp_path / "script"
    script.write_bytes(written(lines * len(values), "shell", *[v for v in values for _ in "ab"]))
    environ = {"HOME": "h", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*shell, script], env=environ, capture_output=True, check=True)
    assert done.stderr == b""
    words = done.stdout.decode().split("\0")
    assert words == [word for value in values for word in (value, f"ah{value}b")] + [""]


@pytest.mark.parametrize(
    ("form", "template", "line"),
    [
        ("json", f'{{"a": {REF}}}', ""),
        ("json", f'{{"a": 1}} // {REF}', ""),
        ("json", f'{{"a": "\\{REF}"}}', ""),
        ("yaml", f"a: 1\nb: '{REF}'", "line 2, column 5"),
        ("yaml", "a: secretctl://prod/db#k", "line 1, column 4"),
        ("yaml", f"a: |\n  {REF}", "line 2, column 3"),
        ("yaml", f"a: 1 # {REF}", "line 1, column 8"),
        ("yaml", f'a: "\n{REF}', ""),
        ("yaml", f'a: !!str "{REF}"\nb: !!int "{REF}"', "line 2, column 11"),
        ("yaml", f'a: ! "{REF}"', "line 1, column 7"),
        ("yaml", f'a: !Sub "{REF}"', "line 1, column 10"),
        ("yaml", "a: 1\nb: ]secretctl://prod/db#k", "from line 2 on"),
        ("json", '{\n"a": secretctl://prod/db#k}', "from line 2 on"),
        ("toml", f"a = '{REF}'", "line 1, column 6"),
        ("toml", "a = 1\n# secretctl://prod/db#k", "line 2, column 3"),
        ("toml", "secretctl://prod/db#k = 1", ""),
        ("xml", f"<a><![CDATA[{REF}]]></a>", "line 1, column 13"),
        ("xml", f"<a><!-- {REF} --></a>", "line 1, column 9"),
        ("xml", f"<a><?p {REF}?></a>", "line 1, column 8"),
        ("xml", f"<a{REF}/>", ""),
        ("xml", f'<!DOCTYPE a [<!ENTITY e "{REF}">]><a>&e;</a>', ""),
        ("shell", f"A='{REF}'", "line 1, column 4"),
        ("shell", f'B=\nA="{REF}"', "line 2, column 4"),
        ("shell", f'A="$(echo {REF})"', "line 1, column 11"),
        ("shell", f"A=`echo {REF}`", "line 1, column 9"),
        ("shell", f"A=${{B:-{REF}}}", "line 1, column 8"),
        ("shell", f"A=\\{REF}", "line 1, column 4"),
        ("shell", f"A=${REF}", "line 1, column 4"),
        ("shell", f"A=1 # {REF}", "line 1, column 7"),
        ("shell", f"# {REF}", "line 1, column 3"),
        ("shell", f"a \\\n# it's\n'{REF}'", "line 3, column 2"),
        ("shell", f"cat <<E\n{REF}\nE", "line 2, column 1"),
        ("shell", f"A={REF}\nB=$'it\\'s' C={REF}", "line 2, column 14"),
        ("shell", f"A=${{B#'}} {REF} '", "line 1, column 10"),
        ("shell", f"A=$(( {REF} + 1 ))", "line 1, column 7"),
        ("shell", f"(( A = {REF} ))", "line 1, column 8"),
        ("shell", f"(\\\n( A = {REF} ))", "line 2, column 7"),
        ("shell", f"for ((i={REF};i<1;i++)); do :; done", "line 1, column 9"),
        ("shell", f"a[{REF}]=1", "line 1, column 3"),
        ("shell", f"a[ {REF} ]=1", "line 1, column 4"),
        ("shell", f"a\\\n[ {REF} ]=1", "line 2, column 3"),
        ("shell", f"echo $a[{REF}] ${{a}}[{REF}]", "line 1, column 9"),
        ("shell", f"a=([{REF}]=1)", "line 1, column 5"),
        ("shell", f"a=(b\n[ {REF} ]=1)", "line 2, column 3"),
        ("shell", f"a=\\\n([ {REF} ]=1)", "line 2, column 4"),
        ("shell", f"A=$(b)#'\n{REF}'", "line 2, column 1"),
        ("shell", f"A=$((1))#'\n{REF}'", "line 2, column 1"),
        ("shell", f"echo a >& {REF}", "line 1, column 11"),
        ("shell", f"echo a >>\\\n&2{REF}", "line 2, column 3"),
        ("shell", f"cat <\\\n<E\n{REF}\nE", "line 3, column 1"),
        ("shell", f"A=$\\\n'it\\'s {REF}'", "line 2, column 8"),
    ],
)
def test_a_place_where_the_value_would_be_another_is_refused(
    form: str, template: str, line: str
) -> None:
    """Other quotes, comments, and what is not certain; with line and column, or for the file."""
    read = parse(template.encode(), NAME)
    with pytest.raises(DeliveryError) as raised:
        escape_places.check(read, form)
    said = raised.value.message
    if line.startswith("line"):
        assert said.startswith(f"{line} of {NAME}: here ")
    else:
        assert said.startswith(f"{NAME} cannot be read as {form} {line}".rstrip())


def test_a_shell_text_of_many_kinds_is_understood() -> None:
    """Quotes, comments, substitutions and expansions that say what they are."""
    text = f"""#!/bin/sh
# it's a "comment"
set -eu; DIR=$(cd "$HOME/${{1}}" && pwd) && [ $# -gt 0 ] || exit 1
case $1 in a#b) echo 'it'\\''s';; esac >/dev/null 2>&1 </dev/null
exec >&"$log" 3<&- 4>&$fd; echo >&2
URL=https://{REF}/#x
f() {{ echo "${{URL}} \\" $1"; }}
n=$((n + 1)); for ((i = 0; i < $n; i++)); do a[$i]=[!a-z]; done
a=(x # it's
  {REF} "y"); if [ {REF} = "$a" ] && [[ {REF} ]]; then b[0]={REF}; case x in [[:digit:]]) esac; fi
f {REF}
"""
    assert b"'v'/#x" in written(text, "shell", "v", *"abcdw")


@pytest.mark.parametrize(
    ("form", "value", "reason"),
    [
        *((form, b"\0", "it is binary") for form in ESCAPES if form != "none"),
        *((form, "\ud800", "half of a surrogate pair") for form in ESCAPES),
        ("xml", "\x1b", "a character that XML cannot hold"),
        ("xml", "\uffff", "a character that XML cannot hold"),
        ("shell", "a\0", "a NUL character"),
    ],
)
def test_what_cannot_be_escaped_is_refused(form: str, value: object, reason: str) -> None:
    """With the secret and the reason, without the value."""
    with pytest.raises(DeliveryError) as raised:
        escaped(value, form, SOURCE)
    said = raised.value.message
    assert said.startswith("'prod/db#k' cannot be written" + f" as {form}" * (form != "none"))
    assert reason in said
    assert "\ud800" not in said


def test_what_comes_of_it_is_read_once_more() -> None:
    """A key of YAML has 1024 characters at most, a line end that begins a TOML string is none."""
    template = f'"{REF}": 1\n'
    assert yaml.safe_load(written(template, "yaml", "a" * 1000)) == {"a" * 1000: 1}
    with pytest.raises(DeliveryError, match="would not be read as yaml with the values"):
        written(template, "yaml", "a" * 1100)
    with pytest.raises(DeliveryError, match="would not be read as toml with the values"):
        written(f'a = """{REF}\n"""', "toml", "")


@pytest.mark.parametrize(
    ("form", "template"),
    [
        ("json", f'{{"a": [{{"{REF}": 1, "{REF}": 2}}]}}'),
        ("yaml", f'a: [{{"{REF}": 1, "{REF}": 2}}]'),
        ("yaml", f'[x]: y\nz: {{}}\n"{REF}": &a [b]\n"{REF}": *a'),
    ],
)
def test_a_key_is_there_once(form: str, template: str) -> None:
    """Whether the values or the template itself would have it twice: readers would keep one."""
    assert written(template, form, "v", "w")
    with pytest.raises(DeliveryError, match=f"what comes of {NAME} has a key twice"):
        written(template, form, "v", "v")
    with pytest.raises(DeliveryError, match=f"^{NAME} has a key twice"):
        written(f'{{"a": 1, "a": "{REF}"}}', form, "v")


def test_a_file_of_the_type_in_another_encoding_is_read() -> None:
    """What is put in is ASCII; a mark at the beginning of JSON and YAML is no error."""
    latin = f'<?xml version="1.0" encoding="latin-1"?><a>\xfc{REF}</a>'.encode("latin-1")
    template = parse(latin, NAME)
    assert escape_places.check(template, "xml")
    content = filled(template, [escaped("\u20ac", "xml", SOURCE)])
    assert ET.fromstring(content).text == "\xfc\u20ac"
    for form in ("json", "yaml"):
        assert escape_places.check(parse(f'\ufeff["{REF}"]'.encode(), NAME), form)


@pytest.mark.parametrize("form", escape_readers.LETTERS)
def test_a_deeply_nested_file_is_no_crash(form: str) -> None:
    """It is read or refused."""
    deep = {"xml": ("<a>", "</a>"), "toml": ("[", "]")}.get(form, ("[", "]"))
    begin = "a = " if form == "toml" else ""
    with suppress(UnreadableError):
        escape_readers.strings((begin + deep[0] * 3000 + deep[1] * 3000).encode(), form)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("a.json", "json"),
        ("dir.json/a.YML", "yaml"),
        ("app.yaml.tmpl", "yaml"),
        ("x.toml.in", "toml"),
        ("a.xml.template", "xml"),
        ("a.sh.tpl", "shell"),
        ("a.conf", None),
        ("json", None),
        (".env", None),
    ],
)
def test_the_name_of_a_file_says_its_type(file: str, form: str | None) -> None:
    """By its extension, in front of one that only says that it is a template."""
    assert by_name(file) == form


@pytest.mark.parametrize(
    "text",
    [
        f"A={REF}\n" * 30_000,
        "a" * 1_000_000 + f" {REF}",
        f"'it'\"s $a\"#\n{REF}\n" * 20_000,
        f"'{'a' * 1_000_000}{REF}",
        "{{secretctl://" + " " * 1_000_000,
        ("{{" + " " * 1_000) * 1_000,
    ],
    ids=["references", "word", "quotes", "open quote", "open reference", "braces"],
)
def test_a_large_template_is_read_in_one_go(text: str) -> None:
    """A megabyte takes no longer than a megabyte has to, whatever it is of."""
    begun = time.process_time()
    with suppress(DeliveryError):
        escape_places.check(parse(text.encode(), NAME), "shell")
    assert time.process_time() - begun < 5


def test_the_page_has_every_escape() -> None:
    """What a person may choose is what docs/inject.md explains."""
    page = (Path(__file__).parents[2] / "docs/inject.md").read_text()
    table = page.partition("| `--escape` |")[2].partition("\n\n")[0]
    rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert rows == list(CHOICES)
