"""Fixtures for pytest, which loads this wherever secretctl is installed.

So nothing is imported before a test asks for a fixture.
"""

from __future__ import annotations

import os
import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from secretctl.testing import TemporaryServer, TemporaryVault


@pytest.fixture
def secretctl_vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[TemporaryVault]:
    """A new vault, which commands and clients find by the environment."""
    from secretctl.testing import OURS, temporary_vault

    with temporary_vault() as made:
        for name in [each for each in os.environ if each.startswith(OURS)]:
            monkeypatch.delenv(name)
        for name, text in made.environ.items():
            monkeypatch.setenv(name, text)
        yield made


@pytest.fixture
def secretctl_server(
    secretctl_vault: TemporaryVault, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TemporaryServer]:
    """The new vault at an endpoint, which AWS's SDKs find by the environment."""
    from secretctl.testing import THEIRS, temporary_server

    with temporary_server(secretctl_vault) as made:
        for name in THEIRS:
            monkeypatch.delenv(name, raising=False)
        for name, text in made.environ.items():
            monkeypatch.setenv(name, text)
        usual = _boto3_session(None)
        yield made
        _boto3_session(usual)


def _boto3_session(session: object) -> object:
    """Let ``boto3.client`` be of *session*, or else a new one; return of which it was.

    The one it makes keeps the first credential that it finds: another test's.
    """
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    usual, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    return usual
