"""A home of its own for programs in Python, and a shell there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import secretctl
from secretctl.cli.in_process import in_process
from secretctl.context import CHEAPEST
from secretctl.sdk import SecretsManager
from tests.access.conftest import Account


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in an environment that says no more."""
    for name in os.environ:
        if name.startswith(("SECRETCTL_", "AWS_", "XDG_")):
            monkeypatch.delenv(name)
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(made))
    return made


@pytest.fixture
def shell(home: Path) -> Account:
    """Commands typed by the owner of a vault with one secret, app/db."""
    account = Account(in_process(os.environ)._replace(kdf=CHEAPEST))
    account.must("create-secret", "--name", "app/db", "--secret-string", "canary")
    assert (home / ".local").exists()
    return account


@pytest.fixture
def client(shell: Account) -> Iterator[SecretsManager]:
    """A client of that vault."""
    assert shell.environ == {}, "the owner"
    with secretctl.client("secretsmanager") as made:
        yield made
