"""Values in files; expectations are what aws-cli 2.9.19 was seen to do, where not said."""

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from secretctl.cli import cli_input, paramfile
from secretctl.errors import UsageError

FLAG = "--secret-string"


def refused(value: str) -> UsageError:
    """Return the error that reading *value* ends with, which must come at once."""
    begin = time.monotonic()
    with pytest.raises(UsageError) as caught:
        paramfile.load(FLAG, value, {})
    assert time.monotonic() - begin < 2
    return caught.value


@pytest.mark.parametrize("plain", [b"", b"a\r\nb\n", b"\xef\xbb\xbfx", "é😀\u2028\x00".encode()])
def test_file_is_taken_byte_for_byte(tmp_path: Path, plain: bytes) -> None:
    """Line ends, byte order marks and final newlines are part of a value (unlike in aws)."""
    (tmp_path / "f").write_bytes(plain)
    assert paramfile.load(FLAG, f"fileb://{tmp_path}/f", {}) == plain
    assert paramfile.load(FLAG, f"file://{tmp_path}/f", {}) == plain.decode()


@pytest.mark.parametrize("value", ["", "file:/x", "File://x", "http://x", " file://x", "x"])
def test_other_words_name_no_file(value: str) -> None:
    """Only the two prefixes, as they stand, name files."""
    assert paramfile.load(FLAG, value, {}) is None


def test_home_and_variables_of_the_context_are_expanded(tmp_path: Path) -> None:
    """``~`` and ``$NAME`` come from the given environment; an unknown name stays."""
    (tmp_path / "$f").write_bytes(b"1")
    environ = {"HOME": str(tmp_path), "DIR": str(tmp_path)}
    for path in ("~/$f", "$DIR/$f", "${DIR}/$f"):
        assert paramfile.load(FLAG, f"file://{path}", environ) == "1"


def test_missing_file_is_named_in_aws_words() -> None:
    """The sentence is aws's."""
    assert refused("file:///nonexistent").message == (
        "Error parsing parameter '--secret-string': Unable to load paramfile "
        "file:///nonexistent: [Errno 2] No such file or directory: '/nonexistent'"
    )


def test_value_of_a_variable_is_not_shown() -> None:
    """A path shows as it was typed: a variable in it may hold a secret."""
    with pytest.raises(UsageError) as caught:
        paramfile.load(FLAG, "file://$TOKEN", {"TOKEN": "canary"})
    assert "canary" not in caught.value.message


def test_bytes_that_are_no_text_have_a_way_that_takes_them(tmp_path: Path) -> None:
    """A secret's text goes by --secret-binary, a blob by aws's sentence; else there is no way."""
    (tmp_path / "f").write_bytes(b"\xff\x00canary")
    other_prefix = "please use the fileb:// prefix instead of the file:// prefix"
    for flag, has_prefix, hinted in (
        ("--secret-string", False, True),
        ("--secret-binary", True, True),
        ("--description", False, False),
    ):
        with pytest.raises(UsageError) as caught:
            paramfile.load(flag, f"file://{tmp_path}/f", {})
        assert "could not be decoded" in caught.value.message
        assert (other_prefix in caught.value.message) is has_prefix
        assert bool(caught.value.hints) is hinted
        assert "canary" not in caught.value.message


