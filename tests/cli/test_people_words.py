"""Mistakes in the words of commands for people: said as an operation says them, nothing made."""

import io
from pathlib import Path

import pytest

from secretctl.__main__ import main
from tests.conftest import World

WITHOUT_VALUE = {
    "init --vault": "--vault",
    "init --account-id --vault v8": "--account-id",
    "init --key-file --passphrase --vault q2": "--key-file",
    "init --vault --help": "--vault",
    "init --vault -- x": "--vault",
    "init --region --vault q2": "--region",
    "--region us-east-1 fsck --profile --vault=q2": "--profile",
    "unlock-slot add --key-file --vault q2": "--key-file",
    "configure set region --profile": "--profile",
}


def said(line: str, world: World) -> tuple[int, str]:
    """Return the exit status of a command line and what it writes to standard error."""
    stderr = io.StringIO()
    status = main(line.split(), world.context._replace(stderr=stderr))
    return status, stderr.getvalue()


@pytest.mark.parametrize(("line", "option"), WITHOUT_VALUE.items())
def test_option_is_no_value_of_another(
    line: str, option: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option without its value is named, and no file or vault is made of the next word."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    status, text = said(line, world)
    assert status == 252
    assert f"secretctl: error: argument {option}: expected one argument\n" in text
    assert sorted(tmp_path.rglob("*")) == before


def test_value_that_looks_like_an_option_is_joined(world: World) -> None:
    """The way out that the hint names works."""
    status, _ = said(f"init --vault={world.home}/v --key-file={world.home}/--passphrase", world)
    assert status == 0
    assert (world.home / "--passphrase").exists()
