"""The value of a secret by itself."""

import io
import json

import pytest

from secretctl.__main__ import main
from tests.conftest import Service, World

ODD = "a\x1b[31m\u202eb\tc\nd"


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def written(world: World, *words: str, terminal: bool = False) -> tuple[int, bytes]:
    """Return the status of a command, and the bytes of its standard output."""
    raw = io.BytesIO()
    stdout = (Terminal if terminal else io.TextIOWrapper)(raw, encoding="latin-1")
    status = main(list(words), world.context._replace(stdout=stdout))
    return status, raw.getvalue()


def test_bytes_go_into_a_pipe_as_they_are(world: World, service: Service) -> None:
    """Text is UTF-8 whatever the locale, binary is itself, and nothing stands behind either."""
    service("CreateSecret", Name="text", SecretString=ODD + "é")
    service("CreateSecret", Name="bytes", SecretBinary=b"\x00\xff\n")
    service("CreateSecret", Name="db", SecretString=json.dumps({"k": "v", "n": 1}))
    assert written(world, "get", "text") == (0, (ODD + "é").encode())
    assert written(world, "get", "-n", "bytes") == (0, b"\x00\xff\n")
    assert written(world, "get", "db#k") == (0, b"v")
    assert written(world, "--region", "us-east-1", "get", "db:n", "--color=off") == (0, b"1")


def test_terminal_sees_nothing_that_steers_it(world: World, service: Service) -> None:
    """Line ends and tabs stay; the line is ended, unless that is not wanted."""
    service("CreateSecret", Name="text", SecretString=ODD)
    shown = b"a\\x1b[31m\\u202eb\tc\nd"
    assert written(world, "get", "text", terminal=True) == (0, shown + b"\n")
    assert written(world, "get", "text", "-n", terminal=True) == (0, shown)


@pytest.mark.parametrize("name", ["a=b", "-n", "help", "--vault"])
def test_any_name_can_be_named(world: World, service: Service, name: str) -> None:
    """NAME= means nothing here, and behind -- no word is an option."""
    service("CreateSecret", Name=name, SecretString="v")
    assert written(world, "get", "--", name) == (0, b"v")


def test_read_that_gave_nothing_is_on_record(world: World, service: Service) -> None:
    """The read is recorded, and that its value did not get out."""
    service("CreateSecret", Name="db", SecretString="{}")
    assert written(world, "get", "db#none") == (252, b"")
    status, found = written(
        world,
        *["audit", "lookup-events", "--lookup-attributes"],
        "AttributeKey=EventName,AttributeValue=GetSecretValue",
    )
    assert status == 0
    assert b"DeliveryError" in found