def test_special_files_are_refused_at_once(tmp_path: Path) -> None:
    """No FIFO, device, folder or loop of links is waited for."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "fifo", Path("/dev/zero"), Path("/dev/null")):
        assert "not a regular file" in refused(f"fileb://{path}").message
    assert "[Errno 21] Is a directory" in refused(f"file://{tmp_path}").message
    assert "Unable to load paramfile" in refused(f"file://{tmp_path}/loop").message
    assert "not a path" in refused("file://a\0b").message


def test_huge_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    """A sparse file of a terabyte costs no more than the limit."""
    with (tmp_path / "f").open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than 1048576 bytes" in refused(f"fileb://{tmp_path}/f").message


def test_own_pipe_may_be_read() -> None:
    """What a shell connects by ``<(...)`` or ``|`` is a pipe of this process."""
    reader, writer = os.pipe()

    def write() -> None:
        os.write(writer, b"value")
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert paramfile.load(FLAG, f"file:///dev/fd/{reader}", {}) == "value"
    finally:
        thread.join()
        os.close(reader)


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/dev/tty"])
def test_value_may_be_typed(path: str) -> None:
    """On a terminal, lines are read until Ctrl-D, as aws reads them."""
    code = (
        "import os, sys; os.login_tty(int(sys.argv[1]));"
        "from secretctl.cli import paramfile;"
        "os.write(int(sys.argv[2]), paramfile.load('--x', 'file://' + sys.argv[3], {}).encode())"
    )
    ours, theirs = os.openpty()
    reader, writer = os.pipe()
    os.write(ours, "first\nsécond\n\x04".encode())
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs), str(writer), path],
        pass_fds=(theirs, writer),
        start_new_session=True,
    )
    os.close(writer)
    try:
        assert os.read(reader, 100).decode() == "first\nsécond\n"
        assert child.wait(20) == 0
    finally:
        child.kill()
        child.wait()
        for descriptor in (ours, theirs, reader):
            os.close(descriptor)


def test_own_device_may_be_read_up_to_the_limit() -> None:
    """Standard input from /dev/null is empty, and from an endless device too long."""
    for device, outcome in (("/dev/null", ""), ("/dev/zero", None)):
        descriptor = os.open(device, os.O_RDONLY)
        try:
            if outcome is None:
                assert "larger than" in refused(f"file:///dev/fd/{descriptor}").message
            else:
                assert paramfile.load(FLAG, f"file:///dev/fd/{descriptor}", {}) == outcome
        finally:
            os.close(descriptor)


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("2020-01-01", dt.date(2020, 1, 1)),
        ("2020-01-01 10:00:00", dt.datetime(2020, 1, 1, 10)),  # noqa: DTZ001 as YAML reads it
        ("2020-01-01T10:00:00Z", dt.datetime(2020, 1, 1, 10, tzinfo=dt.UTC)),
        ("'2020-01-01'", "2020-01-01"),
        ("2020-1-1", "2020-1-1"),
    ],
)
def test_yaml_dates_are_no_text(scalar: str, expected: object) -> None:
    """As with aws, where they are then of an invalid type; quotes make them text."""
    assert cli_input.read("yaml", f"A: {scalar}", {}) == {"A": expected}


def test_yaml_is_read_with_the_core_schema() -> None:
    """What YAML 1.1 would turn into booleans and minutes stays text."""
    text = (
        "A: yes\nB: 12:30\nC: 2026-1-1\nD: true\nE: 012\nF: 0x1F\nG: ~\nH: !!binary aGVsbG8=\n"
        "I: [1, -2, 1.5, 'x']\nJ: ''\nK:\nL: <<\n"
    )
    assert cli_input.read("yaml", text, {}) == {
        "A": "yes",
        "B": "12:30",
        "C": "2026-1-1",
        "D": True,
        "E": 12,
        "F": 31,
        "G": None,
        "H": b"hello",
        "I": [1, -2, 1.5, "x"],
        "J": "",
        "K": None,
        "L": "<<",
    }


BOMB = "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(9))


@pytest.mark.parametrize(
    "text",
    [
        "Name: canary\nName: canary\n",
        "a: {b: canary, b: 1}\n",
        BOMB,
        "a: &anchor canary",
        "!!python/object/apply:os.system ['canary']",
        "a: !canary b",
        "1: canary",
        "? [canary]\n: 1",
        "a: [canary",
        "a: " + "[" * 5000,
        "a: " + "9" * 5000,
        "a: \x01canary",
        "a: !!binary 'canary'",
        "a: !!int canary",
        "a: !!timestamp canary",
        "a: !!merge canary",
        "a: !!bool canary",
        "a: !!float canary",
        "a: !!set {canary}",
        'a: "canary\\ud800"',
        "a: 1\n--- canary\n",
    ],
)
def test_yaml_traps_are_refused(text: str) -> None:
    """Keys twice, anchors, foreign tags and broken text are one error without the text."""
    with pytest.raises(UsageError) as caught:
        cli_input.read("yaml", text, {})
    assert (
        caught.value.message == "Error parsing parameter 'cli-input-yaml': Invalid YAML received."
    )
    assert "canary" not in str(caught.value.hints)


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_input_comes_from_a_file(tmp_path: Path, kind: str) -> None:
    """Both prefixes work for the whole input."""
    (tmp_path / "f").write_text('{"Name": "x"}')
    for prefix in ("file://", "fileb://"):
        assert cli_input.read(kind, f"{prefix}{tmp_path}/f", {}) == {"Name": "x"}


def test_yaml_is_imported_only_when_used() -> None:
    """The library costs a multiple of reading a line."""
    cli_input.read("json", "{}", {})
    assert "yaml" not in vars(paramfile)
    cli_input.read("yaml", "{}", {})
    assert "secretctl.cli.yaml_input" in sys.modules
